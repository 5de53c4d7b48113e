// One tensor is in memory at a time; see save_tensors.h.
#include "commands/save_tensors.h"

#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "checkpoint/names.h"
#include "write/output_file.h"

namespace augur::convert {
namespace {

using checkpoint::TensorInfo;

struct Saved {
  const TensorInfo* tensor;
  std::string name;
  bool is_integer;

  uint64_t bytes() const { return tensor->count() * (is_integer ? 8 : 4); }
};

// The header with its length before it, padded so that the data begins at a multiple of 8.
std::string header_text(const std::vector<Saved>& tensors) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  uint64_t offset = 0;
  for (const Saved& saved : tensors) {
    header[saved.name] = {{"dtype", saved.is_integer ? "I64" : "F32"},
                          {"shape", saved.tensor->shape},
                          {"data_offsets", {offset, offset + saved.bytes()}}};
    offset += saved.bytes();
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const nlohmann::json::exception&) {
    throw Error("--save-tensors: a tensor's name is not valid UTF-8, which .safetensors needs");
  }
  text.resize((text.size() + 7) / 8 * 8, ' ');
  std::string out;
  for (unsigned i = 0; i < 8; ++i)
    out += static_cast<char>((uint64_t{text.size()} >> (8 * i)) & 0xff);
  return out + text;
}

template <typename T>
void write_values(const std::vector<T>& values, OutputFile& file) {
  std::string bytes;
  bytes.reserve(values.size() * sizeof(T));
  for (const T value : values) {
    std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t> bits;
    std::memcpy(&bits, &value, sizeof bits);
    for (unsigned i = 0; i < sizeof bits; ++i)
      bytes += static_cast<char>((bits >> (8 * i)) & 0xff);
  }
  file.write(bytes);
}

}  // namespace

std::string save_tensors(const checkpoint::Checkpoint& checkpoint, const std::string& path) {
  const std::vector<std::string> names = with_full_names(checkpoint).value_or(names_of(checkpoint));
  std::vector<Saved> tensors;
  size_t left_out = 0;
  for (size_t i = 0; i < names.size(); ++i) {
    const TensorInfo& tensor = checkpoint.tensors()[i];
    if (checkpoint::is_training_only(tensor.name) || !checkpoint::is_readable(tensor.dtype)) {
      ++left_out;
    } else {
      tensors.push_back({&tensor, names[i], checkpoint::is_integer(tensor.dtype)});
    }
  }
  if (tensors.empty()) throw Error(checkpoint.file() + ": has no tensors that score");
  OutputFile file(path, OutputTo::kFile);
  file.write(header_text(tensors));
  for (const Saved& saved : tensors) {
    if (saved.is_integer) {
      write_values(checkpoint.read_int64(*saved.tensor), file);
    } else {
      write_values(checkpoint.read(*saved.tensor), file);
    }
  }
  file.finish();
  return left_out == 0 ? ""
                       : std::to_string(left_out) +
                             " tensors are left out: those that serve training alone, and texts";
}

}  // namespace augur::convert
