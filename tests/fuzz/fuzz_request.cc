// Fuzzes the reading of requests: any line gives a request whose columns fit what is declared, or
// an Error that names the line.
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "error.h"
#include "requests/request.h"

using namespace augur::requests;

namespace {

// Stops the fuzzer.
void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

ModelFields one_stack() {
  ModelFields fields;
  fields.features = {"features", "feature", {{"user", AUGUR_ID, 2}}};
  fields.candidates = {"candidates", "candidate", {{"item", AUGUR_ID, 3}}};
  fields.sequence_names = {"clicks"};
  fields.sequences = {
      {"history", "event", {{"item", AUGUR_ID, 3, AUGUR_KEY_INTEGER}, {"time", AUGUR_NUMBER, 1}}}};
  return fields;
}

ModelFields every_kind() {
  const std::vector<DeclaredField> all = {{"item", AUGUR_ID, 3},
                                          {"tags", AUGUR_IDS, 2},
                                          {"price", AUGUR_NUMBER, 1},
                                          {"look", AUGUR_VECTOR, 2},
                                          {"sku", AUGUR_ID, 3, AUGUR_KEY_STRING},
                                          {"words", AUGUR_IDS, 2, AUGUR_KEY_STRING}};
  ModelFields fields;
  fields.features = {"features", "feature", all};
  fields.candidates = {"candidates", "candidate", all};
  fields.sequence_names = {"clicks", "skips"};
  fields.sequences = {{"history 'clicks'", "event", {all[0]}}, {"history 'skips'", "event", all}};
  return fields;
}

void check(const RequestColumns& set) {
  for (size_t f = 0; f < set.columns().size(); ++f) {
    const DeclaredField& field = set.group().fields[f];
    const RequestColumn& values = set.values(f);
    require(set.rows(f) == set.row_count(), "every field has a value for each row");
    size_t length = set.row_count();
    if (field.kind == AUGUR_VECTOR) length *= field.width;
    if (field.kind == AUGUR_IDS) {
      length = 0;
      for (const uint32_t count : values.counts)
        length += count;
    }
    const augur_column& column = set.columns()[f];
    require(column.length == length, "a column has as many values as it says");
    for (size_t i = 0; field.has_string_keys() && i < length; ++i) {
      const std::string_view text = values.strings[i];
      require(std::string_view(column.strings[i].data, column.strings[i].length) == text,
              "a column has the strings that were read");
    }
  }
}

void parse(std::string_view line, const ModelFields& fields, Request& request) {
  try {
    parse_request(line, "fuzz:1", fields, request);
  } catch (const augur::Error& error) {
    require(std::string_view(error.what()).substr(0, 8) == "fuzz:1: ", "an error names its line");
    return;
  }
  require(request.histories.size() == fields.sequences.size(), "every sequence is there");
  check(request.features);
  check(request.candidates);
  for (const RequestColumns& history : request.histories)
    check(history);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Used for every input, as the commands do, to check that a failed request leaves nothing behind.
  static const ModelFields kOne = one_stack();
  static const ModelFields kEvery = every_kind();
  static Request one(kOne);
  static Request every(kEvery);
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  parse(line, kOne, one);
  parse(line, kEvery, every);
  return 0;
}
