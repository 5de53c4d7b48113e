// Random inputs that fit a model; see inputs.h.
#include "augur-bench/inputs.h"

#include <algorithm>
#include <cstring>

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

const TableKeys* keys_of(const augur_field_info& field, const std::vector<TableKeys>& keys) {
  for (const TableKeys& one : keys) {
    if (one.table == field.table) return &one;
  }
  return nullptr;
}

// One field for each column, with the fewest rows of the tables that the column's fields read.
std::vector<augur_field_info> columns_of(const std::vector<augur_field_info>& fields) {
  std::vector<augur_field_info> columns;
  for (const augur_field_info& field : fields) {
    const auto same = std::find_if(columns.begin(), columns.end(), [&](const auto& column) {
      return std::strcmp(column.column, field.column) == 0;
    });
    if (same == columns.end()) {
      columns.push_back(field);
    } else {
      same->table_rows = std::min(same->table_rows, field.table_rows);
    }
  }
  return columns;
}

}  // namespace

uint64_t Random::next() {
  uint64_t z = state_ += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

void RandomColumns::add_id(const augur_field_info& field, const TableKeys* keys, Random& random,
                           Values& values) {
  if (keys == nullptr) {
    const bool no_choice = field.table_rows < 2;
    values.ids.push_back(no_choice ? 0
                                   : static_cast<int64_t>(1 + random.below(field.table_rows - 1)));
  } else if (keys->strings.empty()) {
    values.ids.push_back(keys->integers[random.index(keys->integers.size())]);
  } else {
    const std::string& key = keys->strings[random.index(keys->strings.size())];
    values.strings.push_back({key.data(), key.size()});
  }
}

RandomColumns::RandomColumns(const std::vector<augur_field_info>& fields, size_t rows,
                             Random& random, const std::vector<TableKeys>& keys)
    : rows_(rows), values_(fields.size()) {
  const std::vector<augur_field_info> columns = columns_of(fields);
  for (size_t f = 0; f < columns.size(); ++f) {
    const augur_field_info& field = columns[f];
    const TableKeys* const table_keys = keys_of(field, keys);
    Values& values = values_[f];
    for (size_t row = 0; row < rows; ++row) {
      if (field.kind == AUGUR_ID) {
        add_id(field, table_keys, random, values);
      } else if (field.kind == AUGUR_IDS) {
        values.counts.push_back(static_cast<uint32_t>(1 + random.below(3)));
        for (uint32_t i = 0; i < values.counts.back(); ++i)
          add_id(field, table_keys, random, values);
      } else {
        for (uint32_t i = 0; i < field.width; ++i)
          values.values.push_back(random.unit());
      }
    }
    columns_.push_back({sizeof(augur_column), field.column, values.ids.data(), values.values.data(),
                        values.counts.data(),
                        values.ids.size() + values.strings.size() + values.values.size(),
                        values.strings.empty() ? nullptr : values.strings.data(),
                        table_keys == nullptr ? AUGUR_IDS_ROWS : AUGUR_IDS_KEYS, 0});
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
