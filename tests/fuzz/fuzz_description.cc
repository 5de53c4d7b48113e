// Fuzzes model descriptions: any text is refused, or makes a model that the runtime opens.
#include <string_view>

#include "converter/support/descriptions.h"
#include "exercise_description.h"

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
