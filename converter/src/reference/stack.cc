// One behaviour sequence.
#include "reference/stack.h"

#include <algorithm>
#include <stdexcept>

namespace augur::reference {

Stack::Stack(const fb::StackT& stack, const Fields& candidate, const Embedding& embedding)
    : stack_(stack), candidate_(candidate), embedding_(embedding) {
  for (const auto& layer : stack.extractor)
    extractor_.emplace_back(*layer, true);
  if (stack.attention != nullptr) attention_.emplace(*stack.attention);
  if (stack.evolution != nullptr) evolution_.emplace(*stack.evolution);
}

Rows Stack::happened(const Rows& history) const {
  if (stack_.mask == fb::MaskRule::Length || history.count == 0) return history;
  const fb::FieldT& field = find_field(stack_.fields, stack_.mask_field);
  const std::vector<Cell>& mask = history.columns.at(column_of(field));
  const bool by_zero = stack_.mask == fb::MaskRule::NonZero;
  const std::size_t padding = by_zero ? 0 : embedding_.table(field).padding_row;
  std::vector<std::size_t> real;
  for (std::size_t row = 0; row < history.count; ++row) {
    if (!embedding_.resolve(field, mask[row], 0).is(padding)) real.push_back(row);
  }
  return pick(history, real);
}

std::size_t Stack::too_old(std::size_t events, std::size_t limit) const {
  std::size_t most = stack_.max_history;
  if (limit != 0) most = std::min(most, limit);
  return events > most ? events - most : 0;
}

Rows Stack::kept(const Rows& history, std::size_t limit) const {
  const Rows all = happened(history);
  const std::size_t gone = too_old(all.count, limit);
  if (stack_.truncation == fb::Truncation::Oldest) return slice(all, 0, all.count - gone);
  return slice(all, gone, all.count - gone);
}

UserPart Stack::streamed_part(const Rows& history, std::size_t limit) const {
  UserPart user = user_part(happened(history));
  const auto gone = static_cast<std::ptrdiff_t>(too_old(user.behaviours.size(), limit));
  user.behaviours.erase(user.behaviours.begin(), user.behaviours.begin() + gone);
  user.interests.erase(user.interests.begin(), user.interests.begin() + gone);
  user.rows = user.behaviours;
  user.evolved = user.rows.size();
  return user;
}

UserPart Stack::user_part(const Rows& kept) const {
  UserPart user;
  for (std::size_t t = 0; t < kept.count; ++t) {
    user.behaviours.push_back(embedding_.embed(stack_.fields, kept, t));
  }
  user.rows = user.behaviours;
  user.evolved = user.rows.size();
  if (stack_.window != nullptr) pad(user);
  const bool first =
      stack_.window != nullptr && stack_.window->reads == fb::WindowRead::FirstEvents;
  user.interests = user.rows;
  if (first) user.interests.resize(user.behaviours.size());
  for (const GruCell& layer : extractor_)
    user.interests = run_gru(layer, user.interests);
  if (first) user.interests.resize(user.rows.size(), Vector(extractor_.back().hidden(), 0.0));
  return user;
}

void Stack::pad(UserPart& user) const {
  const fb::WindowT& window = *stack_.window;
  const std::size_t events = user.behaviours.size();
  const auto at = window.padding == fb::WindowPadding::Before ? user.rows.begin() : user.rows.end();
  user.rows.insert(at, window.length - events, embedding_.padding(stack_.fields));
  user.evolved = window.evolves == fb::WindowRead::FirstEvents ? events : user.rows.size();
  if (window.reads == fb::WindowRead::FirstEvents) user.unweighed = window.length - events;
}

CandidatePart Stack::candidate_part(const UserPart& user, const Rows& candidates,
                                    std::size_t row) const {
  CandidatePart part;
  for (const std::string& name : stack_.query) {
    const fb::FieldT& field = find_field(candidate_, name);
    append(part.embedding,
           embedding_.embed(field, candidates.columns.at(column_of(field)).at(row)));
  }
  if (attention_) {
    part.query = attention_->project(part.embedding);
    part.attention.assign(user.unweighed, 0.0);
    append(part.attention,
           attention_->weights(
               part.query, {user.interests.begin() + static_cast<std::ptrdiff_t>(user.unweighed),
                            user.interests.end()}));
  }
  part.result = result(user, part.attention);
  return part;
}

Vector Stack::pooled(const UserPart& user, bool mean, std::size_t padded_length) const {
  Vector sum(embedding_.padding(stack_.fields).size(), 0.0);
  for (const Vector& behaviour : user.behaviours)
    add(sum, behaviour);
  std::size_t count = user.behaviours.size();
  for (; count < padded_length; ++count)
    add(sum, embedding_.padding(stack_.fields));
  return mean && count > 0 ? scaled(1.0 / static_cast<double>(count), sum) : sum;
}

Vector Stack::result(const UserPart& user, const Vector& attention) const {
  const VectorSequence& outputs = user.interests;
  const bool mean = stack_.result == fb::ResultKind::MeanPool;
  Vector sum(
      extractor_.empty() ? embedding_.padding(stack_.fields).size() : extractor_.back().hidden(),
      0.0);
  switch (stack_.result) {
    case fb::ResultKind::LastState:
      return outputs.empty() ? sum : outputs.back();
    case fb::ResultKind::SumPool:
    case fb::ResultKind::MeanPool:
      if (extractor_.empty()) {
        UserPart all;
        all.behaviours = user.rows;
        return pooled(all, mean, stack_.padded_length);
      }
      for (const Vector& output : outputs)
        add(sum, output);
      return mean && !outputs.empty() ? scaled(1.0 / static_cast<double>(outputs.size()), sum)
                                      : sum;
    case fb::ResultKind::AttentionPool:
      for (std::size_t t = 0; t < outputs.size(); ++t)
        add(sum, scaled(attention.at(t), outputs[t]));
      return sum;
    case fb::ResultKind::Evolution:
      return evolution_.value().run(
          {outputs.begin(), outputs.begin() + static_cast<std::ptrdiff_t>(user.evolved)},
          attention);
  }
  throw std::invalid_argument("unknown result kind");
}

}  // namespace augur::reference
