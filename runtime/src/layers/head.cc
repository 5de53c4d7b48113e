// Loading and running the head.
#include "layers/head.h"

#include <cstring>

#include "model/limits.h"

namespace augur {
namespace {

std::uint32_t slot_width(const Slot& slot) {
  return slot.source.width;
}

const char* kind_name(fb::SourceKind kind) {
  switch (kind) {
    case fb::SourceKind::Feature:
      return "feature";
    case fb::SourceKind::Candidate:
      return "candidate field";
    default:
      return "stack";
  }
}

}  // namespace

augur_status Head::load_source(Reader& reader, const fb::Source* file, const FieldGroup& features,
                               const FieldGroup& candidate, const Span<Stack>& stacks,
                               Source* source) {
  const char* name = file->name()->c_str();
  if (file->kind() == fb::SourceKind::Feature || file->kind() == fb::SourceKind::Candidate) {
    const bool feature = file->kind() == fb::SourceKind::Feature;
    const FieldGroup& group = feature ? features : candidate;
    const std::size_t index = group.find(name);
    if (index == group.fields.size)
      return reader.bad("the model has no %s '%s'", kind_name(file->kind()), name);
    source->kind = feature ? SourceKind::kFeature : SourceKind::kCandidate;
    source->shared = feature;
    source->index = static_cast<std::uint32_t>(index);
    source->offset = group.fields[index].offset;
    source->width = group.fields[index].width;
    return AUGUR_OK;
  }

  std::uint32_t index = 0;
  while (index < stacks.size && std::strcmp(stacks[index].name(), name) != 0)
    ++index;
  if (index == stacks.size) return reader.bad("the model has no stack '%s'", name);
  const Stack& stack = stacks[index];
  source->index = index;
  switch (file->kind()) {
    case fb::SourceKind::Query:
      source->kind = SourceKind::kQuery;
      source->width = stack.query_width();
      AUGUR_TRY(reader.expect(source->width > 0, "the stack has no query"));
      return AUGUR_OK;
    case fb::SourceKind::ProjectedQuery:
      source->kind = SourceKind::kProjectedQuery;
      if (stack.attention() == nullptr || !stack.attention()->has_projection()) {
        return reader.bad("stack '%s' does not project its query", name);
      }
      source->width = stack.attention()->query_width();
      return AUGUR_OK;
    case fb::SourceKind::Result:
      source->kind = SourceKind::kResult;
      source->width = stack.result_width();
      source->shared = stack.shared_result();
      return AUGUR_OK;
    case fb::SourceKind::Pooled:
      source->kind = SourceKind::kPooled;
      source->width = stack.fields().width;
      source->shared = true;
      source->padded_length = file->padded_length();
      if (file->pooling() != fb::Pooling::Sum && file->pooling() != fb::Pooling::Mean) {
        return reader.bad("unknown pooling %u", static_cast<unsigned>(file->pooling()));
      }
      source->mean = file->pooling() == fb::Pooling::Mean;
      return AUGUR_OK;
    default:
      return reader.bad("unknown kind of source %u", static_cast<unsigned>(file->kind()));
  }
}

augur_status Head::load(Reader& reader, const fb::Head* file, const FieldGroup& features,
                        const FieldGroup& candidate, const Span<Stack>& stacks) {
  const Reader::Part head(reader, "head");
  stacks_ = stacks;
  AUGUR_TRY(reader.check_count(file->slots()->size(), "slots"));
  slots_ = reader.arena().array<Slot>(file->slots()->size());
  if (slots_.empty())
    return file->slots()->size() == 0 ? reader.bad("has no slots") : reader.no_memory();
  for (std::uint32_t i = 0; i < slots_.size; ++i) {
    const Reader::Part part(reader, "slot %u", i);
    const fb::Slot* from = file->slots()->Get(i);
    Slot& slot = slots_[i];
    AUGUR_TRY(load_source(reader, from->source(), features, candidate, stacks, &slot.source));
    slot.product = from->times() != nullptr;
    if (slot.product) {
      AUGUR_TRY(load_source(reader, from->times(), features, candidate, stacks, &slot.times));
      if (slot.times.width != slot.source.width) {
        return reader.bad("a product of widths %u and %u", slot.source.width, slot.times.width);
      }
    }
    std::uint32_t& width = slot.shared() ? user_width_ : candidate_width_;
    slot.column = width;
    width += slot_width(slot);
    if (width > kMaxWidth) return reader.bad("makes the head's input wider than %u", kMaxWidth);
  }
  if (file->layers()->size() == 0) return reader.bad("has no layers");
  {
    const Reader::Part part(reader, "layer 0");
    AUGUR_TRY(load_first_layer(reader, file->layers()->Get(0)));
  }
  AUGUR_TRY(layers_.load(reader, file->layers(), 1, units_, Arithmetic::kFloats));
  if (layers_.outputs() != 1)
    return reader.bad("its last layer has %u outputs, expected 1", layers_.outputs());
  const fb::Dense* last = file->layers()->Get(file->layers()->size() - 1);
  if (last->activation() != nullptr && last->activation()->kind() != fb::ActivationKind::None) {
    return reader.bad("its last layer has an activation; the logit has none");
  }
  return AUGUR_OK;
}

augur_status Head::load_first_layer(Reader& reader, const fb::Dense* file) {
  Shape shape;
  AUGUR_TRY(reader.matrix_shape(file->weight(), "weight", &shape));
  units_ = shape.rows;
  if (units_ > kMaxWidth) return reader.bad("tensor 'weight' has %u outputs, too many", units_);
  const std::size_t width = std::size_t{user_width_} + candidate_width_;
  const float* bias = nullptr;
  AUGUR_TRY(reader.optional_vector(file->bias(), "bias", units_, &bias));
  AUGUR_TRY(load_activation(reader, file->activation(), units_, &activation_));

  // The whole matrix, then its columns for the user and for the candidate, each side by side.
  const std::size_t values = std::size_t{units_} * width;
  const Arena::Scratch scratch(reader.arena(), 2 * values * sizeof(float));
  if (scratch.data() == nullptr) return reader.no_memory();
  auto* expanded = static_cast<float*>(scratch.data());
  const float* matrix = nullptr;
  AUGUR_TRY(reader.read_matrix(file->weight(), "weight",
                               {units_, static_cast<std::uint32_t>(width)}, expanded, &matrix));
  float* user = expanded + values;
  float* candidate = user + std::size_t{units_} * user_width_;
  std::size_t column = 0;
  for (const Slot& slot : slots_) {
    float* part = slot.shared() ? user : candidate;
    const std::size_t part_width = slot.shared() ? user_width_ : candidate_width_;
    for (std::uint32_t unit = 0; unit < units_; ++unit) {
      std::memcpy(part + unit * part_width + slot.column, matrix + unit * width + column,
                  slot_width(slot) * sizeof(float));
    }
    column += slot_width(slot);
  }
  if (user_width_ > 0) {
    AUGUR_TRY(user_.pack(user, bias, units_, user_width_, reader.arena(), reader.error()));
    bias = nullptr;
  }
  if (candidate_width_ == 0) return AUGUR_OK;
  return candidate_.pack(candidate, bias, units_, candidate_width_, reader.arena(), reader.error());
}

bool Head::uses_projected_query(std::size_t stack) const {
  for (const Slot& slot : slots_) {
    if (slot.source.kind == SourceKind::kProjectedQuery && slot.source.index == stack) return true;
    if (slot.product && slot.times.kind == SourceKind::kProjectedQuery && slot.times.index == stack)
      return true;
  }
  return false;
}

augur_status HeadUser::create(const Head& head, Arena& arena, Fault& error) {
  head_ = &head;
  pooled_ = arena.array<float*>(2 * head.slots_.size);
  if (pooled_.empty()) return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  std::size_t widest = 0;
  for (std::size_t i = 0; i < head.slots_.size; ++i) {
    const Slot& slot = head.slots_[i];
    if (slot.source.kind == SourceKind::kPooled)
      pooled_[2 * i] = arena.reserve(1, slot.source.width);
    if (slot.product && slot.times.kind == SourceKind::kPooled)
      pooled_[2 * i + 1] = arena.reserve(1, slot.times.width);
    if (slot_width(slot) > widest) widest = slot_width(slot);
  }
  padding_ = arena.reserve(1, widest);
  if (head.user_width_ == 0) return AUGUR_OK;
  input_ = arena.reserve(1, head.user_width_);
  output_ = arena.reserve(1, head.units_);
  return product_.create(head.user_, head.user_width_, head.units_, arena, error);
}

Rows HeadUser::rows_of(const Source& source, std::size_t pooled, const HeadInputs& inputs) const {
  switch (source.kind) {
    case SourceKind::kFeature:
      return {inputs.features + source.offset, 0};
    case SourceKind::kCandidate:
      return {inputs.candidates + source.offset, inputs.candidate_stride};
    case SourceKind::kQuery:
      return inputs.queries[source.index];
    case SourceKind::kProjectedQuery:
      return inputs.projected_queries[source.index];
    case SourceKind::kResult:
      return inputs.results[source.index];
    case SourceKind::kPooled:
      break;
  }
  return {pooled_[pooled], 0};
}

void HeadUser::fill(const Slot& slot, const HeadInputs& inputs, std::size_t rows,
                    std::size_t stride, float* out) const {
  const auto index = static_cast<std::size_t>(&slot - head_->slots_.data);
  const std::size_t width = slot_width(slot);
  const Rows from = rows_of(slot.source, 2 * index, inputs);
  out += slot.column;
  for (std::size_t row = 0; row < rows; ++row) {
    std::memcpy(out + row * stride, from.data + row * from.stride, width * sizeof(float));
  }
  if (!slot.product) return;
  const Rows times = rows_of(slot.times, 2 * index + 1, inputs);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t k = 0; k < width; ++k)
      out[row * stride + k] *= times.data[row * times.stride + k];
  }
}

void HeadUser::prepare(const HeadInputs& inputs, const StackUser* stacks) {
  for (std::size_t i = 0; i < head_->slots_.size; ++i) {
    const Slot& slot = head_->slots_[i];
    for (const Source* source : {&slot.source, &slot.times}) {
      float* pooled = pooled_[2 * i + (source == &slot.times ? 1 : 0)];
      if (pooled == nullptr) continue;
      pool_behaviours(head_->stacks_[source->index].fields(), stacks[source->index].behaviours(),
                      stacks[source->index].events(), source->mean, source->padded_length, padding_,
                      pooled);
    }
  }
  if (output_ == nullptr) return;
  for (const Slot& slot : head_->slots_) {
    if (slot.shared()) fill(slot, inputs, 1, head_->user_width_, input_);
  }
  product_.run(input_, 1, output_);
}

augur_status HeadRun::create(const HeadUser& user, std::size_t max_rows, Arena& arena,
                             Fault& error) {
  user_ = &user;
  const Head& head = *user.head_;
  output_ = arena.reserve(max_rows, head.units_);
  if (head.candidate_width_ > 0) {
    input_ = arena.reserve(max_rows, head.candidate_width_);
    AUGUR_TRY(product_.create(head.candidate_, head.candidate_width_, head.units_, arena, error));
  }
  return layers_.create(head.layers_, head.units_, InputRange::kAny, max_rows, arena, error);
}

const float* HeadRun::run(const HeadInputs& inputs, std::size_t rows) const {
  const Head& head = *user_->head_;
  if (head.candidate_width_ > 0) {
    for (const Slot& slot : head.slots_) {
      if (!slot.shared()) user_->fill(slot, inputs, rows, head.candidate_width_, input_);
    }
    product_.run(input_, rows, output_);
  } else {
    std::memset(output_, 0, rows * head.units_ * sizeof(float));
  }
  activate(head.activation_, user_->output_, rows, head.units_, head.units_, output_);
  return layers_.run(output_, rows);
}

}  // namespace augur
