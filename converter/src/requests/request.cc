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

// Adds a field's column to the group, unless another field reads the same column.
void add_field(const augur_field_info& info, DeclaredFields& group) {
  const DeclaredField field{info.column, info.kind, info.width, info.key_type};
  const size_t known = group.find(field.name);
  if (known == group.fields.size()) {
    group.fields.push_back(field);
    return;
  }
  const DeclaredField& other = group.fields[known];
  const bool same = field.kind == other.kind &&
                    field.has_string_keys() == other.has_string_keys() &&
                    (field.kind != AUGUR_VECTOR || field.width == other.width);
  if (same) return;
  throw Error("the model's " + group.title + ": field " + augur::quoted(info.name) +
              " and another field read the column " + augur::quoted(field.name) +
              ", but want values of different kinds; expected one kind for each column");
}

template <typename Query>
DeclaredFields read_group(std::string title, const char* row_name, uint32_t count, Query query) {
  DeclaredFields group{std::move(title), row_name, {}};
  for (uint32_t i = 0; i < count; ++i) {
    augur_field_info info = {};
    info.struct_size = sizeof info;
    check(query(i, &info));
    add_field(info, group);
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

void RequestColumn::clear() {
  given = false;
  ids.clear();
  strings.clear();
  values.clear();
  counts.clear();
}

RequestColumns::RequestColumns(const DeclaredFields& group)
    : group_(&group), values_(group.fields.size()), strings_(group.fields.size()) {
  columns_.reserve(group.fields.size());
}

size_t RequestColumns::rows(size_t field) const {
  const RequestColumn& values = values_[field];
  const DeclaredField& declared = group_->fields[field];
  if (declared.kind == AUGUR_IDS) return values.counts.size();
  return values.length() / (declared.kind == AUGUR_VECTOR ? declared.width : 1);
}

void RequestColumns::clear() {
  for (RequestColumn& values : values_)
    values.clear();
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
    std::vector<augur_string>& strings = strings_[f];
    strings.resize(values.strings.size());
    for (size_t i = 0; i < strings.size(); ++i)
      strings[i] = {values.strings[i].data(), values.strings[i].size()};
    columns_.push_back({sizeof(augur_column), field.name.c_str(), values.ids.data(),
                        values.values.data(), values.counts.data(), values.length(),
                        field.has_string_keys() ? strings.data() : nullptr, AUGUR_IDS_BY_FIELD, 0});
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
    const auto take_ids = [&](size_t first, size_t count) {
      if (field.has_string_keys()) {
        one.strings = all.strings + first;
      } else {
        one.ids = all.ids + first;
      }
      one.length = count;
    };
    switch (field.kind) {
      case AUGUR_ID:
        take_ids(row, 1);
        break;
      case AUGUR_IDS:
        for (size_t r = row_; r < row; ++r)
          first_id_[f] += all.counts[r];
        take_ids(first_id_[f], all.counts[row]);
        one.counts = all.counts + row;
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
