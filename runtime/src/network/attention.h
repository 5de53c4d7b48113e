// The attention: weights of a history's steps for each candidate.
#pragma once

#include "model/attention.h"
#include "network/overlay.h"
#include "network/rows.h"

namespace augur {

// The user's part: the keys h_t. In short histories, what kernels().keep_keys() makes of them.
struct KeyBuffers {
  Steps states;
  float* kept = nullptr;
  float* scratch = nullptr;
};

void plan_keys(const Attention& attention, std::size_t max_steps, bool keep, Arena& arena,
               KeyBuffers* buffers);
// The states h [steps, key width] must stay. The first `done` steps have not changed since the last
// call.
void prepare_keys(const Attention& attention, const Steps& states, std::size_t done,
                  KeyBuffers* buffers);

// One thread's candidates.
struct AttentionBuffers {
  ProductRun projection;
  ProductRun query_product;     // W q or the MLP's query part
  float* projected = nullptr;   // q [rows, query width]; nullptr: q = e_a
  float* query_part = nullptr;  // bilinear: W q [rows, key width]; MLP: [rows, units]
  float* keys = nullptr;        // memory for fp16 states as f32 [kChunk, key width]
  float* scores = nullptr;      // [steps, stride]
  std::size_t stride = 0;
  float* scratch = nullptr;
};

augur_status plan_attention(const Attention& attention, std::size_t max_rows, Arena& arena,
                            Fault& error, AttentionBuffers* buffers);
// The memory that attend() needs: first what its result lies in, which stays after it.
void place_scores(std::size_t max_steps, std::size_t max_rows, Overlay* overlay,
                  AttentionBuffers* buffers);
// halves: the states are kept as fp16.
void place_attention(const Attention& attention, std::size_t max_rows, bool halves,
                     Overlay* overlay, AttentionBuffers* buffers);

// Queries q [rows, query width] of the candidates' embeddings e_a [rows, embedding width].
const float* project_query(const Attention& attention, const AttentionBuffers& buffers,
                           const float* embeddings, std::size_t rows);

// Weights a_t of every step for `rows` candidates: equation (8) of the paper, whose score h_t W e_a
// is AttentionKind::kBilinear.
AttentionWeights attend(const Attention& attention, const KeyBuffers& keys,
                        const AttentionBuffers& buffers, const float* queries, std::size_t rows);

}  // namespace augur
