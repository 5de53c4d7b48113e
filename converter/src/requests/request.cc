// The fields of a model and the values of a request; see request.h.
#include "requests/request.h"

#include <algorithm>

#include "error.h"
#include "text/text.h"

namespace augur::requests {
namespace {

// These calls fail only for a null pointer, an index that is too large or a struct of another
// version, so a failure here is an error of this program.
void check(augur_status status) {
  if (status != AUGUR_OK) {
    throw Error(std::string("the model does not tell its fields: ") + augur_status_name(status));
  }
}

template <typename Query>
DeclaredFields read_group(std::string title, const char* row_name, uint32_t count, Query query) {
  DeclaredFields group{std::move(title), row_name, {}};
  for (uint32_t i = 0; i < count; ++i) {
    augur_field_info info = {};
    info.struct_size = sizeof info;
    check(query(i, &info));
    group.fields.push_back({info.name, info.kind, info.width});
  }
  return group;
}

}  // namespace

size_t DeclaredFields::find(std::string_view name) const {
  size_t i = 0;
  while (i < fields.size() && fields[i].name != name)
    ++i;
  return i;
}

std::string DeclaredFields::names() const {
  std::vector<std::string> names;
  for (const DeclaredField& field : fields)
    names.push_back(field.name);
  return join(names, ", ", true);
}

size_t ModelFields::find_sequence(std::string_view name) const {
  size_t i = 0;
  while (i < sequence_names.size() && sequence_names[i] != name)
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
    augur_stack_info sequence = {};
    sequence.struct_size = sizeof sequence;
    check(augur_model_get_stack(&model, s, &sequence));
    const std::string title =
        info.stack_count == 1 ? "history" : "history " + augur::quoted(sequence.name);
    declared.sequence_names.emplace_back(sequence.name);
    declared.sequences.push_back(
        read_group(title, "event", sequence.field_count, [&](uint32_t i, augur_field_info* out) {
          return augur_model_get_stack_field(&model, s, i, out);
        }));
  }
  return declared;
}

RequestColumns::RequestColumns(const DeclaredFields& group)
    : group_(&group), values_(group.fields.size()) {
  columns_.reserve(group.fields.size());
}

size_t RequestColumns::rows(size_t field) const {
  const RequestColumn& values = values_[field];
  switch (group_->fields[field].kind) {
    case AUGUR_ID:
      return values.ids.size();
    case AUGUR_IDS:
      return values.counts.size();
    case AUGUR_NUMBER:
    case AUGUR_VECTOR:
      break;
  }
  return values.values.size() / group_->fields[field].width;
}

void RequestColumns::clear() {
  for (RequestColumn& values : values_) {
    values.given = false;
    values.ids.clear();
    values.values.clear();
    values.counts.clear();
  }
  columns_.clear();
  row_count_ = 0;
}

void RequestColumns::finish(bool may_be_empty) {
  columns_.clear();
  row_count_ = 0;
  const bool none = std::none_of(values_.begin(), values_.end(),
                                 [](const RequestColumn& values) { return values.given; });
  if (none && may_be_empty) return;
  for (size_t f = 0; f < values_.size(); ++f) {
    const DeclaredField& field = group_->fields[f];
    const RequestColumn& values = values_[f];
    if (!values.given) {
      throw Error(group_->title + ": field " + augur::quoted(field.name) + " is missing");
    }
    if (f == 0) row_count_ = rows(f);
    if (rows(f) != row_count_) {
      throw Error(group_->title + ": field " + augur::quoted(field.name) + " has " +
                  count_text(rows(f), "value") + ", but " + augur::quoted(group_->fields[0].name) +
                  " has " + std::to_string(row_count_) + "; every field needs one for each " +
                  group_->row_name);
    }
    const bool is_id = field.kind == AUGUR_ID || field.kind == AUGUR_IDS;
    columns_.push_back({sizeof(augur_column), field.name.c_str(), values.ids.data(),
                        values.values.data(), values.counts.data(),
                        is_id ? values.ids.size() : values.values.size(), nullptr, 0, 0});
  }
}

RowCursor::RowCursor(const RequestColumns& set)
    : set_(&set), columns_(set.columns()), first_id_(set.columns().size(), 0) {}

void RowCursor::move_to(size_t row) {
  if (row < row_) {
    row_ = 0;
    std::fill(first_id_.begin(), first_id_.end(), 0);
  }
  for (size_t f = 0; f < columns_.size(); ++f) {
    const DeclaredField& field = set_->group().fields[f];
    const augur_column& all = set_->columns()[f];
    augur_column& one = columns_[f];
    switch (field.kind) {
      case AUGUR_ID:
        one.ids = all.ids + row;
        one.length = 1;
        break;
      case AUGUR_IDS:
        for (size_t r = row_; r < row; ++r)
          first_id_[f] += all.counts[r];
        one.ids = all.ids + first_id_[f];
        one.counts = all.counts + row;
        one.length = all.counts[row];
        break;
      case AUGUR_NUMBER:
      case AUGUR_VECTOR:
        one.values = all.values + row * field.width;
        one.length = field.width;
        break;
    }
  }
  row_ = row;
}

}  // namespace augur::requests
