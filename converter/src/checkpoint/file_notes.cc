// What a checkpoint tells beside its tensors; see file_notes.h.
#include "checkpoint/file_notes.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "error.h"
#include "text/strict_json.h"

namespace augur::checkpoint {
namespace {

using Json = nlohmann::ordered_json;

Json parse(std::string_view text, const std::string& where) {
  try {
    return parse_strict_json<Json>(text);
  } catch (const Json::exception& error) {
    throw Error(where + ": " + error.what());
  } catch (const Error& error) {
    throw Error(where + ": " + error.what());
  }
}

class Reader {
 public:
  Reader(const Json& notes, std::string where) : notes_(notes), where_(std::move(where)) {}

  std::string text(const char* key) const {
    const Json* value = find(key, &Json::is_string, "a text");
    return value == nullptr ? "" : value->get<std::string>();
  }

  bool flag(const char* key) const {
    const Json* value = find(key, &Json::is_boolean, "true or false");
    return value != nullptr && value->get<bool>();
  }

  std::vector<std::string> texts(const char* key) const {
    std::vector<std::string> list;
    const Json* values = find(key, &Json::is_array, "a list");
    if (values == nullptr) return list;
    for (const Json& value : *values) {
      if (!value.is_string()) fail(key, "a list of texts");
      list.push_back(value.get<std::string>());
    }
    return list;
  }

  std::string object(const char* key) const {
    const Json* value = find(key, &Json::is_object, "an object");
    return value == nullptr ? "" : value->dump();
  }

 private:
  // nullptr if it is missing.
  const Json* find(const char* key, bool (Json::*is_kind)() const noexcept,
                   const char* expected) const {
    const auto found = notes_.find(key);
    if (found == notes_.end()) return nullptr;
    if (!((*found).*is_kind)()) fail(key, expected);
    return &*found;
  }

  [[noreturn]] void fail(const char* key, const char* expected) const {
    throw Error(where_ + ": " + key + ": expected " + expected);
  }

  const Json& notes_;
  std::string where_;
};

}  // namespace

FileNotes parse_file_notes(std::string_view text, const std::string& where) {
  const Json json = parse(text, where);
  if (!json.is_object()) throw Error(where + ": expected an object");
  const Reader reader(json, where);
  FileNotes notes;
  notes.file = reader.text("file");
  notes.has_keras_names = reader.flag("keras_names");
  notes.idle_layers = reader.texts("idle_layers");
  notes.model_config = reader.text("model_config");
  notes.layout = reader.text("layout");
  notes.answers = reader.object("answers");
  notes.told_by = reader.text("told_by");
  return notes;
}

}  // namespace augur::checkpoint
