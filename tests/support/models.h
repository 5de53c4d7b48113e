// Small models with random weights, for tests of the code that uses the runtime.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "augur_generated.h"

namespace augur::tools_test {

// A DIEN: feature `user` (5 ids); stack "clicks" of at most 4 events with `item` (10 ids) and
// `category` (4 ids); candidates likewise. Ids outside their table are errors.
std::unique_ptr<fb::ModelT> small_dien();

// The same network in other sizes; the defaults are small_dien()'s.
struct DienSize {
  uint32_t items = 10;
  uint32_t item_width = 3;
  uint32_t category_width = 2;
  uint32_t units = 5;  // of the extractor and the evolution
  uint32_t history = 4;
  uint32_t head_units = 4;
};
std::unique_ptr<fb::ModelT> dien(const DienSize& size);

// Every field kind, two stacks. Features `age` (number), `tags` (ids), `face` (vector of 3); stack
// "clicks" with `item` and an attention; stack "skips" with `tags`, `price` (number) and `look`
// (vector of 2), pooled; candidates `item`, `tags`, `price`, `look`.
std::unique_ptr<fb::ModelT> every_kind();

// small_dien() whose items' rows are in a file of their own. The hash that each file states of them
// is 32 times one byte; 0: none.
struct PartedModel {
  std::vector<uint8_t> model;
  std::vector<uint8_t> table;
};
PartedModel parted_dien(uint8_t model_states, uint8_t table_states);

// The same model as a file.
std::vector<uint8_t> packed(const fb::ModelT& model);

}  // namespace augur::tools_test
