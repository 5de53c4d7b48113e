// Embeds events and padding.
#include "network/behaviours.h"

namespace augur {

augur_status embed_behaviours(const Sequence& sequence, const InputRows& events, const Chunk& chunk,
                              bool skip_cached, const StepRows& kept, const ChunkRoom& room,
                              const float** e, Fault& error) {
  const std::size_t width = sequence.fields.width;
  const std::size_t first_event = sequence.window.first_event(events.size);
  float* const rows = kept.open(chunk.row, room.embeddings);
  for (std::size_t i = skip_cached ? chunk.cached : 0; i < chunk.count; ++i) {
    const std::size_t step = chunk.step + i;
    float* row = rows + i * width;
    if (step < first_event || step >= first_event + events.size) {
      embed_padding(sequence.fields, row);
      continue;
    }
    events.embed(events.source, step - first_event, row);
    AUGUR_TRY(check_embedded(row, width, sequence.fields.description, error));
  }
  *e = rows;
  return AUGUR_OK;
}

}  // namespace augur
