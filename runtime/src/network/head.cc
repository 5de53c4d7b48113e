// Gathers the head's inputs and runs its layers.
#include "network/head.h"

#include <cstring>

#include "kernels/elementary.h"

namespace augur {
namespace {

Rows source_rows(const Source& source, const float* pooled, const HeadInputs& inputs) {
  switch (source.kind) {
    case SourceKind::kFeature:
      return {inputs.features + source.offset, 0};
    case SourceKind::kCandidate:
      return {inputs.candidates + source.offset, inputs.candidate_stride};
    case SourceKind::kQueryEmbedding:
      return inputs.query_embeddings[source.index];
    case SourceKind::kQuery:
      return inputs.queries[source.index];
    case SourceKind::kResult:
      return inputs.results[source.index];
    case SourceKind::kPooled:
      break;
  }
  return {pooled, 0};
}

// Writes a slot's columns of `rows` rows that are `stride` floats apart.
void fill_slot(const Slot& slot, float* const (&pooled)[2], const HeadInputs& inputs,
               std::size_t rows, std::size_t stride, float* out) {
  const std::size_t width = slot.width();
  const Rows from = source_rows(slot.source, pooled[0], inputs);
  out += slot.column;
  for (std::size_t row = 0; row < rows; ++row) {
    std::memcpy(out + row * stride, from.data + row * from.stride, width * sizeof(float));
  }
  if (!slot.product) return;
  const Rows times = source_rows(slot.times, pooled[1], inputs);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t k = 0; k < width; ++k)
      out[row * stride + k] *= times.data[row * times.stride + k];
  }
}

// Writes the slots that all candidates share or, if `shared` is false, the other slots.
void fill_slots(const Head& head, bool shared, const Span<float*>& pooled, const HeadInputs& inputs,
                std::size_t rows, std::size_t stride, float* out) {
  for (std::size_t i = 0; i < head.slots.size(); ++i) {
    if (head.slots[i].shared() != shared) continue;
    float* const of_slot[2] = {pooled[2 * i], pooled[2 * i + 1]};
    fill_slot(head.slots[i], of_slot, inputs, rows, stride, out);
  }
}

}  // namespace

augur_status plan_user_head(const Head& head, Arena& arena, Fault& error,
                            UserHeadBuffers* buffers) {
  buffers->pooled = arena.array<float*>(2 * head.slots.size());
  if (buffers->pooled.empty()) return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  std::size_t widest = 0;
  for (std::size_t i = 0; i < head.slots.size(); ++i) {
    const Slot& slot = head.slots[i];
    if (slot.source.kind == SourceKind::kPooled)
      buffers->pooled[2 * i] = arena.reserve(1, slot.source.width);
    if (slot.product && slot.times.kind == SourceKind::kPooled)
      buffers->pooled[2 * i + 1] = arena.reserve(1, slot.times.width);
    if (slot.width() > widest) widest = slot.width();
  }
  buffers->padding = arena.reserve(1, widest);
  if (head.user_width == 0) return AUGUR_OK;
  buffers->input = arena.reserve(1, head.user_width);
  buffers->output = arena.reserve(1, head.units);
  return buffers->product.create(head.user, head.user_width, head.units, arena, error);
}

void run_user_head(const Model& model, const HeadInputs& inputs, const UserHeadBuffers& buffers) {
  const Head& head = model.head;
  for (std::size_t i = 0; i < buffers.pooled.size(); ++i) {
    if (buffers.pooled[i] == nullptr) continue;
    const Slot& slot = head.slots[i / 2];
    const Source& source = i % 2 == 0 ? slot.source : slot.times;
    const FieldGroup& fields = model.sequences[source.index].fields;
    pool_behaviours(inputs.behaviours[source.index], fields.width, source.mean,
                    {&fields, source.padded_length, buffers.padding}, buffers.pooled[i]);
  }
  if (buffers.output == nullptr) return;
  fill_slots(head, true, buffers.pooled, inputs, 1, head.user_width, buffers.input);
  buffers.product.run(buffers.input, 1, buffers.output);
}

augur_status plan_head(const Head& head, Arena& arena, Fault& error, HeadBuffers* buffers) {
  if (head.candidate_width > 0) {
    AUGUR_TRY(
        buffers->product.create(head.candidate, head.candidate_width, head.units, arena, error));
  }
  return plan_mlp(head.layers, head.units, arena, error, &buffers->layers);
}

void place_head(const Head& head, std::size_t max_rows, Overlay* overlay, HeadBuffers* buffers) {
  buffers->output = overlay->take(max_rows, head.units);
  if (head.candidate_width > 0) buffers->input = overlay->take(max_rows, head.candidate_width);
  place_mlp(head.layers, max_rows, overlay, &buffers->layers);
}

void run_head(const Model& model, const UserHeadBuffers& user, const HeadInputs& inputs,
              std::size_t rows, const HeadBuffers& buffers, float* logits) {
  const Head& head = model.head;
  if (head.candidate_width > 0) {
    fill_slots(head, false, user.pooled, inputs, rows, head.candidate_width, buffers.input);
    buffers.product.run(buffers.input, rows, buffers.output);
  } else {
    std::memset(buffers.output, 0, rows * head.units * sizeof(float));
  }
  activate(head.activation, user.output, rows, head.units, head.units, buffers.output);
  const float* outputs = run_mlp(head.layers, buffers.layers, buffers.output, rows);
  for (std::size_t row = 0; row < rows; ++row)
    logits[row] = model.calibration.scale * outputs[row] + model.calibration.offset;
}

float score_of(const Model& model, float logit) {
  return model.output == OutputKind::kIdentity ? logit : sigmoid_f32(logit);
}

}  // namespace augur
