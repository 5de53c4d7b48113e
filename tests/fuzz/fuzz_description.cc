// Fuzzes model descriptions: any text is refused, or makes a model that the runtime opens.
#include <string_view>

#include "exercise_description.h"
#include "support/descriptions.h"

using namespace augur::convert;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const testing::OpenTensorSet kWeights(testing::small_tensors());
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    exercise_description(parse_json(text, "fuzz.json"), kWeights.get());
  } catch (const augur::Error& error) {
    require_message(error);
  }
  return 0;
}
