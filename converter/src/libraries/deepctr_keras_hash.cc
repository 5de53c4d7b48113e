// Hashed columns; see deepctr_keras_hash.h.
#include "libraries/deepctr_keras_hash.h"

#include "text/text.h"

namespace augur::convert::deepctr_keras_model {
namespace {

// The first text in a layer's "inbound_nodes": the name of the layer that it reads.
std::string first_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return "";
  for (const Json& part : value) {
    std::string text = first_text(part);
    if (!text.empty()) return text;
  }
  return "";
}

std::string text_or_none(const Node& config, const char* key) {
  const std::optional<Node> found = config.find(key);
  return found && found->is_text() ? found->text() : "";
}

[[noreturn]] void fail_difference(const Answers& answers, const std::string& question,
                                  const Json& column, const char* key, const Json& found,
                                  const std::string& evidence) {
  answers.fail(question, augur::quoted(column["name"].get<std::string>()) + ": " + key + " " +
                             column[key].dump() + " was stated, but the checkpoint tells " +
                             found.dump() + ": " + evidence);
}

}  // namespace

bool has_mask_zero(Place place, bool is_dien) {
  switch (place) {
    case Place::kSparse:
      return false;
    case Place::kHead:
    case Place::kPooled:
      return true;
    case Place::kQuery:
    case Place::kHistory:
      break;
  }
  return !is_dien;
}

Json hash_of(const Hashing& hashing, int64_t rows, bool mask_zero) {
  const int64_t first_row = mask_zero ? 1 : 0;
  const char* bytes = hashing.dtype == "int64"     ? "decimal64"
                      : hashing.dtype == "float32" ? "float32"
                                                   : "decimal32";
  Json hash = {{"kind", "farm64"}, {"first_row", first_row}, {"buckets", rows - first_row}};
  if (!hashing.has_strings()) hash["bytes"] = bytes;
  hash["zero_is_padding"] = mask_zero;
  return hash;
}

std::vector<Parameter> hashing_parameters(bool of_history) {
  const std::string where = of_history ? ", if it is not as in the SparseFeat" : "";
  return {
      ask::boolean("use_hash", "its use_hash" + where + " (default there: false)")
          .found_in("SparseFeat(..., use_hash=)")
          .not_required(),
      ask::choice("dtype",
                  "the dtype of a column with use_hash" + where +
                      ": the library hashes the text of an id, which depends on it",
                  {{"int32", "the default; ids beyond 32 bits are refused"},
                   {"int64", "64-bit ids"},
                   {"float32", "ids as 32-bit floats: 1 is the text 1.000000"},
                   {"string", "strings"}})
          .found_in("SparseFeat(..., dtype=)")
          .not_required(),
      ask::text("vocabulary_path",
                "its vocabulary_path" + where +
                    ", a file of lines ROW,KEY: ids are looked up in it instead of hashed, and "
                    "one that is not there is row 0")
          .found_in("SparseFeat(..., vocabulary_path=)")
          .not_required(),
  };
}

Hashing stated_hashing(const Json& column, const Hashing& otherwise) {
  Hashing hashing = otherwise;
  hashing.use_hash = column.value("use_hash", otherwise.use_hash);
  hashing.dtype = column.value("dtype", otherwise.dtype);
  hashing.vocabulary_path = column.value("vocabulary_path", otherwise.vocabulary_path);
  return hashing;
}

std::optional<SavedLayers> SavedLayers::read(const Tensors& tensors) {
  const std::string& text = tensors.checkpoint().notes().model_config;
  if (text.empty()) return std::nullopt;
  const std::string source = tensors.checkpoint().file() + ": model_config";
  const Json document = parse_json(text, source);
  const std::optional<Node> config_of_model = Node(document, source).find("config");
  if (!config_of_model || !config_of_model->is_object() || !config_of_model->has("layers"))
    return std::nullopt;
  SavedLayers saved;
  for (const Node& layer : config_of_model->at("layers").items()) {
    const std::string kind = layer.at("class_name").text();
    const Node config = layer.at("config");
    if (kind == "InputLayer") {
      saved.dtypes_[config.at("name").text()] = text_or_none(config, "dtype");
    } else if (kind == "Hash") {
      saved.hashes_.push_back(
          {config.at("name").text(), first_text(layer.at("inbound_nodes").value()),
           config.at("num_buckets").integer(1, INT32_MAX), config.at("mask_zero").boolean(),
           text_or_none(config, "vocabulary_path")});
    }
  }
  return saved;
}

std::vector<SavedLayers::Hash> SavedLayers::hashes_of(const std::string& input) const {
  std::vector<Hash> found;
  for (const Hash& hash : hashes_) {
    if (hash.input == input) found.push_back(hash);
  }
  return found;
}

std::string SavedLayers::dtype_of(const std::string& input) const {
  const auto found = dtypes_.find(input);
  return found == dtypes_.end() ? "" : found->second;
}

Hashing agreed_hashing(const SavedLayers& layers, const Answers& answers,
                       const std::string& question, const Json& column, const std::string& input,
                       const Hashing& stated) {
  if (!layers.has_input(input)) return stated;
  const std::vector<SavedLayers::Hash> hashes = layers.hashes_of(input);
  const std::string dtype = layers.dtype_of(input);
  Hashing hashing = stated;
  hashing.use_hash = !hashes.empty();
  if (column.contains("use_hash") && stated.use_hash != hashing.use_hash) {
    fail_difference(answers, question, column, "use_hash", hashing.use_hash,
                    "its model_config has " +
                        (hashes.empty() ? "no layer Hash" : "the layer " + hashes.front().name) +
                        " that reads the input " + input);
  }
  if (!hashing.use_hash || dtype.empty()) return hashing;
  if (column.contains("dtype") && stated.dtype != dtype) {
    fail_difference(answers, question, column, "dtype", dtype,
                    "that of the input " + input + " in its model_config");
  }
  hashing.dtype = dtype;
  const std::string& path = hashes.front().vocabulary_path;
  if (path.empty() && column.contains("vocabulary_path")) {
    fail_difference(answers, question, column, "vocabulary_path", nullptr,
                    "the layer " + hashes.front().name + " in its model_config has none");
  }
  if (path.empty() || stated.vocabulary_path.empty()) hashing.vocabulary_path = path;
  return hashing;
}

}  // namespace augur::convert::deepctr_keras_model
