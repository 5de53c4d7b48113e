// Answers requests with one session; see scorer.h.
#include "requests/scorer.h"

#include <chrono>

#include "error.h"

namespace augur::requests {

Scorer::Scorer(const augur_model& model, const ModelFields& fields) : fields_(&fields) {
  augur_error error = {};
  error.struct_size = sizeof error;
  const augur_status status = augur_session_create(&model, nullptr, nullptr, 0, &session_, &error);
  if (status != AUGUR_OK) {
    throw Error(std::string("a session cannot be made: ") + error.message + " (" +
                augur_status_name(status) + ")");
  }
}

Scorer::~Scorer() {
  augur_session_destroy(session_);
}

void Scorer::check(augur_status status, const Request& request) const {
  if (status == AUGUR_OK) return;
  throw Error(request.where + ": request " + augur::quoted(request.id) + ": " +
              augur_session_error(session_) + " (" + augur_status_name(status) + ")");
}

void Scorer::rank(const Request& request, Answer& answer) {
  answer.id = request.id;
  answer.indices.clear();
  answer.best_only = false;
  answer.attention.clear();
  const size_t candidates = request.candidates.row_count();
  answer.scores.resize(candidates);
  answer.logits.resize(candidates);
  const auto begin = std::chrono::steady_clock::now();
  check(augur_session_clear(session_), request);
  for (const augur_column& feature : request.features.columns()) {
    check(augur_session_set_feature(session_, &feature), request);
  }
  for (size_t s = 0; s < request.histories.size(); ++s) {
    const ColumnSet& history = request.histories[s];
    check(augur_session_set_history(session_, fields_->stack_names[s].c_str(),
                                    history.columns().data(), history.columns().size(),
                                    history.row_count()),
          request);
  }
  const std::vector<augur_column>& columns = request.candidates.columns();
  check(augur_rank(session_, columns.data(), columns.size(), candidates, answer.scores.data(),
                   answer.logits.data()),
        request);
  seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void Scorer::explain(const Request& request, Answer& answer) {
  RowCursor candidate(request.candidates);
  for (const std::string& stack : fields_->stack_names) {
    const size_t events = augur_session_history_length(session_, stack.c_str());
    StackAttention attention{stack, std::vector<std::vector<float>>(answer.scores.size())};
    bool has_attention = true;
    for (size_t i = 0; i < answer.scores.size() && has_attention; ++i) {
      candidate.move_to(answer.best_only ? answer.indices[i] : i);
      std::vector<float>& weights = attention.weights[i];
      weights.resize(events);
      size_t count = 0;
      const augur_status status =
          augur_explain(session_, stack.c_str(), candidate.columns().data(),
                        candidate.columns().size(), 1, 0, weights.data(), events, &count);
      has_attention = status != AUGUR_NOT_FOUND;
      if (has_attention) check(status, request);
    }
    if (has_attention) answer.attention.push_back(std::move(attention));
  }
}

}  // namespace augur::requests
