// Writes the header first, padded so that the data begins at a multiple of 8.
#include "converter/checkpoint/safetensors_writer.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "checkpoint/safetensors_header.h"
#include "checkpoint/values.h"
#include "text/text.h"

namespace augur::checkpoint::test {
namespace {

// The header with its length before it. Offsets follow the order of `order`.
std::string header_text(const std::vector<const TensorData*>& order,
                        const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  uint64_t offset = 0;
  for (const TensorData* tensor : order) {
    const char* type = safetensors_type_name(tensor->dtype);
    uint64_t count = 0, bits = 0;
    const std::string where = "tensor " + augur::quoted(tensor->name);
    if (type == nullptr) {
      throw Error(where + ": safetensors has no type " + dtype_name(tensor->dtype));
    }
    if (!shape_size(tensor->shape, 8 * dtype_bytes(tensor->dtype), &count, &bits) ||
        bits / 8 != tensor->bytes.size()) {
      throw Error(where + ": " + std::to_string(tensor->bytes.size()) +
                  " bytes do not fill the shape " + shape_text(tensor->shape) + " of " + type);
    }
    if (tensor->name == "__metadata__" || header.contains(tensor->name)) {
      throw Error(where + " cannot be written: the name is taken");
    }
    header[tensor->name] = {{"dtype", type},
                            {"shape", tensor->shape},
                            {"data_offsets", {offset, offset + tensor->bytes.size()}}};
    offset += tensor->bytes.size();
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const nlohmann::json::exception&) {
    throw Error("a tensor's name is not valid UTF-8, which safetensors needs");
  }
  text.resize((text.size() + 7) / 8 * 8, ' ');
  std::string out(8, '\0');
  for (unsigned i = 0; i < 8; ++i) {
    out[i] = static_cast<char>((uint64_t{text.size()} >> (8 * i)) & 0xff);
  }
  return out + text;
}

// Wide types first, so that every tensor is aligned for its type.
std::vector<const TensorData*> in_file_order(const std::vector<TensorData>& tensors) {
  std::vector<const TensorData*> order;
  order.reserve(tensors.size());
  for (const TensorData& tensor : tensors)
    order.push_back(&tensor);
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return dtype_bytes(a->dtype) > dtype_bytes(b->dtype);
  });
  return order;
}

}  // namespace

TensorData float_tensor(std::string name, std::vector<int64_t> shape,
                        const std::vector<float>& values) {
  TensorData tensor{std::move(name), DType::kF32, std::move(shape), {}};
  tensor.bytes.reserve(values.size() * 4);
  for (const float value : values) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    for (unsigned i = 0; i < 4; ++i) {
      tensor.bytes.push_back(static_cast<uint8_t>((bits >> (8 * i)) & 0xff));
    }
  }
  return tensor;
}

std::vector<uint8_t> safetensors_bytes(const std::vector<TensorData>& tensors,
                                       const std::map<std::string, std::string>& metadata) {
  const std::vector<const TensorData*> order = in_file_order(tensors);
  const std::string header = header_text(order, metadata);
  std::vector<uint8_t> out(header.begin(), header.end());
  for (const TensorData* tensor : order) {
    out.insert(out.end(), tensor->bytes.begin(), tensor->bytes.end());
  }
  return out;
}

}  // namespace augur::checkpoint::test
