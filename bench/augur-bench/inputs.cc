// Random inputs that fit a model; see inputs.h.
#include "augur-bench/inputs.h"

#include <algorithm>

#include "error.h"

namespace augur::bench {
namespace {

void check(augur_status status) {
  if (status != AUGUR_OK) {
    throw Error(std::string("the model does not tell its fields: ") + augur_status_name(status));
  }
}

template <typename Query>
std::vector<augur_field_info> read_fields(uint32_t count, Query query) {
  std::vector<augur_field_info> fields(count);
  for (uint32_t i = 0; i < count; ++i) {
    fields[i].struct_size = sizeof(augur_field_info);
    check(query(i, &fields[i]));
  }
  return fields;
}

int64_t random_id(const augur_field_info& field, Random& random) {
  if (field.table_rows < 2) return 0;
  return static_cast<int64_t>(1 + random.below(field.table_rows - 1));
}

}  // namespace

uint64_t Random::next() {
  uint64_t z = state_ += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

RandomColumns::RandomColumns(const std::vector<augur_field_info>& fields, size_t rows,
                             Random& random)
    : rows_(rows), values_(fields.size()) {
  for (size_t f = 0; f < fields.size(); ++f) {
    const augur_field_info& field = fields[f];
    Values& values = values_[f];
    for (size_t row = 0; row < rows; ++row) {
      if (field.kind == AUGUR_ID) {
        values.ids.push_back(random_id(field, random));
      } else if (field.kind == AUGUR_IDS) {
        values.counts.push_back(static_cast<uint32_t>(1 + random.below(3)));
        for (uint32_t i = 0; i < values.counts.back(); ++i) {
          values.ids.push_back(random_id(field, random));
        }
      } else {
        for (uint32_t i = 0; i < field.width; ++i)
          values.values.push_back(random.unit());
      }
    }
    const bool is_id = field.kind == AUGUR_ID || field.kind == AUGUR_IDS;
    columns_.push_back({sizeof(augur_column), field.name, values.ids.data(), values.values.data(),
                        values.counts.data(), is_id ? values.ids.size() : values.values.size(),
                        nullptr, AUGUR_IDS_ROWS, 0});
  }
}

uint32_t Declared::max_history() const {
  uint32_t longest = 0;
  for (const Sequence& sequence : sequences)
    longest = std::max(longest, sequence.max_history);
  return longest;
}

Declared read_declared(const augur_model& model) {
  Declared declared;
  declared.info.struct_size = sizeof(augur_model_info);
  check(augur_model_get_info(&model, &declared.info));
  declared.features = read_fields(
      declared.info.feature_count,
      [&](uint32_t i, augur_field_info* out) { return augur_model_get_feature(&model, i, out); });
  declared.candidates =
      read_fields(declared.info.candidate_field_count, [&](uint32_t i, augur_field_info* out) {
        return augur_model_get_candidate_field(&model, i, out);
      });
  for (uint32_t s = 0; s < declared.info.stack_count; ++s) {
    augur_stack_info info = {};
    info.struct_size = sizeof info;
    check(augur_model_get_stack(&model, s, &info));
    declared.sequences.push_back(
        {info.name, info.max_history,
         read_fields(info.field_count, [&](uint32_t i, augur_field_info* out) {
           return augur_model_get_stack_field(&model, s, i, out);
         })});
  }
  return declared;
}

}  // namespace augur::bench
