// Random inputs with the fields that a model declares; the same seed gives the same inputs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "augur/augur.h"

namespace augur::bench {

// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014). Not the
// standard library's distributions, because these give other numbers in each implementation.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next();
  uint64_t below(uint64_t bound) { return next() % bound; }
  size_t index(size_t count) { return static_cast<size_t>(below(count)); }
  float unit() { return static_cast<float>(next() >> 40) * 0x1p-24f; }  // [0, 1)

 private:
  uint64_t state_;
};

// Keys of one of the model's tables, all of its key type.
struct TableKeys {
  std::string table;
  std::vector<std::string> strings;
  std::vector<int64_t> integers;
  size_t size() const { return strings.size() + integers.size(); }
};

// Columns of random values, together with the memory that the columns point to.
class RandomColumns {
 public:
  // Ids are rows of the field's table, but never 0, which may mean "no event"; for a table in
  // `keys` they are these keys, whose strings must outlive the columns. A row of kind `ids` has one
  // to three of them. Numbers are in [0, 1). Several fields that read one column have one.
  RandomColumns(const std::vector<augur_field_info>& fields, size_t rows, Random& random,
                const std::vector<TableKeys>& keys = {});

  const augur_column* data() const { return columns_.data(); }
  size_t size() const { return columns_.size(); }
  size_t rows() const { return rows_; }

 private:
  struct Values {
    std::vector<int64_t> ids;
    std::vector<augur_string> strings;
    std::vector<float> values;
    std::vector<uint32_t> counts;
  };
  void add_id(const augur_field_info& field, const TableKeys* keys, Random& random, Values& values);

  size_t rows_;
  std::vector<Values> values_;
  std::vector<augur_column> columns_;
};

// What a model declares, copied out of the C API. Strings live as long as the model.
struct Declared {
  struct Sequence {
    std::string name;
    uint32_t max_history = 0;
    std::vector<augur_field_info> fields;
  };
  augur_model_info info = {};
  std::vector<augur_field_info> features;
  std::vector<augur_field_info> candidates;
  std::vector<Sequence> sequences;

  // The longest history of any sequence.
  uint32_t max_history() const;
};

// Throws Error.
Declared read_declared(const augur_model& model);

}  // namespace augur::bench
