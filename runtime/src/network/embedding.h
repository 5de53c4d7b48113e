// Embeddings: from ids, numbers and vectors to rows of floats.
#pragma once

#include "common/error.h"
#include "model/embedding_table.h"

namespace augur {

// The id that masks and pooling compare with: an unknown id becomes the padding id if the table's
// rule is AUGUR_TABLE_PADDING_ID.
std::int64_t known_id(const EmbeddingTable& table, std::int64_t id);

// The row of `id`; false if it is outside the table and the table's rule is AUGUR_TABLE_ERROR.
bool find_row(const EmbeddingTable& table, std::int64_t id, std::uint32_t* row);

// One row's values of a field. Which member is used depends on the field's kind.
struct FieldValues {
  const std::int64_t* ids = nullptr;
  std::size_t id_count = 0;
  const float* values = nullptr;
};

// out[field.width]: the field's embedding. Ids must have been checked with find_row(). Values in
// the table that are not finite come out as they are.
void embed(const Field& field, const FieldValues& values, float* out);

// out[group.width] = the embedding of padding: the tables' padding rows, zeros for numbers.
void embed_padding(const FieldGroup& group, float* out);

// Copies the embeddings of some fields, side by side, from rows[count, width], which hold all
// fields of a group, into out[count, sum of the fields' widths].
void gather_fields(const Span<const Field*>& fields, const float* rows, std::size_t width,
                   std::size_t count, float* out);

// Rows of input that a session holds: the features, a history's events, or candidates.
struct InputRows {
  void* source = nullptr;
  std::size_t size = 0;
  // out[group width] = the row's embedding. Candidates are asked for one after another. A row of
  // the user's part never fails; a candidate fails with AUGUR_OUT_OF_RANGE for an id that its table
  // refuses, AUGUR_INVALID_ARGUMENT for a number that is not finite, and `out` means nothing then.
  augur_status (*embed)(void* source, std::size_t row, float* out) = nullptr;
};

// `size` rows whose embed() writes nothing, so that the network computes with the contents of its
// buffers, which are zeros after planning.
inline InputRows zero_rows(std::size_t size) {
  return {nullptr, size, [](void*, std::size_t, float*) { return AUGUR_OK; }};
}

// Embedding tables are too large to be read completely when a model is opened, so embeddings are
// checked when they are used. AUGUR_BAD_MODEL if one of the `count` values is not finite; `what` is
// for the message.
augur_status check_embedded(const float* values, std::size_t count, const char* what, Fault& error);

}  // namespace augur
