// The whole network.
#include "reference/network.h"

#include <stdexcept>

namespace augur::reference {

// One candidate on its way into the head.
struct Network::Context {
  const Request& request;
  std::size_t row;
  const std::vector<UserPart>& users;
  const std::vector<CandidatePart>& stacks;
};

Network::Network(const fb::ModelT& model, const Vocabularies& vocabularies)
    : model_(model),
      embedding_(model.tables, vocabularies),
      head_(dense_layers(model.head->layers)) {
  for (const auto& stack : model.stacks)
    stacks_.emplace_back(*stack, model.candidate, embedding_);
}

std::vector<UserPart> Network::user_parts(const Request& request, std::size_t max_history) const {
  std::vector<UserPart> users;
  for (std::size_t s = 0; s < stacks_.size(); ++s) {
    users.push_back(stacks_[s].user_part(stacks_[s].kept(events(request, s), max_history)));
  }
  return users;
}

const Rows& Network::events(const Request& request, std::size_t stack) const {
  static const Rows none;
  const auto history = request.histories.find(model_.stacks[stack]->name);
  return history == request.histories.end() ? none : history->second;
}

std::vector<Trace> Network::score(const Request& request, std::size_t max_history) const {
  return score(request, user_parts(request, max_history));
}

std::vector<Trace> Network::score_stream(const Request& request, std::size_t max_history) const {
  std::vector<UserPart> users;
  for (std::size_t s = 0; s < stacks_.size(); ++s)
    users.push_back(stacks_[s].streamed_part(events(request, s), max_history));
  return score(request, users);
}

std::vector<Trace> Network::score(const Request& request,
                                  const std::vector<UserPart>& users) const {
  std::vector<Trace> traces;
  for (std::size_t row = 0; row < request.candidates.count; ++row) {
    Trace trace;
    for (std::size_t s = 0; s < stacks_.size(); ++s) {
      trace.stacks.push_back(stacks_[s].candidate_part(users[s], request.candidates, row));
    }
    const Context context{request, row, users, trace.stacks};
    for (const auto& slot : model_.head->slots) {
      Vector part = source(*slot->source, context);
      if (slot->times != nullptr) part = times(part, source(*slot->times, context));
      append(trace.head_input, part);
    }
    Vector x = trace.head_input;
    for (const Dense& layer : head_) {
      x = layer(x);
      trace.head_layers.push_back(x);
    }
    trace.logit = x.at(0);
    if (model_.calibration != nullptr) {
      trace.logit = model_.calibration->scale * trace.logit + model_.calibration->offset;
    }
    const bool identity = model_.output == fb::OutputKind::Identity;
    trace.score = identity ? trace.logit : sigmoid(trace.logit);
    traces.push_back(trace);
  }
  return traces;
}

Vector Network::source(const fb::SourceT& source, const Context& context) const {
  switch (source.kind) {
    case fb::SourceKind::Feature: {
      const fb::FieldT& field = find_field(model_.features, source.name);
      return embedding_.embed(field, cell_or_zero(field, context.request.features, 0));
    }
    case fb::SourceKind::Candidate: {
      const Rows& candidates = context.request.candidates;
      const fb::FieldT& field = find_field(model_.candidate, source.name);
      return embedding_.embed(field, candidates.columns.at(column_of(field)).at(context.row));
    }
    case fb::SourceKind::Query:
      return context.stacks[stack_index(source.name)].embedding;
    case fb::SourceKind::ProjectedQuery:
      return context.stacks[stack_index(source.name)].query;
    case fb::SourceKind::Result:
      return context.stacks[stack_index(source.name)].result;
    case fb::SourceKind::Pooled: {
      const std::size_t s = stack_index(source.name);
      const bool mean = source.pooling == fb::Pooling::Mean;
      return stacks_[s].pooled(context.users[s], mean, source.padded_length);
    }
  }
  throw std::invalid_argument("unknown source kind");
}

std::size_t Network::stack_index(const std::string& name) const {
  for (std::size_t s = 0; s < model_.stacks.size(); ++s) {
    if (model_.stacks[s]->name == name) return s;
  }
  throw std::invalid_argument("no stack " + name);
}

}  // namespace augur::reference
