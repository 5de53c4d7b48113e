// Runs the head: gathers its inputs, and computes the dense layers down to the logit.
#pragma once

#include "model/model.h"
#include "network/dense.h"
#include "network/pooling.h"
#include "network/rows.h"

namespace augur {

// The rows that the head reads. The user's part reads `features`, `behaviours`, and the results
// that all candidates share.
struct HeadInputs {
  const float* features = nullptr;         // one row
  const Behaviours* behaviours = nullptr;  // one for each sequence, for those that are pooled
  const float* candidates = nullptr;       // [rows, candidate width]
  std::size_t candidate_stride = 0;
  const Rows* results = nullptr;           // one for each sequence
  const Rows* query_embeddings = nullptr;  // one for each sequence: e_a
  const Rows* queries = nullptr;           // one for each sequence: q
};

// The user's part.
struct UserHeadBuffers {
  ProductRun product;
  float* input = nullptr;   // [user width]
  float* output = nullptr;  // [units]; nullptr: no slot is shared
  // Pooled behaviours, two for each slot: its source's and its factor's, [width] or nullptr.
  Span<float*> pooled;
  float* padding = nullptr;  // memory for one padding row of the widest slot
};

augur_status plan_user_head(const Head& head, Arena& arena, Fault& error, UserHeadBuffers* buffers);
// Computes the first layer's product for the slots that all candidates share.
void run_user_head(const Model& model, const HeadInputs& inputs, const UserHeadBuffers& buffers);

// One thread's candidates.
struct HeadBuffers {
  ProductRun product;
  MlpBuffers layers;
  float* input = nullptr;   // [rows, candidate width]
  float* output = nullptr;  // [rows, units]
};

augur_status plan_head(const Head& head, Arena& arena, Fault& error, HeadBuffers* buffers);
void place_head(const Head& head, std::size_t max_rows, Overlay* overlay, HeadBuffers* buffers);
// Calibrated logits [rows].
void run_head(const Model& model, const UserHeadBuffers& user, const HeadInputs& inputs,
              std::size_t rows, const HeadBuffers& buffers, float* logits);

// The score of a calibrated logit.
float score_of(const Model& model, float logit);

}  // namespace augur
