// Random buffers for the tests of kernels.
#include "runtime/support/kernel_inputs.h"

#include <cmath>
#include <cstring>
#include <limits>

namespace augur::test {
namespace {

constexpr std::size_t kSlack = kReadPastEnd / sizeof(float);
constexpr std::size_t kAlign = kAlignment / sizeof(float);

float* aligned(std::vector<float>& memory) {
  const auto address = reinterpret_cast<std::uintptr_t>(memory.data());
  return memory.data() + (kAlignment - address % kAlignment) % kAlignment / sizeof(float);
}

}  // namespace

Buffer::Buffer(std::size_t size, float value)
    : memory_(size + kSlack + kAlign, std::numeric_limits<float>::quiet_NaN()),
      data_(aligned(memory_)),
      size_(size) {
  for (std::size_t i = 0; i < size; ++i)
    data_[i] = value;
}

Buffer::Buffer(const Buffer& other) : Buffer(other.size_) {
  if (size_ > 0) std::memcpy(data_, other.data_, size_ * sizeof(float));
}

float Random::within(float low, float high) {
  // SplitMix64 (Steele, Lea, Flood, 2014).
  std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  z ^= z >> 31;
  return low + (high - low) * (static_cast<float>(z >> 40) * 0x1p-24f);
}

Buffer Random::values(std::size_t size, float low, float high) {
  Buffer buffer(size);
  for (std::size_t i = 0; i < size; ++i)
    buffer[i] = within(low, high);
  return buffer;
}

PackedProduct pack(const Buffer& matrix, std::size_t groups, std::size_t units, std::size_t inputs,
                   Buffer& lanes, Buffer& rows) {
  pack_lanes(matrix.data(), inputs, groups, units, inputs, lanes.data());
  pack_rows(matrix.data(), inputs, groups * units, inputs, rows.data());
  return {lanes.data(), rows.data()};
}

std::vector<Activation> all_activations() {
  std::vector<Activation> all;
  for (const ActivationKind kind :
       {ActivationKind::kNone, ActivationKind::kRelu, ActivationKind::kPrelu, ActivationKind::kDice,
        ActivationKind::kDiceRowwise, ActivationKind::kSigmoid, ActivationKind::kTanh,
        ActivationKind::kElu}) {
    all.emplace_back();
    all.back().kind = kind;
  }
  for (const Gate& gate : {kSiluGate, kGeluTanhGate, kGeluGate}) {
    all.emplace_back();
    all.back().kind = ActivationKind::kGated;
    all.back().gate = gate;
  }
  return all;
}

}  // namespace augur::test
