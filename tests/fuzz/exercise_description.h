// What the fuzzers of descriptions and of layouts' answers share: a checkpoint to convert, and what
// a conversion promises.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "assemble/model.h"
#include "augur/augur.h"
#include "converter/support/tensor_set.h"
#include "description/weight_source.h"
#include "error.h"
#include "inspect/summary.h"
#include "write/model_file.h"

namespace augur::convert {

// Converts a checkpoint with the description: the runtime must open the result, or the conversion
// must fail with a message.
inline void exercise_description(const Json& description, const checkpoint::Checkpoint& weights) {
  WeightSource source(weights);
  Assembled assembled = assemble_model(Node(description, "fuzz.json"), source);
  const std::vector<uint8_t> file = pack_model(assembled.model, "fuzz", "0");
  verify_model(file, "fuzz.augur");
  augur_error error = {};
  error.struct_size = sizeof error;
  augur_model* model = nullptr;
  if (augur_model_open_buffer(file.data(), file.size(), nullptr, &model, &error) != AUGUR_OK) {
    std::fprintf(stderr, "the runtime does not open what was converted: %s\n", error.message);
    std::abort();
  }
  augur_model_close(model);
}

// Stops the fuzzer if an Error has nothing to say.
inline void require_message(const Error& error) {
  if (error.what()[0] != 0) return;
  std::fprintf(stderr, "an Error without a message\n");
  std::abort();
}

}  // namespace augur::convert
