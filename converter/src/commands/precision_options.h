// The options of augur-convert that choose types and files of their own for tables.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "convert/conversion.h"

namespace CLI {
class App;
}

namespace augur::convert {

struct PrecisionOptions {
  std::string weights_type = "f32";
  std::string embeddings = "f32";
  std::vector<std::string> keep_f32;
  std::vector<std::string> types;     // PART=TYPE
  std::vector<std::string> sidecars;  // TABLE=FILE
  uint32_t group_size = 0;
};

void declare(CLI::App& app, PrecisionOptions& options);

// Into the conversion's inputs. Throws UsageError.
void apply(const PrecisionOptions& options, ConversionInputs& inputs);

// "KEY=VALUE" cut at the first "=". Throws UsageError, naming the flag, unless both are there.
std::pair<std::string, std::string> split_pair(const std::string& text, const std::string& flag,
                                               const std::string& form);

}  // namespace augur::convert
