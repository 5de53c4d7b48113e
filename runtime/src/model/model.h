// A model: plain structs of weights in the paper's terms, in the order in which data flows through
// them. Nothing here changes after loading, except that the rows of external tables are attached.
//
// loader/ makes them from a file, network/ computes with them.
#pragma once

#include "model/head.h"
#include "model/sequence.h"

namespace augur {

// The description in a model file. The strings stay in the file.
struct ModelInfo {
  const char* name = "";
  const char* producer = "";
  const char* producer_version = "";
  std::uint32_t format = 0;
  std::uint8_t id[sizeof(augur_model_info::id)] = {};
  Span<const char*> notes;
};

// calibrated logit = scale · logit + offset
struct Calibration {
  float scale = 1.0f;
  float offset = 0.0f;
};

// How the score is computed from a calibrated logit x.
enum class OutputKind : std::uint8_t {
  kSigmoid,  // σ(x)
  kIdentity  // x
};

struct Model {
  ModelInfo info;
  Span<EmbeddingTable> tables;
  FieldGroup features;
  FieldGroup candidate;
  Span<Sequence> sequences;
  Head head;
  Calibration calibration;
  OutputKind output = OutputKind::kSigmoid;
};

}  // namespace augur
