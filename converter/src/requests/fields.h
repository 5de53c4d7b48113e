// The fields that a model declares, asked through the C API: what requests are checked against.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "augur/augur.h"

namespace augur::requests {

struct Field {
  std::string name;
  augur_field_kind kind = AUGUR_ID;
  uint32_t width = 1;  // AUGUR_VECTOR: how many numbers a row has
};

// Fields that are given together: the features, the events of one stack, the candidates.
struct FieldGroup {
  std::string title;     // what messages call it: "features", "history 'clicks'", "candidates"
  std::string row_name;  // what one row is: "feature", "event", "candidate"
  std::vector<Field> fields;

  // The field's index, or fields.size() if there is none.
  size_t find(std::string_view name) const;
  // 'item', 'category'
  std::string names() const;
};

struct ModelFields {
  FieldGroup features;
  FieldGroup candidates;
  std::vector<std::string> stack_names;
  std::vector<FieldGroup> stacks;

  // The stack's index, or stacks.size() if there is none.
  size_t find_stack(std::string_view name) const;
};

ModelFields declared_fields(const augur_model& model);

// 'a', 'b', 'c'
std::string quoted_list(const std::vector<std::string>& names);

}  // namespace augur::requests
