// Small checkpoints made by tests: named tensors, written as safetensors and read back in double.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "support/temp_folder.h"

namespace augur::convert::testing {

using ::augur::testing::TempFolder;

struct TestTensor {
  std::vector<int64_t> shape;
  std::vector<float> values;
  std::vector<uint16_t> half;  // instead of values: the bits of half-precision numbers
};

class TensorSet {
 public:
  // Random values in [-scale, scale], the same ones on every run: they depend on the name alone.
  TensorSet& random(const std::string& name, std::vector<int64_t> shape, double scale = 0.5);
  // Random values in [least, most]; for variances.
  TensorSet& between(const std::string& name, std::vector<int64_t> shape, double least,
                     double most);
  TensorSet& add(const std::string& name, std::vector<int64_t> shape, std::vector<float> values);
  TensorSet& add_half(const std::string& name, std::vector<int64_t> shape,
                      std::vector<uint16_t> bits);
  TensorSet& remove(const std::string& name);

  const TestTensor& at(const std::string& name) const { return tensors_.at(name); }
  TestTensor& at(const std::string& name) { return tensors_.at(name); }
  // One value, as double.
  double value(const std::string& name, size_t row, size_t column) const;
  double value(const std::string& name, size_t index) const;

  void write_safetensors(const std::string& path) const;

 private:
  std::map<std::string, TestTensor> tensors_;
};

// The tensors as an opened checkpoint. Its file lives as long as it does.
class OpenTensorSet {
 public:
  explicit OpenTensorSet(const TensorSet& tensors);
  const checkpoint::Checkpoint& get() const { return *checkpoint_; }

 private:
  TempFolder folder_;
  std::unique_ptr<checkpoint::Checkpoint> checkpoint_;
};

}  // namespace augur::convert::testing
