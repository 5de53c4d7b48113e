// Session: checks the app's input, keeps it, and ranks candidates tile by tile.
#include "session/session.h"

#include <cstring>
#include <limits>

namespace augur {
namespace {

// Of a row and field, unless the options say how many.
constexpr std::size_t kKeptIds = 16;

// Higher logits first; of equal ones the lower index.
bool ranks_before(float logit_a, std::size_t index_a, float logit_b, std::size_t index_b) {
  return logit_a != logit_b ? logit_a > logit_b : index_a < index_b;
}

// Tiles may have been written before the one that failed.
void fill_with_nan(float* values, std::size_t count) {
  for (std::size_t i = 0; values != nullptr && i < count; ++i)
    values[i] = std::numeric_limits<float>::quiet_NaN();
}

// A heap of the best k, the worst of them on top, in the caller's two arrays. Logits are finite.
class BestK {
 public:
  BestK(std::size_t k, std::size_t* indices, float* logits)
      : k_(k), indices_(indices), logits_(logits) {}

  void offer(std::size_t index, float logit) {
    if (size_ < k_) {
      place(size_++, index, logit);
      for (std::size_t i = size_ - 1; i > 0 && worse(i, (i - 1) / 2); i = (i - 1) / 2)
        exchange(i, (i - 1) / 2);
    } else if (k_ > 0 && ranks_before(logit, index, logits_[0], indices_[0])) {
      place(0, index, logit);
      sink(size_);
    }
  }

  // Best first.
  std::size_t sort() {
    for (std::size_t last = size_; last > 1; --last) {
      exchange(0, last - 1);
      sink(last - 1);
    }
    return size_;
  }

 private:
  bool worse(std::size_t i, std::size_t j) const {
    return ranks_before(logits_[j], indices_[j], logits_[i], indices_[i]);
  }
  void place(std::size_t i, std::size_t index, float logit) {
    indices_[i] = index;
    logits_[i] = logit;
  }
  void exchange(std::size_t i, std::size_t j) {
    const std::size_t index = indices_[i];
    const float logit = logits_[i];
    place(i, indices_[j], logits_[j]);
    place(j, index, logit);
  }
  void sink(std::size_t size) {
    for (std::size_t i = 0;;) {
      std::size_t top = i;
      for (const std::size_t child : {2 * i + 1, 2 * i + 2}) {
        if (child < size && worse(child, top)) top = child;
      }
      if (top == i) return;
      exchange(i, top);
      i = top;
    }
  }

  std::size_t k_;
  std::size_t size_ = 0;
  std::size_t* indices_;
  float* logits_;
};

std::size_t widest_group(const Network& network) {
  std::size_t widest = network.features.fields.size;
  if (network.candidate.fields.size > widest) widest = network.candidate.fields.size;
  for (const Stack& stack : network.stacks) {
    if (stack.fields().fields.size > widest) widest = stack.fields().fields.size;
  }
  return widest;
}

}  // namespace

augur_status Session::create(const Model& model, const augur_session_options& options, Arena& arena,
                             Fault& error) {
  model_ = &model;
  streaming_ = options.streaming != 0;
  const Network& network = model.network;
  for (const Stack& stack : network.stacks) {
    if (!streaming_ || (!stack.keeps_oldest() && stack.window().length == 0)) continue;
    return error.fail(AUGUR_INVALID_ARGUMENT,
                      "streaming is set, but stack '%s' %s; create the session without it",
                      stack.name(),
                      stack.keeps_oldest() ? "keeps its oldest events" : "pads them to a window");
  }
  AUGUR_TRY(columns_.create(widest_group(network), arena, error));
  AUGUR_TRY(user_.create(network, options.max_history, streaming_, arena, error));
  AUGUR_TRY(ranking_.create(network, user_, columns_, options, arena, error));
  const std::size_t max_ids = options.max_ids == 0 ? kKeptIds : options.max_ids;
  AUGUR_TRY(features_.create(network.features, 1, max_ids, arena, error));
  histories_ = arena.array<Records>(network.stacks.size);
  if (histories_.size != network.stacks.size)
    return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  for (std::size_t s = 0; s < histories_.size; ++s) {
    AUGUR_TRY(histories_[s].create(network.stacks[s].fields(), user_.max_history(s), max_ids, arena,
                                   error));
  }
  if (arena.failed()) return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  if (!arena.measuring()) clear();
  return AUGUR_OK;
}

augur_status Session::find_stack(const char* name, std::size_t* stack) {
  const Span<Stack>& stacks = model_->network.stacks;
  if (name == nullptr) {
    *stack = 0;
    if (stacks.size == 1) return AUGUR_OK;
    return error_.fail(AUGUR_NOT_FOUND, "the model has %zu stacks; name the one that is meant",
                       stacks.size);
  }
  for (*stack = 0; *stack < stacks.size; ++*stack) {
    if (std::strcmp(stacks[*stack].name(), name) == 0) return AUGUR_OK;
  }
  return error_.fail(AUGUR_NOT_FOUND, "the model has no stack '%s'", name);
}

augur_status Session::set_feature(const augur_column* feature) {
  if (feature == nullptr) return error_.fail(AUGUR_INVALID_ARGUMENT, "feature is NULL");
  std::size_t field = 0;
  AUGUR_TRY(columns_.bind_field(model_->network.features, *feature, &field, error_));
  features_.set_field(0, field, columns_.values(field));
  user_.features_changed();
  return AUGUR_OK;
}

augur_status Session::put_events(const char* stack, const augur_column* columns,
                                 std::size_t column_count, std::size_t events, bool replace) {
  std::size_t s = 0;
  AUGUR_TRY(find_stack(stack, &s));
  AUGUR_TRY(columns_.bind(histories_[s].group(), columns, column_count, events, error_));
  std::size_t happened = 0;
  for (; columns_.row() < columns_.rows(); columns_.next()) {
    if (!event_happened(s)) continue;
    ++happened;
    // Computing them cannot fail halfway then.
    if (streaming_) AUGUR_TRY(user_.check_event(s, columns_, error_));
  }
  columns_.rewind();
  if (replace) {
    histories_[s].clear();
    user_.history_changed(s);
  }
  return push_events(s, happened);
}

bool Session::event_happened(std::size_t s) const {
  const Stack& stack = model_->network.stacks[s];
  const Field* mask = stack.mask_field();
  if (mask == nullptr) return true;
  const auto field = static_cast<std::size_t>(mask - histories_[s].group().fields.data);
  return !stack.drops(columns_.values(field).ids[0]);
}

// `events`: how many of the columns' rows happened.
augur_status Session::push_events(std::size_t s, std::size_t events) {
  Records& history = histories_[s];
  const Stack& stack = model_->network.stacks[s];
  // Those that would go at once need not come, unless the states of a stream depend on them.
  const std::size_t capacity = history.capacity();
  if (stack.keeps_oldest() && events > capacity - history.size())
    events = capacity - history.size();
  std::size_t too_old = events > capacity && !streaming_ ? events - capacity : 0;
  std::size_t left = events - too_old;
  std::size_t room = 0;
  if (left == 0) user_.history_appended(s, 0);
  for (; left + room > 0 && columns_.row() < columns_.rows(); columns_.next()) {
    if (!event_happened(s)) continue;
    if (too_old > 0) {
      --too_old;
      continue;
    }
    if (room == 0) {
      room = left < capacity ? left : capacity;
      left -= room;
      // Fails only for a restored event, and so before anything has changed: put_events() has
      // checked the others.
      AUGUR_TRY(user_.before_append(s, history, room, error_));
      user_.history_appended(s, history.make_room(room));
    }
    history.push(columns_);
    --room;
  }
  return AUGUR_OK;
}

augur_status Session::set_history(const char* stack, const augur_column* columns,
                                  std::size_t column_count, std::size_t events) {
  return put_events(stack, columns, column_count, events, true);
}

augur_status Session::append(const char* stack, const augur_column* columns,
                             std::size_t column_count, std::size_t events) {
  return put_events(stack, columns, column_count, events, false);
}

void Session::clear() {
  features_.clear();
  features_.push_zeros();
  user_.features_changed();
  for (std::size_t s = 0; s < histories_.size; ++s) {
    histories_[s].clear();
    user_.history_changed(s);
  }
}

std::size_t Session::history_length(const char* stack) const {
  const Span<Stack>& stacks = model_->network.stacks;
  for (std::size_t s = 0; s < stacks.size; ++s) {
    if (stack == nullptr ? stacks.size == 1 : std::strcmp(stacks[s].name(), stack) == 0)
      return histories_[s].size();
  }
  return 0;
}

augur_status Session::rank(const augur_column* columns, std::size_t column_count,
                           std::size_t candidates, float* scores, float* logits) {
  AUGUR_TRY(columns_.bind(model_->network.candidate, columns, column_count, candidates, error_));
  struct Outputs {
    float* scores;
    float* logits;
    const Network& network;
  } outputs = {scores, logits, model_->network};
  const auto take = [](void* to, std::size_t first, const float* piece, std::size_t rows) {
    const auto& out = *static_cast<const Outputs*>(to);
    if (out.logits != nullptr) std::memcpy(out.logits + first, piece, rows * sizeof(float));
    for (std::size_t row = 0; out.scores != nullptr && row < rows; ++row)
      out.scores[first + row] = out.network.score_of(piece[row]);
  };
  const augur_status status = score(take, &outputs);
  if (status == AUGUR_OK) return AUGUR_OK;
  fill_with_nan(scores, candidates);
  fill_with_nan(logits, candidates);
  return status;
}

augur_status Session::score(Ranking::Take take, void* outputs) {
  AUGUR_TRY(user_.prepare(features_, histories_.data, error_));
  return ranking_.score(take, outputs, error_);
}

augur_status Session::rank_top_k(const augur_column* columns, std::size_t column_count,
                                 std::size_t candidates, std::size_t k, std::size_t* indices,
                                 float* scores, std::size_t* count) {
  if (count == nullptr) return error_.fail(AUGUR_INVALID_ARGUMENT, "count is NULL");
  *count = 0;
  if (k > 0 && (indices == nullptr || scores == nullptr)) {
    return error_.fail(AUGUR_INVALID_ARGUMENT, "indices or scores is NULL");
  }
  AUGUR_TRY(columns_.bind(model_->network.candidate, columns, column_count, candidates, error_));
  BestK best(k, indices, scores);
  const auto take = [](void* to, std::size_t first, const float* piece, std::size_t rows) {
    for (std::size_t row = 0; row < rows; ++row)
      static_cast<BestK*>(to)->offer(first + row, piece[row]);
  };
  AUGUR_TRY(score(take, &best));
  *count = best.sort();
  for (std::size_t i = 0; i < *count; ++i)
    scores[i] = model_->network.score_of(scores[i]);
  return AUGUR_OK;
}

augur_status Session::explain(const char* stack, const augur_column* columns,
                              std::size_t column_count, std::size_t candidates, std::size_t row,
                              float* weights, std::size_t room, std::size_t* count) {
  if (count == nullptr) return error_.fail(AUGUR_INVALID_ARGUMENT, "count is NULL");
  *count = 0;
  std::size_t s = 0;
  AUGUR_TRY(find_stack(stack, &s));
  if (model_->network.stacks[s].attention() == nullptr) {
    return error_.fail(AUGUR_NOT_FOUND, "stack '%s' has no attention",
                       model_->network.stacks[s].name());
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
  AUGUR_TRY(columns_.bind(model_->network.candidate, columns, column_count, candidates, error_));
  AUGUR_TRY(user_.prepare(features_, histories_.data, error_));
  AttentionWeights found;
  AUGUR_TRY(ranking_.attend(row, s, &found, error_));
  const std::size_t first = user_.stack(s).first_event_step();
  for (std::size_t t = 0; t < steps; ++t)
    weights[t] = found.data[(first + t) * found.stride];
  *count = steps;
  return AUGUR_OK;
}

}  // namespace augur
