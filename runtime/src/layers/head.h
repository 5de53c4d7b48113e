// The head: slots side by side, then dense layers down to one logit.
//
// It is computed in f32 whatever type its weights are stored in: 8-bit inputs here cost a ranking
// more than those of all other layers together (docs/quantisation.md).
//
// Slots that do not depend on the candidate (the user's features, pooled histories, ...) meet their
// columns of the first layer once per user; what comes out is added to every candidate's product.
#pragma once

#include "layers/dense.h"
#include "layers/embedding.h"
#include "layers/stack.h"

namespace augur {

enum class SourceKind : std::uint8_t {
  kFeature,
  kCandidate,
  kQuery,
  kProjectedQuery,
  kResult,
  kPooled
};

struct Source {
  SourceKind kind = SourceKind::kFeature;
  std::uint32_t index = 0;   // of the feature, the candidate field or the stack
  std::uint32_t offset = 0;  // kFeature, kCandidate: of the field in its group's row
  std::uint32_t width = 0;
  bool shared = false;  // the same for all candidates
  bool mean = false;    // kPooled
  std::uint32_t padded_length = 0;
};

struct Slot {
  Source source;
  Source times;
  bool product = false;
  std::uint32_t column = 0;  // in the user's or in the candidates' part of the head's input

  bool shared() const { return source.shared && (!product || times.shared); }
};

class Head {
 public:
  augur_status load(Reader& reader, const fb::Head* file, const FieldGroup& features,
                    const FieldGroup& candidate, const Span<Stack>& stacks);

  const Span<Slot>& slots() const { return slots_; }
  // The stack's projected queries are read by the head.
  bool uses_projected_query(std::size_t stack) const;

 private:
  friend class HeadUser;
  friend class HeadRun;

  augur_status load_source(Reader& reader, const fb::Source* file, const FieldGroup& features,
                           const FieldGroup& candidate, const Span<Stack>& stacks, Source* source);
  augur_status load_first_layer(Reader& reader, const fb::Dense* file);

  Span<Slot> slots_;
  Span<Stack> stacks_;
  std::uint32_t user_width_ = 0;
  std::uint32_t candidate_width_ = 0;
  std::uint32_t units_ = 0;  // of the first layer
  Product user_;             // its columns for the shared slots, with the bias
  Product candidate_;  // its columns for the others (with the bias if there are no shared slots)
  Activation activation_;  // of the first layer
  Mlp layers_;             // the others
};

// Where the head's sources stand for one tile of candidates.
struct HeadInputs {
  const float* features = nullptr;    // one row
  const float* candidates = nullptr;  // [rows, candidate width]
  std::size_t candidate_stride = 0;
  const Rows* results = nullptr;            // [stacks]
  const Rows* queries = nullptr;            // [stacks]
  const Rows* projected_queries = nullptr;  // [stacks]
};

// The user's part.
class HeadUser {
 public:
  augur_status create(const Head& head, Arena& arena, Fault& error);

  // From sources that all candidates share. stacks: one for each stack of the model.
  void prepare(const HeadInputs& inputs, const StackUser* stacks);

 private:
  friend class HeadRun;

  void fill(const Slot& slot, const HeadInputs& inputs, std::size_t rows, std::size_t stride,
            float* out) const;
  Rows rows_of(const Source& source, std::size_t pooled, const HeadInputs& inputs) const;

  const Head* head_ = nullptr;
  ProductRun product_;
  float* input_ = nullptr;   // [user width]
  float* output_ = nullptr;  // [units]
  // Pooled histories, two for each slot: [width] each where the slot's sources are pooled.
  Span<float*> pooled_;
  float* padding_ = nullptr;
};

// One thread's candidates.
class HeadRun {
 public:
  augur_status create(const HeadUser& user, std::size_t max_rows, Arena& arena, Fault& error);

  // Logits [rows].
  const float* run(const HeadInputs& inputs, std::size_t rows) const;

 private:
  const HeadUser* user_ = nullptr;
  ProductRun product_;
  MlpRun layers_;
  float* input_ = nullptr;   // [rows, candidate width]
  float* output_ = nullptr;  // [rows, units]
};

}  // namespace augur
