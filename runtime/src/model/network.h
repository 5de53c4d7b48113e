// The loaded model: what the paper's network is made of, in the order in which data flows through
// it.
#pragma once

#include "layers/embedding.h"
#include "layers/head.h"
#include "layers/stack.h"

namespace augur {

struct Calibration {
  float scale = 1.0f;
  float offset = 0.0f;
};

enum class OutputKind : std::uint8_t { kSigmoid, kIdentity };

struct Network {
  Span<Table> tables;
  FieldGroup features;
  FieldGroup candidate;
  Span<Stack> stacks;
  Head head;
  Calibration calibration;
  OutputKind output = OutputKind::kSigmoid;

  // The score of a calibrated logit.
  float score_of(float logit) const;

  augur_status load(Reader& reader, const fb::Model* file);
};

}  // namespace augur
