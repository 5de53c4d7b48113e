// Keys from the command line; see given_keys.h.
#include "convert/given_keys.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "error.h"
#include "text/text.h"
#include "vocabulary/key_file.h"

namespace augur::convert {
namespace {

constexpr const char* kHook = "with_vocabulary";

std::string name_of(const Json& table) {
  const auto name = table.is_object() ? table.find("name") : table.end();
  return table.is_object() && name != table.end() && name->is_string() ? name->get<std::string>()
                                                                       : "";
}

// What is given for one table; empty: nothing.
struct KeysOfTable {
  std::string vocabulary;
  std::string keys;
  std::string shared;
};

// The description's tables with what is given for them.
class TablesWithKeys {
 public:
  explicit TablesWithKeys(const Json& tables) {
    for (const Json& table : tables) {
      known_.push_back(name_of(table));
      const auto weights = table.is_object() ? table.find("weights") : table.end();
      if (table.is_object() && weights != table.end() && weights->is_string())
        by_tensor_.emplace(weights->get<std::string>(), known_.back());
    }
  }

  void add(const GivenKeys::Assignments& given, const char* flag,
           std::string KeysOfTable::*member) {
    for (const auto& [stated, value] : given) {
      const std::string option = std::string(flag) + " " + stated + "=" + value;
      const std::string& table = name_for(stated);
      if (std::find(known_.begin(), known_.end(), table) == known_.end()) {
        throw Error(option + ": the model has no table " + augur::quoted(table) +
                    did_you_mean(table, known_) + "; there are " + join(known_));
      }
      std::string& place = tables_[table].*member;
      if (!place.empty()) throw Error(option + ": is given twice for this table");
      place = value;
    }
  }

  // A table may be called by its tensor, too, which is all that a checkpoint with keys tells.
  const std::string& name_for(const std::string& stated) const {
    const bool is_known = std::find(known_.begin(), known_.end(), stated) != known_.end();
    const auto tensor = by_tensor_.find(stated);
    return is_known || tensor == by_tensor_.end() ? stated : tensor->second;
  }

  const KeysOfTable& of(const std::string& table) { return tables_[table]; }

 private:
  std::vector<std::string> known_;
  std::map<std::string, std::string> by_tensor_;
  std::map<std::string, KeysOfTable> tables_;
};

std::string path_from(const std::string& folder, const std::string& path) {
  namespace fs = std::filesystem;
  if (folder.empty() || fs::path(path).is_absolute()) return path;
  return fs::proximate(fs::absolute(path), fs::absolute(folder)).string();
}

// What a layout says of its tables with a vocabulary: the keys of the table, and of its vocabulary.
void apply_hook(const Json& hook, const std::optional<KeyFile>& file, Json& table) {
  for (const auto& [key, value] : hook.items()) {
    const bool names_key = key == "padding_key" || key == "unknown_key";
    if (!names_key) {
      table[key] = value;
    } else if (file && file->find(value.get<std::string>()) != nullptr) {
      table["vocabulary"][key] = value;
    }
  }
}

void add_vocabulary(const KeysOfTable& given, const Json& hook, const std::string& folder,
                    Json& table) {
  Json& vocabulary = table["vocabulary"];
  if (!vocabulary.is_object() || vocabulary.contains("of")) vocabulary = Json::object();
  vocabulary["file"] = path_from(folder, given.vocabulary);
  vocabulary.erase("form");
  const KeyFile file = read_key_file(given.vocabulary);
  if (!given.keys.empty()) {
    vocabulary["keys"] = given.keys;
  } else if (table.contains("keys")) {
    vocabulary["keys"] = table["keys"];
  } else if (!vocabulary.contains("keys")) {
    vocabulary["keys"] = file.numbers ? "integer" : "string";
  }
  table.erase("keys");
  apply_hook(hook, file, table);
}

void add_to_table(const KeysOfTable& given, const Json& hook, const std::string& folder,
                  Json& table) {
  const std::string of = "table " + augur::quoted(name_of(table));
  if (!given.shared.empty()) {
    if (!given.vocabulary.empty())
      throw Error("--vocabulary-of: " + of + " gets a --vocabulary too; one decides");
    if (!given.keys.empty())
      throw Error("--keys: " + of + " has the keys of the table whose vocabulary it shares");
    table.erase("keys");
    table["vocabulary"] = {{"of", given.shared}};
    apply_hook(hook, std::nullopt, table);
  } else if (!given.vocabulary.empty()) {
    try {
      add_vocabulary(given, hook, folder, table);
    } catch (const Error& error) {
      throw Error("--vocabulary: " + of + ": " + error.what());
    }
  } else if (!given.keys.empty()) {
    const auto vocabulary = table.find("vocabulary");
    (vocabulary == table.end() ? table : *vocabulary)["keys"] = given.keys;
  }
}

}  // namespace

void add_keys(Json& description, const GivenKeys& given, const std::string& folder,
              bool is_layouts) {
  // What is not a list of tables is refused when the description is read.
  const auto tables = description.is_object() ? description.find("tables") : description.end();
  if (!description.is_object() || tables == description.end() || !tables->is_array()) return;
  TablesWithKeys with_keys(*tables);
  with_keys.add(given.vocabularies, "--vocabulary", &KeysOfTable::vocabulary);
  with_keys.add(given.keys, "--keys", &KeysOfTable::keys);
  with_keys.add(given.shared, "--vocabulary-of", &KeysOfTable::shared);
  for (Json& table : *tables) {
    Json hook = Json::object();
    if (is_layouts && table.contains(kHook)) {
      hook = std::move(table[kHook]);
      table.erase(kHook);
    }
    if (const std::string name = name_of(table); !name.empty())
      add_to_table(with_keys.of(name), hook, folder, table);
  }
}

}  // namespace augur::convert
