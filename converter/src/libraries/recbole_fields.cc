// RecBole's fields; see recbole_fields.h.
#include "libraries/recbole_fields.h"

#include <utility>

#include "libraries/pieces.h"
#include "text/text.h"

namespace augur::convert::recbole_model {
namespace {

std::string stacked_table(const std::string& kind, const std::string& type) {
  return "embedding_layer." + kind + "_embedding_table." + type + ".embedding.weight";
}

std::string fields_have(const std::string& type, const std::string& what) {
  return type + "_fields has " + what;
}

std::vector<Json> fields_of_kind(const Json& stated, const std::string& kind) {
  std::vector<Json> fields;
  for (const Json& field : stated) {
    if (field["kind"] == kind) fields.push_back(field);
  }
  return fields;
}

// A float field that is not discretised is a number times row 1 of its two rows.
bool is_number(const Json& field) {
  return field["kind"] == "float" && !field["discretized"].get<bool>();
}

Parameter fields_parameter(const std::string& name, const std::string& about,
                           const std::string& fallback, const std::string& where) {
  return ask::list(
             name, about,
             ask::object(
                 "", "a field",
                 {ask::text("name", "its name").found_in("dataset.fields()"),
                  ask::choice("kind", "its type",
                              {{"token", "one id"},
                               {"token_seq", "several ids, pooled"},
                               {"float", "a number of numerical_features"},
                               {"float_seq", "several numbers of numerical_features"}})
                      .found_in("dataset.field2type")
                      .with_default("token"),
                  ask::boolean("discretized",
                               "of a float or float_seq field: whether the configuration's "
                               "discretization has it, so that requests give its bucket")
                      .found_in("the configuration: discretization")
                      .with_default(false),
                  ask::integer("rows",
                               "how many values the field has (dataset.num(name)), [PAD] with "
                               "them; needed where there are several token fields, or several "
                               "discretized float fields")
                      .found_in("dataset.num(name)")
                      .not_required()})
                 .with_shorthand("name"))
      .found_in(where)
      .with_default(
          Json::array({Json{{"name", fallback}, {"kind", "token"}, {"discretized", false}}}));
}

bool has_sequences(const Tensors& tensors, const Answers& answers) {
  std::vector<std::string> lists = {"item_fields"};
  if (is_dien(tensors)) lists.emplace_back("user_fields");
  for (const std::string& list : lists) {
    if (!fields_of_kind(answers.at(list), "token_seq").empty() ||
        !fields_of_kind(answers.at(list), "float_seq").empty()) {
      return true;
    }
  }
  return false;
}

void check_kinds(const Tensors& tensors, const Json& stated, const std::string& type) {
  for (const Json& field : stated) {
    const std::string kind = field["kind"].get<std::string>();
    const std::string name = augur::quoted(field["name"].get<std::string>());
    const bool discretized = field["discretized"].get<bool>();
    if (discretized && (kind == "token" || kind == "token_seq")) {
      tensors.refuse(fields_have(type, name +
                                           " with discretized, but RecBole discretises float and "
                                           "float_seq fields alone, and its kind is " +
                                           kind));
    }
    if (kind == "float_seq" && !discretized) {
      tensors.refuse("float_seq field " + name +
                     ": it pools embeddings that are multiplied by the numbers of a list, and "
                     "lists of numbers are not in the model family. A discretized float_seq field "
                     "converts, and so does a float field");
    }
  }
}

// How many rows a field has in the tensor of `total` rows that `fields` fields share.
int64_t rows_of(const Tensors& tensors, const Json& field, const std::string& type, int64_t total,
                size_t fields) {
  const auto rows = field.find("rows");
  if (rows != field.end()) return rows->get<int64_t>();
  if (is_number(field)) return 2;
  if (fields == 1) return total;
  const std::string name = field["name"].get<std::string>();
  tensors.refuse("rows is needed for every " + field["kind"].get<std::string>() + " field of " +
                 type + "_fields, for their tables stand one below the other: {\"name\": \"" +
                 name + "\", \"rows\": dataset.num('" + name + "')}");
}

// Tables of `kind`, token or float, stand one below the other in one tensor, in the order of the
// fields; their rows are those of the fields, one after the other.
void add_stacked(std::vector<Field>& fields, const Tensors& tensors, const Json& stated,
                 const std::string& kind, const std::string& type) {
  const std::string tensor = stacked_table(kind, type);
  const std::vector<Json> parts = fields_of_kind(stated, kind);
  if (parts.empty() != !tensors.has(tensor)) {
    tensors.refuse(fields_have(
        type, std::to_string(parts.size()) + " " + kind + " fields, but the checkpoint has " +
                  (parts.empty() ? "a table of them" : "no table of them") + " (" + tensor + ")"));
  }
  if (parts.empty()) return;
  const int64_t total = tensors.size(tensor, 0);
  int64_t end = 0;
  for (const Json& part : parts) {
    const int64_t first = end;
    end += rows_of(tensors, part, type, total, parts.size());
    Field field;
    field.name = part["name"].get<std::string>();
    if (is_number(part)) {
      field.kind = Field::Kind::kNumber;
      field.weights = {
          {"tensor", tensor}, {"rows", {first + 1, first + 2}}, {"orientation", "in_out"}};
    } else {
      field.table = type + "." + field.name;
      field.has_tokens = kind == "token";
      field.weights = tensor;
      if (parts.size() > 1) field.weights = {{"tensor", tensor}, {"rows", {first, end}}};
    }
    fields.push_back(std::move(field));
  }
  if (end != total) {
    tensors.refuse("the rows of " + (kind == "token" ? "" : "the " + kind + " fields of ") + type +
                   "_fields add up to " + std::to_string(end) +
                   ", but the checkpoint's table has " + std::to_string(total) +
                   "; the vocabularies and the checkpoint do not belong together" +
                   (kind == "float" ? " (a float field has 2 rows, one that is discretized has "
                                      "dataset.num(name))"
                                    : ""));
  }
}

// RecBole 1.0 had one row a float field, in a tensor of another name, and discretised nothing.
void add_early_floats(std::vector<Field>& fields, const Tensors& tensors, const Json& stated,
                      const std::string& tensor, const std::string& type) {
  const std::vector<Json> parts = fields_of_kind(stated, "float");
  if (static_cast<int64_t>(parts.size()) != tensors.size(tensor, 0)) {
    tensors.refuse(fields_have(type, std::to_string(parts.size()) + " float fields, but " + tensor +
                                         " has rows for " +
                                         std::to_string(tensors.size(tensor, 0))));
  }
  for (size_t i = 0; i < parts.size(); ++i) {
    Field field;
    field.name = parts[i]["name"].get<std::string>();
    field.kind = Field::Kind::kNumber;
    field.weights = {{"tensor", tensor}, {"rows", {i, i + 1}}, {"orientation", "in_out"}};
    if (!is_number(parts[i])) {
      tensors.refuse("float field " + augur::quoted(field.name) + " of " + type +
                     "_fields is discretized, but releases with " + tensor + " discretise nothing");
    }
    fields.push_back(std::move(field));
  }
}

void add_floats(std::vector<Field>& fields, const Tensors& tensors, const Answers& answers,
                const std::string& type) {
  const Json& stated = answers.at(type + "_fields");
  const std::string early = "embedding_layer.float_embedding_table." + type + ".weight";
  if (tensors.has(early)) {
    add_early_floats(fields, tensors, stated, early, type);
    return;
  }
  add_stacked(fields, tensors, stated, "float", type);
  if (fields_of_kind(stated, "float").size() < 2) return;
  answers.warn(type +
               "_fields has several float fields. RecBole 1.2 fails on them (it joins them along "
               "the wrong axis); they are read as of a release in which that is mended, one "
               "below the other in the table and side by side in the embeddings");
}

// Tables of `kind`, token_seq or float_seq, are apart.
void add_sequences(std::vector<Field>& fields, const Tensors& tensors, const Json& stated,
                   const std::string& kind, const std::string& type) {
  const std::string at = "embedding_layer." + kind + "_embedding_table." + type + ".";
  const std::vector<int> tables = tensors.indices(at + "#.weight");
  const std::vector<Json> parts = fields_of_kind(stated, kind);
  if (parts.size() != tables.size()) {
    tensors.refuse(fields_have(type, std::to_string(parts.size()) + " " + kind +
                                         " fields, but the checkpoint has tables for " +
                                         std::to_string(tables.size()) + " (" + at + "N)"));
  }
  for (size_t i = 0; i < parts.size(); ++i) {
    const std::string name = parts[i]["name"].get<std::string>();
    const std::string tensor = at + std::to_string(tables[i]) + ".weight";
    const auto rows = parts[i].find("rows");
    if (rows != parts[i].end() && rows->get<int64_t>() != tensors.size(tensor, 0)) {
      tensors.refuse("field " + augur::quoted(name) + " of " + type + "_fields has " +
                     std::to_string(rows->get<int64_t>()) + " rows, but " + tensor + " has " +
                     std::to_string(tensors.size(tensor, 0)) +
                     "; the vocabularies and the checkpoint do not belong together");
    }
    fields.push_back({name, Field::Kind::kIds, type + "." + name, kind == "token_seq", tensor});
  }
}

// All embeddings are equally wide, so that the widths of the networks tell how many fields there
// are.
void check_count(const Tensors& tensors, size_t stated, const std::string& type) {
  const int64_t dim = tensors.size(stacked_table("token", "item"), 1);
  if (dim == 0) tensors.refuse(stacked_table("token", "item") + " has no columns");
  const std::vector<int> layers = tensors.indices("dnn_mlp_layers.mlp_layers.#.bias");
  if (layers.empty()) tensors.refuse("the head dnn_mlp_layers.mlp_layers.*.bias is missing");
  const std::string first = "dnn_mlp_layers.mlp_layers." + std::to_string(layers[0]) + ".weight";
  const int64_t width =
      type == "item" ? event_width(tensors) : tensors.size(first, 1) - 2 * event_width(tensors);
  if (width == static_cast<int64_t>(stated) * dim) return;
  const std::string count = std::to_string(stated) + (stated == 1 ? " field" : " fields");
  tensors.refuse(
      fields_have(type, count + ", but the embeddings of the " + type + "'s fields are " +
                            std::to_string(width) + " wide together (as " +
                            (type == "item" ? attention_at(tensors) : first) + " sees them), " +
                            std::to_string(dim) + " each: " +
                            (width % dim == 0 ? "the model has " + std::to_string(width / dim)
                                              : "these tensors are not of one model")));
}

}  // namespace

bool is_dien(const Tensors& tensors) {
  return tensors.has("interset_extractor.gru.weight_ih_l0");
}

std::string attention_at(const Tensors& tensors) {
  return is_dien(tensors) ? "interest_evolution.attention_layer" : "attention";
}

int64_t event_width(const Tensors& tensors) {
  const std::string at = attention_at(tensors) + ".att_mlp_layers.mlp_layers.";
  const std::vector<int> layers = tensors.indices(at + "#.weight");
  if (layers.empty()) tensors.refuse("the attention " + at + "* is missing");
  return tensors.size(at + std::to_string(layers[0]) + ".weight", 1) / 4;
}

std::vector<Parameter> field_parameters() {
  return {
      fields_parameter("user_fields",
                       "the fields of the user features in the dataset's order (user_id, then the "
                       "columns of .user); a DIN reads none of them",
                       "user_id",
                       "dataset.fields(source=[FeatureSource.USER_ID, FeatureSource.USER])")
          .only_if(is_dien),
      fields_parameter("item_fields",
                       "the fields of the item features in the dataset's order (item_id, then the "
                       "columns of .item)",
                       "item_id",
                       "dataset.fields(source=[FeatureSource.ITEM_ID, FeatureSource.ITEM])"),
      ask::choice("pooling_mode", "as in the configuration (default there: mean)",
                  {{"mean", "mean"}, {"sum", "sum"}, {"max", "the greatest of each column"}})
          .found_in("the configuration: pooling_mode")
          .needed_if(has_sequences, "where there are token_seq or float_seq fields")
          .decided_with("item_fields"),
  };
}

Fields read_fields(const Tensors& tensors, const Answers& answers, const std::string& type) {
  const Json& stated = answers.at(type + "_fields");
  check_kinds(tensors, stated, type);
  std::vector<Field> fields;
  add_stacked(fields, tensors, stated, "token", type);
  add_sequences(fields, tensors, stated, "token_seq", type);
  add_floats(fields, tensors, answers, type);
  add_sequences(fields, tensors, stated, "float_seq", type);
  check_count(tensors, fields.size(), type);
  return Fields(std::move(fields));
}

// --------------------------------------------------------------------- parts of the description

Json Fields::tables(const Answers& answers, VocabularyFile& vocabularies) const {
  Json list = Json::array();
  for (const Field& field : fields_) {
    if (field.table.empty()) continue;
    list.push_back(table(field.table, field.weights, answers.text("out_of_table")));
    if (field.has_tokens) vocabularies.add_to(list.back(), field.name, {nullptr, "[PAD]"});
  }
  return list;
}

Json Fields::described(const Answers& answers) const {
  Json list = Json::array();
  for (const Field& field : fields_) {
    switch (field.kind) {
      case Field::Kind::kId:
        list.push_back(id_field(field.name, field.table));
        break;
      case Field::Kind::kIds:
        list.push_back(ids_field(field.name, field.table, answers.text("pooling_mode"), true));
        break;
      case Field::Kind::kNumber:
        list.push_back(Json::object({{"name", field.name}, {"kind", "number"}}));
        break;
    }
  }
  return list;
}

Json Fields::names() const {
  Json list = Json::array();
  for (const Field& field : fields_)
    list.push_back(field.name);
  return list;
}

Json Fields::features() const {
  Json list = Json::array();
  for (const Field& field : fields_) {
    Json slot = Json::object({{"feature", field.name}});
    if (field.kind == Field::Kind::kNumber) slot["projection"] = field.weights;
    list.push_back(std::move(slot));
  }
  return list;
}

bool Fields::has_numbers() const {
  for (const Field& field : fields_) {
    if (field.kind == Field::Kind::kNumber) return true;
  }
  return false;
}

Json Fields::embedding_map(int64_t dim, bool squared) const {
  Json blocks = Json::array();
  for (const Field& field : fields_) {
    if (field.kind != Field::Kind::kNumber) {
      blocks.push_back(Json::object({{"identity", dim}}));
    } else if (squared) {
      blocks.push_back(Json::object({{"product", {field.weights, field.weights}}}));
    } else {
      blocks.push_back(field.weights);
    }
  }
  return Json::object({{"block_diagonal", blocks}});
}

}  // namespace augur::convert::recbole_model
