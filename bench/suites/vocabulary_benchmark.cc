// Measures lookups of keys in a vocabulary, one key an iteration, in random order.
//
//   vocabulary/TYPE/present   keys of the vocabulary
//   vocabulary/TYPE/foreign   keys that it does not have
//   vocabulary/TYPE/in_turn   keys of the vocabulary; each lookup waits for the result of the one
//   before vocabulary/strings/hash   the hash of a string alone, which the lookups of strings
//   contain vocabulary/TYPE/open      the checks when a file is opened, of the whole vocabulary
//   vocabulary/TYPE/build     what the converter does
//
// TYPE is integers or strings ("sku-123456"). Argument: the number of keys. Counter bytes: a key's
// bytes in the file.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "vocabulary/build.h"

namespace augur::bench {
namespace {

using convert::VocabularyEntry;

// Keys as an app holds them, one behind the other.
struct Integers {
  static constexpr fb::KeyType kType = fb::KeyType::Integer;
  static constexpr unsigned kFingerprint = convert::kIntegerFingerprint;

  void add(std::uint32_t number) { keys.push_back(number); }
  Hash128 hash(std::size_t i) const { return hash_integer(keys[i]); }

  std::vector<std::int64_t> keys;
};

struct Strings {
  static constexpr fb::KeyType kType = fb::KeyType::String;
  static constexpr unsigned kFingerprint = convert::kStringFingerprint;

  void add(std::uint32_t number) {
    text += "sku-" + std::to_string(number);
    ends.push_back(text.size());
  }
  Hash128 hash(std::size_t i) const { return hash_string(&text[ends[i]], ends[i + 1] - ends[i]); }

  std::string text;
  std::vector<std::size_t> ends = {0};
};

// The keys of the numbers first ... first + count - 1, shuffled.
template <typename Keys>
Keys shuffled(std::uint32_t first, std::uint32_t count) {
  std::vector<std::uint32_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), first);
  std::shuffle(numbers.begin(), numbers.end(), std::mt19937(1));
  Keys keys;
  for (const std::uint32_t number : numbers)
    keys.add(number);
  return keys;
}

// Of numbers from 1,000,000 on, so that all strings have 11 bytes.
constexpr std::uint32_t kFirst = 1000000;

template <typename Keys>
std::vector<VocabularyEntry> entries_of(std::uint32_t size) {
  const Keys keys = shuffled<Keys>(kFirst, size);
  std::vector<VocabularyEntry> entries(size);
  for (std::uint32_t i = 0; i < size; ++i)
    entries[i] = {keys.hash(i), i, ""};
  return entries;
}

// Built once for all benchmarks of one size, which come one after another.
template <typename Keys>
const fb::VocabularyT& vocabulary_of(std::uint32_t size) {
  static std::map<std::uint32_t, fb::VocabularyT> built;
  if (built.count(size) == 0)
    built[size] = build_vocabulary(entries_of<Keys>(size), Keys::kType, Keys::kFingerprint);
  return built[size];
}

enum class Lookup { kPresent, kForeign, kInTurn };

template <typename Keys, Lookup kLookup>
void find(benchmark::State& state) {
  const auto size = static_cast<std::uint32_t>(state.range(0));
  const fb::VocabularyT& vocabulary = vocabulary_of<Keys>(size);
  const VocabularyView view = convert::view_of(vocabulary);
  const Keys keys = shuffled<Keys>(kLookup == Lookup::kForeign ? kFirst + size : kFirst, size);
  std::size_t i = 0;
  for ([[maybe_unused]] const auto _ : state) {
    const std::uint32_t row = view.find(keys.hash(i));
    benchmark::DoNotOptimize(row);
    ++i;
    if (kLookup == Lookup::kInTurn) i += row >> 31;  // 0: no row is that large
    if (i >= size) i = 0;
  }
  state.counters["bytes"] =
      static_cast<double>(vocabulary.slots.size() + 2 * vocabulary.pilots.size()) / size;
}

void hash(benchmark::State& state) {
  const auto size = static_cast<std::uint32_t>(state.range(0));
  const auto keys = shuffled<Strings>(kFirst, size);
  std::size_t i = 0;
  for ([[maybe_unused]] const auto _ : state) {
    benchmark::DoNotOptimize(keys.hash(i));
    if (++i == size) i = 0;
  }
}

template <typename Keys>
void open(benchmark::State& state) {
  const auto size = static_cast<std::uint32_t>(state.range(0));
  const fb::VocabularyT& vocabulary = vocabulary_of<Keys>(size);
  const VocabularyView view = convert::view_of(vocabulary);
  for ([[maybe_unused]] const auto _ : state)
    benchmark::DoNotOptimize(
        check_vocabulary(view, vocabulary.slots.size(), vocabulary.checksum, size));
}

template <typename Keys>
void build(benchmark::State& state) {
  const auto entries = entries_of<Keys>(static_cast<std::uint32_t>(state.range(0)));
  for ([[maybe_unused]] const auto _ : state)
    benchmark::DoNotOptimize(build_vocabulary(entries, Keys::kType, Keys::kFingerprint));
}

template <typename Keys>
void add(const std::string& type) {
  const auto sized = [](benchmark::internal::Benchmark* one) {
    return one->Arg(1000)->Arg(100000)->Arg(1000000);
  };
  const auto registered = [&](const char* name, void (*run)(benchmark::State&)) {
    return sized(benchmark::RegisterBenchmark(("vocabulary/" + type + "/" + name).c_str(), run));
  };
  registered("present", find<Keys, Lookup::kPresent>);
  registered("foreign", find<Keys, Lookup::kForeign>);
  registered("in_turn", find<Keys, Lookup::kInTurn>);
  registered("open", open<Keys>)->Unit(benchmark::kMicrosecond);
  registered("build", build<Keys>)->Unit(benchmark::kMillisecond);
}

const bool added = [] {
  add<Integers>("integers");
  add<Strings>("strings");
  benchmark::RegisterBenchmark("vocabulary/strings/hash", hash)->Arg(1000)->Arg(1000000);
  return true;
}();

}  // namespace
}  // namespace augur::bench
