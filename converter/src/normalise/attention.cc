// The first layer of an MLP attention, split; see attention.h.
#include "normalise/attention.h"

namespace augur::convert {
namespace {

void add_to(std::optional<Matrix>& target, double factor, const Matrix& part) {
  if (!target) target = Matrix(part.rows, part.columns, part.name);
  add(*target, factor, part);
}

}  // namespace

PairSplit split_pair(const Matrix& weight, const std::vector<PairInput>& inputs, size_t query_width,
                     size_t key_width) {
  PairSplit split;
  size_t first = 0;
  for (const PairInput input : inputs) {
    const size_t width = input == PairInput::kQuery ? query_width : key_width;
    const Matrix part = column_range(weight, first, width);
    first += width;
    switch (input) {
      case PairInput::kQuery:
        add_to(split.query, 1, part);
        break;
      case PairInput::kKey:
        add_to(split.key, 1, part);
        break;
      case PairInput::kQueryMinusKey:
        add_to(split.query, 1, part);
        add_to(split.key, -1, part);
        break;
      case PairInput::kKeyMinusQuery:
        add_to(split.key, 1, part);
        add_to(split.query, -1, part);
        break;
      case PairInput::kProduct:
        add_to(split.product, 1, part);
        break;
    }
  }
  return split;
}

}  // namespace augur::convert
