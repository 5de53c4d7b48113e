// The fields that a model declares; see fields.h.
#include "requests/fields.h"

#include "error.h"

namespace augur::requests {
namespace {

// The C API says no only to a null pointer, an index too large or a struct of another version,
// none of which is the user's doing.
void check(augur_status status) {
  if (status != AUGUR_OK) {
    throw Error(std::string("the model does not tell its fields: ") + augur_status_name(status));
  }
}

template <typename Query>
FieldGroup read_group(std::string title, const char* row_name, uint32_t count, Query query) {
  FieldGroup group{std::move(title), row_name, {}};
  for (uint32_t i = 0; i < count; ++i) {
    augur_field_info info = {};
    info.struct_size = sizeof info;
    check(query(i, &info));
    group.fields.push_back({info.name, info.kind, info.width});
  }
  return group;
}

}  // namespace

size_t FieldGroup::find(std::string_view name) const {
  size_t i = 0;
  while (i < fields.size() && fields[i].name != name)
    ++i;
  return i;
}

std::string FieldGroup::names() const {
  std::vector<std::string> names;
  for (const Field& field : fields)
    names.push_back(field.name);
  return quoted_list(names);
}

size_t ModelFields::find_stack(std::string_view name) const {
  size_t i = 0;
  while (i < stack_names.size() && stack_names[i] != name)
    ++i;
  return i;
}

ModelFields declared_fields(const augur_model& model) {
  augur_model_info info = {};
  info.struct_size = sizeof info;
  check(augur_model_get_info(&model, &info));
  ModelFields declared;
  declared.features = read_group(
      "features", "feature", info.feature_count,
      [&](uint32_t i, augur_field_info* out) { return augur_model_get_feature(&model, i, out); });
  declared.candidates = read_group("candidates", "candidate", info.candidate_field_count,
                                   [&](uint32_t i, augur_field_info* out) {
                                     return augur_model_get_candidate_field(&model, i, out);
                                   });
  for (uint32_t s = 0; s < info.stack_count; ++s) {
    augur_stack_info stack = {};
    stack.struct_size = sizeof stack;
    check(augur_model_get_stack(&model, s, &stack));
    const std::string title =
        info.stack_count == 1 ? "history" : "history " + augur::quoted(stack.name);
    declared.stack_names.emplace_back(stack.name);
    declared.stacks.push_back(
        read_group(title, "event", stack.field_count, [&](uint32_t i, augur_field_info* out) {
          return augur_model_get_stack_field(&model, s, i, out);
        }));
  }
  return declared;
}

std::string quoted_list(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names)
    list += (list.empty() ? "" : ", ") + augur::quoted(name);
  return list;
}

}  // namespace augur::requests
