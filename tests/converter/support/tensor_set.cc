// Small checkpoints made by tests; see tensor_set.h.
#include "converter/support/tensor_set.h"

#include <fstream>
#include <nlohmann/json.hpp>

namespace augur::convert::testing {
namespace {

// splitmix64, seeded by FNV-1a of the name.
class Random {
 public:
  explicit Random(const std::string& name) {
    for (const char c : name)
      state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  }
  // In [0, 1).
  double next() {
    state_ += 0x9e3779b97f4a7c15u;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return static_cast<double>((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
  }

 private:
  uint64_t state_ = 0xcbf29ce484222325u;
};

size_t count_of(const std::vector<int64_t>& shape) {
  size_t count = 1;
  for (const int64_t size : shape)
    count *= static_cast<size_t>(size);
  return count;
}

size_t bytes_of(const TestTensor& tensor) {
  return tensor.values.size() * sizeof(float) + tensor.half.size() * sizeof(uint16_t);
}

}  // namespace

TensorSet& TensorSet::random(const std::string& name, std::vector<int64_t> shape, double scale) {
  return between(name, std::move(shape), -scale, scale);
}

TensorSet& TensorSet::between(const std::string& name, std::vector<int64_t> shape, double least,
                              double most) {
  Random random(name);
  std::vector<float> values(count_of(shape));
  for (float& value : values)
    value = static_cast<float>(least + (most - least) * random.next());
  return add(name, std::move(shape), std::move(values));
}

TensorSet& TensorSet::add(const std::string& name, std::vector<int64_t> shape,
                          std::vector<float> values) {
  tensors_[name] = {std::move(shape), std::move(values), {}};
  return *this;
}

TensorSet& TensorSet::add_half(const std::string& name, std::vector<int64_t> shape,
                               std::vector<uint16_t> bits) {
  tensors_[name] = {std::move(shape), {}, std::move(bits)};
  return *this;
}

TensorSet& TensorSet::remove(const std::string& name) {
  tensors_.erase(name);
  return *this;
}

double TensorSet::value(const std::string& name, size_t row, size_t column) const {
  const TestTensor& tensor = tensors_.at(name);
  return static_cast<double>(
      tensor.values.at(row * static_cast<size_t>(tensor.shape.at(1)) + column));
}

double TensorSet::value(const std::string& name, size_t index) const {
  return static_cast<double>(tensors_.at(name).values.at(index));
}

void TensorSet::write_safetensors(const std::string& path) const {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  size_t offset = 0;
  for (const auto& [name, tensor] : tensors_) {
    const size_t end = offset + bytes_of(tensor);
    header[name] = {{"dtype", tensor.half.empty() ? "F32" : "F16"},
                    {"shape", tensor.shape},
                    {"data_offsets", {offset, end}}};
    offset = end;
  }
  const std::string text = header.dump();
  std::ofstream file(path, std::ios::binary);
  const uint64_t length = text.size();
  file.write(reinterpret_cast<const char*>(&length), sizeof length);
  file << text;
  for (const auto& [name, tensor] : tensors_) {
    const void* data = tensor.half.empty() ? static_cast<const void*>(tensor.values.data())
                                           : static_cast<const void*>(tensor.half.data());
    file.write(static_cast<const char*>(data), static_cast<std::streamsize>(bytes_of(tensor)));
  }
}

OpenTensorSet::OpenTensorSet(const TensorSet& tensors) {
  const std::string path = folder_.path("weights.safetensors");
  tensors.write_safetensors(path);
  checkpoint_ = checkpoint::open_checkpoint(path);
}

}  // namespace augur::convert::testing
