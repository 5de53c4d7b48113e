// How weights lie in memory for the fused kernels. Every product has two forms, because every
// kernel has two:
//
//   lanes  A vector's lanes are candidates (or steps). Weights are broadcast, so a block of units
//          lies together for each input k:  [block][k][group][unit of the block].
//          A group is a gate; other products have one.
//   rows   A vector's lanes are output units, for the few rows that fill no vector of candidates:
//          [k][padded_units(outputs)], the padding zero.
//
// Both add up over ascending k into one accumulator, so that they agree bit by bit.
#pragma once

#include <cstddef>
#include <cstdint>

namespace augur {

// The longest vector has this many floats; a block of candidates is one or two vectors.
inline constexpr std::size_t kMaxVector = 16;
inline constexpr std::size_t kMaxLanes = 2 * kMaxVector;

constexpr std::size_t padded_units(std::size_t units) {
  return (units + kMaxVector - 1) / kMaxVector * kMaxVector;
}

// Units in the block that begins where `left` units are left: about as many accumulators as there
// are registers for.
constexpr std::size_t block_units(std::size_t groups, std::size_t left) {
  if (groups == 1 && left >= 8) return 8;
  return left >= 4 ? 4 : 1;
}

// weight [groups * units, inputs] row-major, `stride` apart -> [groups * units * inputs].
void pack_lanes(const float* weight, std::size_t stride, std::size_t groups, std::size_t units,
                std::size_t inputs, float* packed);

// weight [outputs, inputs] row-major, `stride` apart -> [inputs, padded_units(outputs)].
void pack_rows(const float* weight, std::size_t stride, std::size_t outputs, std::size_t inputs,
               float* packed);

// How products of integers and the gates behind them are computed.
enum class IntegerPath : std::uint8_t {
  kNone,   // not at all: the weights are floats
  kDot,    // dot products of four, gates in f32
  kHalf,   // 64-bit ARM: dot products of four, gates in fp16
  kMatrix  // 64-bit ARM: lanes by products of matrices, rows as kHalf; gates in fp16
};

// The longest sums that gates in fp16 can read.
inline constexpr std::size_t kMostHalfInputs = 256;

// The path of a product with so many inputs, where `best` is the best that the processor has.
constexpr IntegerPath integer_path(IntegerPath best, std::size_t inputs) {
  const bool halves = best == IntegerPath::kHalf || best == IntegerPath::kMatrix;
  return halves && inputs > kMostHalfInputs ? IntegerPath::kDot : best;
}

// Integers: four inputs k lie together, as dot-product instructions read them; in kMatrix's lanes
// eight. A block is four units, so `units` must be a multiple of four. Inputs are padded with zero
// weights to a multiple of four or eight.
//
//   lanes  [block][k / 4][group][unit of the block][k % 4]
//   rows   [k / 4][padded_units(outputs)][k % 4]
constexpr std::size_t quads(std::size_t inputs) {
  return (inputs + 3) / 4;
}

// How many inputs lie together in lanes, and how many there are with the padding.
constexpr std::size_t integers_together(IntegerPath path) {
  return path == IntegerPath::kMatrix ? 8 : 4;
}
constexpr std::size_t padded_inputs(IntegerPath path, std::size_t inputs) {
  const std::size_t together = integers_together(path);
  return (inputs + together - 1) / together * together;
}

// packed has outputs * padded_inputs() bytes.
void pack_integer_lanes(IntegerPath path, const std::int8_t* weight, std::size_t groups,
                        std::size_t units, std::size_t inputs, std::int8_t* packed);
void pack_integer_rows(const std::int8_t* weight, std::size_t outputs, std::size_t inputs,
                       std::int8_t* packed);

}  // namespace augur
