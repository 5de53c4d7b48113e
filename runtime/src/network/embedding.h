// Embeddings: from the rows of ids to rows of floats. network/keys.h finds the rows.
#pragma once

#include <cstring>

#include "common/error.h"
#include "network/keys.h"

namespace augur {

// Writes the embedding of an AUGUR_ID or AUGUR_IDS field, one id after another. Values in the table
// that are not finite come out as they are.
class IdEmbedding {
 public:
  // out[field.width] becomes zeros.
  IdEmbedding(const Field& field, float* out) : field_(field), out_(out) {
    std::memset(out, 0, field.width * sizeof(float));
  }
  // AUGUR_IDS: pools the id with those before, unless pooling leaves it out. AUGUR_ID: called once.
  void add(const ResolvedId& id) {
    if (field_.kind == AUGUR_ID) return field_.table->add(id.row, out_);
    pool(id);
  }
  // To be called after the last id.
  void finish() {
    if (field_.mean) divide();
  }

 private:
  void pool(const ResolvedId& id);
  void divide();

  const Field& field_;
  float* out_;
  std::size_t count_ = 0;
};

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
