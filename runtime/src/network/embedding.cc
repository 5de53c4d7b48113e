// Reads rows, and pools those of fields with several ids.
#include "network/embedding.h"

#include <cstring>

#include "common/finite.h"

namespace augur {

void IdEmbedding::pool(const ResolvedId& id) {
  const EmbeddingTable& table = *field_.table;
  if ((field_.skip_zero && id.is(0)) || (field_.skip_padding && id.is(table.padding_row))) return;
  if (field_.max && count_ > 0) {
    table.raise(id.row, out_);
  } else {
    table.add(id.row, out_);
  }
  ++count_;
}

void IdEmbedding::divide() {
  if (count_ == 0) return;
  const auto divisor = static_cast<float>(count_);
  for (std::uint32_t k = 0; k < field_.width; ++k)
    out_[k] /= divisor;
}

void embed_padding(const FieldGroup& group, float* out) {
  std::memset(out, 0, group.width * sizeof(float));
  for (const Field& field : group.fields) {
    const bool has_row = field.kind == AUGUR_ID ||
                         (field.kind == AUGUR_IDS && !field.skip_zero && !field.skip_padding);
    if (has_row) field.table->add(field.table->padding_row, out + field.offset);
  }
}

void gather_fields(const Span<const Field*>& fields, const float* rows, std::size_t width,
                   std::size_t count, float* out) {
  for (std::size_t row = 0; row < count; ++row) {
    for (const Field* field : fields) {
      std::memcpy(out, rows + row * width + field->offset, field->width * sizeof(float));
      out += field->width;
    }
  }
}

augur_status check_embedded(const float* values, std::size_t count, const char* what,
                            Fault& error) {
  if (all_finite(values, count)) return AUGUR_OK;
  return error.fail(AUGUR_BAD_MODEL,
                    "%s: an embedding table of the model holds a value that is not finite", what);
}

}  // namespace augur
