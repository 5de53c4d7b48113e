// Loading and running a sequence stack.
#include "layers/stack.h"

#include <cstdio>
#include <cstring>

#include "common/utf8.h"
#include "kernels/kernel_set.h"
#include "model/limits.h"

namespace augur {
namespace {

// out[k] += x[k]
void add_row(const float* x, std::size_t width, float* out) {
  for (std::size_t k = 0; k < width; ++k)
    out[k] += x[k];
}

}  // namespace

augur_status Stack::load(Reader& reader, const fb::Stack* file, const Span<Table>& tables,
                         const FieldGroup& candidate) {
  name_ = file->name()->c_str();
  const Reader::Part part(reader, "stack '%s'", name_);
  AUGUR_TRY(fields_.load(reader, file->fields(), tables));
  AUGUR_TRY(reader.expect(!fields_.fields.empty(), "has no fields"));
  std::snprintf(fields_.description, sizeof(fields_.description), "history of stack '%s'", name_);
  drop_cut_character(fields_.description);
  max_history_ = file->max_history();
  if (max_history_ == 0 || max_history_ > kMaxHistory) {
    return reader.bad("max_history is %u, expected 1 to %u", max_history_, kMaxHistory);
  }
  AUGUR_TRY(load_mask(reader, file));
  AUGUR_TRY(load_truncation(reader, file));
  AUGUR_TRY(load_query(reader, file, candidate));
  AUGUR_TRY(extractor_.load(reader, file->extractor(), fields_.width));
  if (file->attention() != nullptr) {
    attention_ = reader.arena().create<Attention>();
    if (attention_ == nullptr) return reader.no_memory();
    AUGUR_TRY(attention_->load(reader, file->attention(), extractor_.outputs(), query_width_));
  }
  AUGUR_TRY(load_result(reader, file));
  return file->window() == nullptr ? AUGUR_OK : load_window(reader, file->window());
}

augur_status Stack::load_mask(Reader& reader, const fb::Stack* file) {
  if (file->mask() == fb::MaskRule::Length) return AUGUR_OK;
  if (file->mask() != fb::MaskRule::NonZero && file->mask() != fb::MaskRule::NotPadding) {
    return reader.bad("unknown mask rule %u", static_cast<unsigned>(file->mask()));
  }
  const char* mask = file->mask_field() == nullptr ? "" : file->mask_field()->c_str();
  const std::size_t index = fields_.find(mask);
  if (index == fields_.fields.size || fields_.fields[index].kind != AUGUR_ID) {
    return reader.bad("mask_field '%s' is not one of its id fields", mask);
  }
  mask_field_ = &fields_.fields[index];
  masked_id_ = file->mask() == fb::MaskRule::NonZero ? 0 : mask_field_->table->padding_row();
  return AUGUR_OK;
}

augur_status Stack::load_truncation(Reader& reader, const fb::Stack* file) {
  switch (file->truncation()) {
    case fb::Truncation::Newest:
      return AUGUR_OK;
    case fb::Truncation::Oldest:
      keeps_oldest_ = true;
      return AUGUR_OK;
  }
  return reader.bad("unknown truncation %u", static_cast<unsigned>(file->truncation()));
}

augur_status Stack::load_window(Reader& reader, const fb::Window* file) {
  const Reader::Part part(reader, "window");
  window_.length = file->length();
  if (window_.length < max_history_ || window_.length > kMaxHistory) {
    return reader.bad("length is %u, expected max_history, %u, to %u", window_.length, max_history_,
                      kMaxHistory);
  }
  for (const fb::WindowRead read : {file->reads(), file->evolves()}) {
    if (read != fb::WindowRead::All && read != fb::WindowRead::FirstEvents) {
      return reader.bad("unknown choice of rows %u", static_cast<unsigned>(read));
    }
  }
  if (file->padding() != fb::WindowPadding::Before && file->padding() != fb::WindowPadding::After) {
    return reader.bad("unknown padding %u", static_cast<unsigned>(file->padding()));
  }
  AUGUR_TRY(reader.expect(padded_length_ == 0, "there is a padded_length too"));
  window_.padding_after = file->padding() == fb::WindowPadding::After;
  window_.reads_first = file->reads() == fb::WindowRead::FirstEvents;
  window_.evolves_first = file->evolves() == fb::WindowRead::FirstEvents;
  if (!window_.reads_first) {
    return reader.expect(!window_.evolves_first,
                         "the evolution cannot read fewer rows than the extractor");
  }
  AUGUR_TRY(reader.expect(!window_.padding_after,
                          "with padding after the events, the first rows are the events"));
  AUGUR_TRY(
      reader.expect(!extractor_.layers().empty(), "reading the first rows needs an extractor"));
  if (result_ == ResultKind::kAttentionPool) return AUGUR_OK;
  AUGUR_TRY(reader.expect(result_ == ResultKind::kEvolution,
                          "reading the first rows needs an evolution, or pooling by attention"));
  // A weight of 0 leaves the state of these cells as it is.
  const CellKind kind = evolution_->cell().kind();
  return reader.expect(!kind.scaled_input && kind.share != ShareRule::kLift,
                       "reading the first rows needs a GRU, an AGRU or an AUGRU of form Scale");
}

augur_status Stack::load_query(Reader& reader, const fb::Stack* file, const FieldGroup& candidate) {
  const std::uint32_t count = file->query() == nullptr ? 0 : file->query()->size();
  AUGUR_TRY(reader.check_count(count, "query fields"));
  query_ = reader.arena().array<const Field*>(count);
  if (query_.size != count) return reader.no_memory();
  for (std::uint32_t i = 0; i < count; ++i) {
    const char* name = file->query()->Get(i)->c_str();
    const std::size_t index = candidate.find(name);
    if (index == candidate.fields.size)
      return reader.bad("query field '%s' is not a field of the candidate", name);
    query_[i] = &candidate.fields[index];
    query_width_ += query_[i]->width;
    if (query_width_ > kMaxWidth) return reader.bad("its query is wider than %u", kMaxWidth);
  }
  return AUGUR_OK;
}

augur_status Stack::load_result(Reader& reader, const fb::Stack* file) {
  result_width_ = extractor_.outputs();
  padded_length_ = file->padded_length();
  shared_result_ = true;
  switch (file->result()) {
    case fb::ResultKind::LastState:
      result_ = ResultKind::kLastState;
      break;
    case fb::ResultKind::SumPool:
      result_ = ResultKind::kSumPool;
      break;
    case fb::ResultKind::MeanPool:
      result_ = ResultKind::kMeanPool;
      break;
    case fb::ResultKind::AttentionPool:
      result_ = ResultKind::kAttentionPool;
      shared_result_ = false;
      AUGUR_TRY(reader.expect(attention_ != nullptr, "attention pooling needs an attention"));
      break;
    case fb::ResultKind::Evolution:
      result_ = ResultKind::kEvolution;
      AUGUR_TRY(reader.expect(file->evolution() != nullptr,
                              "its result is an evolution, which is missing"));
      evolution_ = reader.arena().create<Evolution>();
      if (evolution_ == nullptr) return reader.no_memory();
      AUGUR_TRY(evolution_->load(reader, file->evolution(), extractor_.outputs(),
                                 !extractor_.layers().empty(),
                                 attention_ != nullptr && attention_->softmax()));
      result_width_ = evolution_->cell().hidden();
      shared_result_ = !evolution_->uses_attention();
      AUGUR_TRY(reader.expect(shared_result_ || attention_ != nullptr,
                              "its evolution needs an attention"));
      break;
    default:
      return reader.bad("unknown result %u", static_cast<unsigned>(file->result()));
  }
  const bool pooled = result_ == ResultKind::kSumPool || result_ == ResultKind::kMeanPool;
  if (padded_length_ != 0 && (!pooled || !extractor_.layers().empty())) {
    return reader.bad("padded_length needs behaviours pooled by sum or mean");
  }
  return AUGUR_OK;
}

void pool_behaviours(const FieldGroup& fields, const float* behaviours, std::size_t steps,
                     bool mean, std::uint32_t padded_length, float* scratch, float* out) {
  const std::size_t width = fields.width;
  std::memset(out, 0, width * sizeof(float));
  for (std::size_t t = 0; t < steps; ++t)
    add_row(behaviours + t * width, width, out);
  std::size_t count = steps;
  if (padded_length > steps) {
    fields.embed_padding(scratch);
    const float missing = static_cast<float>(padded_length - steps);
    for (std::size_t k = 0; k < width; ++k)
      out[k] += missing * scratch[k];
    count = padded_length;
  }
  if (!mean || count == 0) return;
  const float divisor = static_cast<float>(count);
  for (std::size_t k = 0; k < width; ++k)
    out[k] /= divisor;
}

augur_status StackUser::create(const Stack& stack, std::size_t max_steps, Arena& arena,
                               Fault& error) {
  stack_ = &stack;
  AUGUR_TRY(extractor_.create(stack.extractor_, max_steps, arena, error));
  if (stack.attention_ != nullptr)
    AUGUR_TRY(attention_.create(*stack.attention_, max_steps, arena, error));
  if (stack.evolution_ != nullptr)
    AUGUR_TRY(evolution_.create(*stack.evolution_, max_steps, arena, error));
  if (!stack.shared_result_) return AUGUR_OK;
  if (stack.evolution_ != nullptr)
    shared_evolution_.create(*stack.evolution_, evolution_, 1, arena);
  padding_ = arena.reserve(1, stack.fields_.width);
  result_ = arena.reserve(1, stack.result_width_);
  return AUGUR_OK;
}

void StackUser::prepare(const float* behaviours, std::size_t events, StepsKept kept) {
  const Window& window = stack_->window_;
  const std::size_t rows = window.rows(events);
  const std::size_t first_event = window.first_event(events);
  behaviours_ = behaviours + first_event * stack_->fields_.width;
  events_ = events;
  const float* states = extractor_.run(behaviours, window.reads_first ? events : rows, kept);
  if (window.reads_first) extractor_.clear_states(events, rows);
  // Rows [first, first + steps_) have attention weights.
  const std::size_t first = window.reads_first ? first_event : 0;
  first_event_step_ = first_event - first;
  steps_ = rows - first;
  const std::size_t state_width = stack_->extractor_.outputs();
  states_ = states + first * state_width;
  if (stack_->attention_ != nullptr) attention_.prepare(states_, steps_, kept);
  if (stack_->evolution_ != nullptr) {
    // Where a row's weight is 0, its step changes nothing.
    const std::size_t begin = stack_->evolution_->uses_attention() ? first : 0;
    std::size_t end = window.evolves_first ? events : rows;
    if (end < begin) end = begin;
    evolution_.prepare(states + begin * state_width, end - begin, kept);
  }
  if (!stack_->shared_result_) return;

  const std::size_t width = stack_->result_width_;
  const bool mean = stack_->result_ == ResultKind::kMeanPool;
  std::memset(result_, 0, width * sizeof(float));
  switch (stack_->result_) {
    case ResultKind::kLastState:
      if (steps_ > 0) std::memcpy(result_, states_ + (steps_ - 1) * width, width * sizeof(float));
      break;
    case ResultKind::kSumPool:
    case ResultKind::kMeanPool:
      if (stack_->extractor_.layers().empty()) {
        pool_behaviours(stack_->fields_, behaviours, steps_, mean, stack_->padded_length_, padding_,
                        result_);
        break;
      }
      for (std::size_t t = 0; t < steps_; ++t)
        add_row(states_ + t * width, width, result_);
      for (std::size_t k = 0; mean && steps_ > 0 && k < width; ++k)
        result_[k] /= static_cast<float>(steps_);
      break;
    case ResultKind::kEvolution:
      if (evolution_.steps() > 0)
        std::memcpy(result_, shared_evolution_.run({}, 1), width * sizeof(float));
      break;
    case ResultKind::kAttentionPool:
      break;
  }
}

augur_status StackRun::create(const StackUser& user, std::size_t max_steps, std::size_t max_rows,
                              Arena& arena, Fault& error) {
  user_ = &user;
  const Stack& stack = *user.stack_;
  if (stack.attention_ != nullptr) {
    AUGUR_TRY(
        attention_.create(*stack.attention_, user.attention_, max_steps, max_rows, arena, error));
  }
  if (stack.shared_result_) return AUGUR_OK;
  if (stack.evolution_ != nullptr) {
    evolution_.create(*stack.evolution_, user.evolution_, max_rows, arena);
  } else {
    scratch_ = arena.reserve(1, weighted_sum_scratch(stack.result_width_));
  }
  result_ = arena.reserve(max_rows, stack.result_width_);
  return AUGUR_OK;
}

const float* StackRun::queries(const float* embeddings, std::size_t rows) const {
  return user_->stack_->attention_ == nullptr ? embeddings : attention_.project(embeddings, rows);
}

Rows StackRun::result(const float* queries, std::size_t rows) const {
  const Stack& stack = *user_->stack_;
  const std::size_t width = stack.result_width_;
  if (stack.shared_result_) return user_->shared_result();
  if (user_->steps_ == 0 || (stack.evolution_ != nullptr && user_->evolution_.steps() == 0)) {
    std::memset(result_, 0, rows * width * sizeof(float));
    return {result_, width};
  }
  const AttentionWeights attention = weights(queries, rows);
  if (stack.evolution_ != nullptr) return {evolution_.run(attention, rows), width};
  WeightedSum sum;
  sum.weights = attention.data;
  sum.stride = attention.stride;
  sum.rows = rows;
  sum.x = user_->states_;
  sum.steps = user_->steps_;
  sum.width = width;
  sum.out = result_;
  sum.scratch = scratch_;
  kernels().weighted_sum(sum);
  return {result_, width};
}

}  // namespace augur
