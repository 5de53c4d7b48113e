// Keys of a model's tables; see keys.h.
#include "augur-bench/keys.h"

#include <chrono>
#include <utility>

#include "error.h"
#include "requests/attached_rows.h"
#include "vocabulary/key_file.h"

namespace augur::bench {
namespace {

constexpr size_t kFewestLookups = 1000;

TableKeys keys_of(const augur_table_info& table, const std::string& path) {
  if (table.key_type == AUGUR_KEY_ROW) {
    throw Error("--keys " + std::string(table.name) + ": the table's ids are rows, not keys");
  }
  const convert::KeyFile file = convert::read_key_file(path);
  TableKeys keys;
  keys.table = table.name;
  for (const convert::KeyEntry& entry : file.entries) {
    if (entry.row == table.padding_row) continue;
    if (table.key_type == AUGUR_KEY_STRING) {
      keys.strings.push_back(entry.key);
      continue;
    }
    const std::optional<int64_t> integer = convert::integer_key(entry.key);
    if (!integer) {
      throw Error(file.place(entry) + ": expected an integer, for the keys of table " +
                  augur::quoted(table.name) + "; came " + augur::quoted(entry.key));
    }
    keys.integers.push_back(*integer);
  }
  if (keys.size() == 0) throw Error(path + ": expected keys, came none");
  return keys;
}

template <typename Key>
void shuffle(std::vector<Key>& keys, Random& random) {
  for (size_t i = keys.size(); i > 1; --i)
    std::swap(keys[i - 1], keys[random.index(i)]);
}

// Calls find(i) for each key in turn until the time is over.
template <typename Find>
void measure(size_t keys, double seconds, Lookups& lookups, Find find) {
  const auto begin = std::chrono::steady_clock::now();
  double elapsed = 0;
  size_t count = 0;
  while (elapsed < seconds || count < kFewestLookups) {
    for (size_t i = 0; i < keys; ++i) {
      const bool known = find(i);
      if (count < keys && known) ++lookups.known;
      ++count;
    }
    elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  lookups.seconds = elapsed / static_cast<double>(count);
}

}  // namespace

std::vector<TableKeys> read_keys(const augur_model& model,
                                 const std::vector<std::string>& arguments) {
  std::vector<TableKeys> keys;
  for (const requests::TableFile& file : requests::parse_table_files(arguments))
    keys.push_back(keys_of(requests::find_table(model, file.table), file.path));
  return keys;
}

std::vector<Lookups> measure_lookups(const augur_model& model, const std::vector<TableKeys>& tables,
                                     double seconds, Random& random) {
  std::vector<Lookups> all;
  for (TableKeys keys : tables) {
    const char* const table = keys.table.c_str();
    if (requests::find_table(model, keys.table).keys == 0) continue;  // all keys are hashed
    shuffle(keys.strings, random);
    shuffle(keys.integers, random);
    Lookups lookups;
    lookups.table = keys.table;
    lookups.keys = keys.size();
    uint32_t row = 0;
    if (keys.integers.empty()) {
      measure(keys.size(), seconds, lookups, [&](size_t i) {
        const std::string& key = keys.strings[i];
        return augur_model_find_string(&model, table, key.data(), key.size(), &row) == AUGUR_OK;
      });
    } else {
      measure(keys.size(), seconds, lookups, [&](size_t i) {
        return augur_model_find_integer(&model, table, keys.integers[i], &row) == AUGUR_OK;
      });
    }
    all.push_back(std::move(lookups));
  }
  return all;
}

}  // namespace augur::bench
