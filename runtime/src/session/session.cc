// Session: checks the app's input, keeps it, and ranks candidates tile by tile.
#include "session/session.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "network/head.h"
#include "session/top_k.h"

namespace augur {
namespace {

// Ids kept of one field in one row, unless the options give another number.
constexpr std::size_t kKeptIds = 16;

// Called after an error: the tiles before the one that failed may have been written.
void fill_with_nan(float* values, std::size_t count) {
  for (std::size_t i = 0; values != nullptr && i < count; ++i)
    values[i] = std::numeric_limits<float>::quiet_NaN();
}

std::size_t most_fields(const Model& model) {
  std::size_t most = std::max(model.features.fields.size(), model.candidate.fields.size());
  for (const Sequence& sequence : model.sequences)
    most = std::max(most, sequence.fields.fields.size());
  return most;
}

// The rows of a buffer, for the network.
InputRows rows_of(HistoryBuffer* buffer) {
  const auto embed = [](void* source, std::size_t row, float* out) {
    static_cast<const HistoryBuffer*>(source)->embed(row, out);
    return AUGUR_OK;
  };
  return {buffer, buffer->size(), embed};
}

}  // namespace

augur_status Session::create(const Model& model, const augur_session_options& options, Arena& arena,
                             Fault& error) {
  model_ = &model;
  network_ = &network_of(model);
  const bool stream = options.streaming != 0;
  std::size_t widest = 0;
  for (const Sequence& sequence : model.sequences) {
    widest = std::max<std::size_t>(widest, sequence.fields.width);
    if (!stream || (!sequence.keeps_oldest && sequence.window.length == 0)) continue;
    return error.fail(AUGUR_INVALID_ARGUMENT,
                      "streaming is set, but stack '%s' %s; create the session without it",
                      sequence.name,
                      sequence.keeps_oldest ? "keeps its oldest events" : "pads them to a window");
  }
  AUGUR_TRY(columns_.create(most_fields(model), arena, error));
  AUGUR_TRY(plan_user(model, options.max_history, stream, arena, error, &user_));
  if (stream) event_ = arena.reserve(1, widest);
  AUGUR_TRY(ranking_.create(model, user_, columns_, options, arena, error));
  const std::size_t max_ids_per_event =
      options.max_ids_per_event == 0 ? kKeptIds : options.max_ids_per_event;
  AUGUR_TRY(features_.create(model.features, 1, max_ids_per_event, arena, error));
  const std::size_t sequences = model.sequences.size();
  histories_ = arena.array<HistoryBuffer>(sequences);
  history_rows_ = arena.array<InputRows>(sequences);
  if (histories_.size() != sequences || history_rows_.size() != sequences)
    return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  for (std::size_t s = 0; s < sequences; ++s) {
    AUGUR_TRY(histories_[s].create(model.sequences[s].fields, user_.sequences[s].max_events,
                                   max_ids_per_event, arena, error));
  }
  if (arena.failed()) return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  if (!arena.measuring()) clear();
  return AUGUR_OK;
}

void Session::warm_up() {
  constexpr std::size_t kEvents = 2;
  for (std::size_t s = 0; s < histories_.size(); ++s)
    history_rows_[s] = zero_rows(std::min(user_.sequences[s].max_events, kEvents));
  Fault error;
  (void)network_->forward_user(*model_, zero_rows(1), history_rows_.data(), &user_, error);
  ranking_.warm_up();
  forget_user(&user_);
}

augur_status Session::find_sequence(const char* name, std::size_t* sequence) {
  const Span<Sequence>& sequences = model_->sequences;
  if (name == nullptr) {
    *sequence = 0;
    if (sequences.size() == 1) return AUGUR_OK;
    return error_.fail(AUGUR_NOT_FOUND, "the model has %zu stacks, so the call must name one",
                       sequences.size());
  }
  for (*sequence = 0; *sequence < sequences.size(); ++*sequence) {
    if (std::strcmp(sequences[*sequence].name, name) == 0) return AUGUR_OK;
  }
  return error_.fail(AUGUR_NOT_FOUND, "the model has no stack '%s'", name);
}

augur_status Session::set_feature(const augur_column* feature) {
  if (feature == nullptr) return error_.fail(AUGUR_INVALID_ARGUMENT, "feature is NULL");
  AUGUR_TRY(columns_.bind_one(model_->features, *feature, error_));
  for (std::size_t f = 0; f < model_->features.fields.size(); ++f) {
    if (columns_.given(f)) features_.set_field(0, f, columns_);
  }
  user_.features_current = false;
  return AUGUR_OK;
}

augur_status Session::put_events(const char* sequence_name, const augur_column* columns,
                                 std::size_t column_count, std::size_t events, bool replace) {
  std::size_t s = 0;
  AUGUR_TRY(find_sequence(sequence_name, &s));
  const FieldGroup& fields = histories_[s].group();
  AUGUR_TRY(columns_.bind(fields, columns, column_count, events, Checks::kKeys, error_));
  std::size_t counted = 0;
  for (; columns_.row() < columns_.rows(); columns_.next()) {
    if (is_masked(s)) continue;
    ++counted;
    if (!user_.stream) continue;
    // A stream computes its events one after another and must not fail halfway, so their embeddings
    // are checked first.
    AUGUR_TRY(columns_.embed(event_));
    AUGUR_TRY(check_embedded(event_, fields.width, fields.description, error_));
  }
  columns_.rewind();
  if (replace) {
    histories_[s].clear();
    forget_history(&user_.sequences[s]);
  }
  return push_events(s, counted);
}

bool Session::is_masked(std::size_t s) const {
  const Sequence& sequence = model_->sequences[s];
  if (sequence.mask_field == nullptr) return false;
  ResolvedId resolved;
  return resolve(*sequence.mask_field, columns_.id(sequence.mask_index(), 0), &resolved) &&
         resolved.is(sequence.masked_row);
}

bool Session::is_masked(std::size_t s, const HistoryBuffer& history) const {
  const Sequence& sequence = model_->sequences[s];
  return sequence.mask_field != nullptr &&
         history.row_of_id(history.size() - 1, sequence.mask_index()).is(sequence.masked_row);
}

augur_status Session::push_events(std::size_t s, std::size_t events) {
  HistoryBuffer& history = histories_[s];
  SequenceState* state = &user_.sequences[s];
  const std::size_t capacity = history.capacity();
  if (model_->sequences[s].keeps_oldest) events = std::min(events, capacity - history.size());
  // Events that would be dropped at once are skipped, except in a stream: its states depend on all
  // events.
  std::size_t too_old = events > capacity && !user_.stream ? events - capacity : 0;
  std::size_t left = events - too_old;
  std::size_t room = 0;
  if (left == 0) extend_history(0, state);
  for (; left + room > 0 && columns_.row() < columns_.rows(); columns_.next()) {
    if (is_masked(s)) continue;
    if (too_old > 0) {
      --too_old;
      continue;
    }
    if (room == 0) {
      room = std::min(left, capacity);
      left -= room;
      // This can fail only for a restored event, because put_events() has checked the new ones.
      // Nothing has changed by then.
      AUGUR_TRY(compute_before_dropping(s, room));
      extend_history(history.make_room(room), state);
    }
    history.push(columns_);
    --room;
  }
  return AUGUR_OK;
}

// In a stream, every event must be computed before it is dropped.
augur_status Session::compute_before_dropping(std::size_t s, std::size_t events) {
  HistoryBuffer& history = histories_[s];
  const std::size_t all = history.size() + events;
  const std::size_t dropped = all > history.capacity() ? all - history.capacity() : 0;
  if (!user_.stream || dropped <= user_.sequences[s].cached.count) return AUGUR_OK;
  return network_->forward_sequence(*model_, s, rows_of(&history), &user_, error_);
}

augur_status Session::set_history(const char* sequence_name, const augur_column* columns,
                                  std::size_t column_count, std::size_t events) {
  return put_events(sequence_name, columns, column_count, events, true);
}

augur_status Session::append(const char* sequence_name, const augur_column* columns,
                             std::size_t column_count, std::size_t events) {
  return put_events(sequence_name, columns, column_count, events, false);
}

void Session::clear() {
  features_.clear();
  features_.push_empty();
  for (HistoryBuffer& history : histories_)
    history.clear();
  forget_user(&user_);
}

std::size_t Session::history_length(const char* sequence_name) const {
  const Span<Sequence>& sequences = model_->sequences;
  for (std::size_t s = 0; s < sequences.size(); ++s) {
    if (sequence_name == nullptr ? sequences.size() == 1
                                 : std::strcmp(sequences[s].name, sequence_name) == 0)
      return histories_[s].size();
  }
  return 0;
}

augur_status Session::forward_user_part() {
  for (std::size_t s = 0; s < histories_.size(); ++s)
    history_rows_[s] = rows_of(&histories_[s]);
  AUGUR_TRY(
      network_->forward_user(*model_, rows_of(&features_), history_rows_.data(), &user_, error_));
  return ranking_.check_cancelled(error_);
}

augur_status Session::bind_candidates(const augur_column* columns, std::size_t column_count,
                                      std::size_t candidates, const augur_each_options* each) {
  ranking_.begin_call();
  return columns_.bind(model_->candidate, columns, column_count, candidates,
                       each == nullptr ? Checks::kValues : Checks::kShapes, error_);
}

augur_status Session::score(const augur_each_options* each, Ranking::Take take, void* outputs) {
  const Unusable unusable = each == nullptr ? Unusable::kFails : Unusable::kReported;
  augur_status status = forward_user_part();
  if (status == AUGUR_OK) status = ranking_.score(unusable, take, outputs, error_);
  if (status != AUGUR_OK && each != nullptr && each->statuses != nullptr)
    std::fill_n(each->statuses, columns_.rows(), status);
  return status;
}

augur_status Session::rank(const augur_column* columns, std::size_t column_count,
                           std::size_t candidates, float* scores, float* logits,
                           const augur_each_options* each) {
  AUGUR_TRY(bind_candidates(columns, column_count, candidates, each));
  struct Outputs {
    float* scores;
    float* logits;
    augur_status* statuses;
    const Model& model;
  } outputs = {scores, logits, each == nullptr ? nullptr : each->statuses, *model_};
  const auto take = [](void* to, const ScoredRows& rows) {
    const auto& out = *static_cast<const Outputs*>(to);
    for (std::size_t i = 0; i < rows.count; ++i) {
      const std::size_t row = rows.first + i;
      const float logit = rows.logits[i];
      // score_of() would make a score of not-a-number.
      const bool usable = rows.statuses[i] == AUGUR_OK;
      if (out.scores != nullptr) out.scores[row] = usable ? score_of(out.model, logit) : logit;
      if (out.logits != nullptr) out.logits[row] = logit;
      if (out.statuses != nullptr) out.statuses[row] = rows.statuses[i];
    }
  };
  const augur_status status = score(each, take, &outputs);
  if (status == AUGUR_OK) return AUGUR_OK;
  fill_with_nan(scores, candidates);
  fill_with_nan(logits, candidates);
  return status;
}

augur_status Session::rank_top_k(const augur_column* columns, std::size_t column_count,
                                 std::size_t candidates, std::size_t k, std::size_t* indices,
                                 float* scores, std::size_t* count,
                                 const augur_each_options* each) {
  if (count == nullptr) return error_.fail(AUGUR_INVALID_ARGUMENT, "count is NULL");
  *count = 0;
  if (k > 0 && (indices == nullptr || scores == nullptr)) {
    return error_.fail(AUGUR_INVALID_ARGUMENT, "indices or scores is NULL");
  }
  AUGUR_TRY(bind_candidates(columns, column_count, candidates, each));
  struct Outputs {
    TopK best;
    augur_status* statuses;
  } outputs = {TopK(k, indices, scores), each == nullptr ? nullptr : each->statuses};
  const auto take = [](void* to, const ScoredRows& rows) {
    auto& out = *static_cast<Outputs*>(to);
    for (std::size_t i = 0; i < rows.count; ++i) {
      if (rows.statuses[i] == AUGUR_OK) out.best.offer(rows.first + i, rows.logits[i]);
      if (out.statuses != nullptr) out.statuses[rows.first + i] = rows.statuses[i];
    }
  };
  AUGUR_TRY(score(each, take, &outputs));
  *count = outputs.best.sort();
  for (std::size_t i = 0; i < *count; ++i)
    scores[i] = score_of(*model_, scores[i]);
  return AUGUR_OK;
}

augur_status Session::explain(const char* sequence_name, const augur_column* columns,
                              std::size_t column_count, std::size_t candidates, std::size_t row,
                              float* weights, std::size_t room, std::size_t* count) {
  if (count == nullptr) return error_.fail(AUGUR_INVALID_ARGUMENT, "count is NULL");
  *count = 0;
  std::size_t s = 0;
  AUGUR_TRY(find_sequence(sequence_name, &s));
  if (model_->sequences[s].attention == nullptr) {
    return error_.fail(AUGUR_NOT_FOUND, "stack '%s' has no attention", model_->sequences[s].name);
  }
  if (row >= candidates) {
    return error_.fail(AUGUR_INVALID_ARGUMENT, "row is %zu, there are %zu candidates", row,
                       candidates);
  }
  const std::size_t steps = histories_[s].size();
  if (room < steps || (weights == nullptr && steps > 0)) {
    return error_.fail(AUGUR_INVALID_ARGUMENT, "room for %zu weights, the history has %zu events",
                       room, steps);
  }
  AUGUR_TRY(bind_candidates(columns, column_count, candidates, nullptr));
  AUGUR_TRY(forward_user_part());
  AttentionWeights found;
  AUGUR_TRY(ranking_.attend(row, s, &found, error_));
  const std::size_t first = user_.sequences[s].first_event_step;
  for (std::size_t t = 0; t < steps; ++t)
    weights[t] = found.data[(first + t) * found.stride];
  *count = steps;
  return AUGUR_OK;
}

}  // namespace augur
