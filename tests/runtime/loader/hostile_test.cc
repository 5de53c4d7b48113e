// Model files cut short or with changed bytes: refused with a message, or opened and ranked with.
// Never a crash, a hang, or a read out of bounds (this runs under AddressSanitizer too).
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "reference/build.h"
#include "reference/random_model.h"
#include "reference/random_spec.h"
#include "runtime/support/handles.h"

namespace augur::testing {
namespace {

// Columns for whatever fields a model declares: `rows` rows of id 0, of two ids, of numbers.
class ColumnsFor {
 public:
  template <typename Get>
  ColumnsFor(std::size_t fields, std::size_t rows, Get get) : ids_(2 * rows, 0), counts_(rows, 2) {
    std::size_t widest = 1;
    for (std::uint32_t f = 0; f < fields; ++f) {
      augur_field_info info = {};
      info.struct_size = sizeof(info);
      REQUIRE(get(f, &info) == AUGUR_OK);
      widest = std::max<std::size_t>(widest, info.width);
      const std::size_t length = info.kind == AUGUR_ID       ? rows
                                 : info.kind == AUGUR_IDS    ? 2 * rows
                                 : info.kind == AUGUR_NUMBER ? rows
                                                             : rows * info.width;
      columns_.push_back({sizeof(augur_column), info.name, ids_.data(), nullptr, counts_.data(),
                          length, nullptr, 0, 0});
    }
    values_.assign(rows * widest, 0.5f);
    for (augur_column& column : columns_)
      column.values = values_.data();
  }
  const augur_column* data() const { return columns_.data(); }
  std::size_t size() const { return columns_.size(); }

 private:
  std::vector<std::int64_t> ids_;
  std::vector<std::uint32_t> counts_;
  std::vector<float> values_;
  std::vector<augur_column> columns_;
};

// Ranks with a model that may declare anything.
void use(const augur_model* model) {
  augur_model_info info = {};
  info.struct_size = sizeof(info);
  REQUIRE(augur_model_get_info(model, &info) == AUGUR_OK);
  const augur_session_options options = session_options(20, 4);
  const std::size_t bytes = augur_session_bytes(model, &options);
  if (bytes == 0 || bytes > (std::size_t{64} << 20)) return;  // more than an app would give
  augur_session* session = nullptr;
  REQUIRE(augur_session_create(model, &options, nullptr, 0, &session, nullptr) == AUGUR_OK);
  const SessionHandle handle(session);
  for (std::uint32_t s = 0; s < info.stack_count; ++s) {
    augur_stack_info stack = {};
    stack.struct_size = sizeof(stack);
    REQUIRE(augur_model_get_stack(model, s, &stack) == AUGUR_OK);
    const ColumnsFor columns(stack.field_count, 6, [&](std::uint32_t f, augur_field_info* field) {
      return augur_model_get_stack_field(model, s, f, field);
    });
    CHECK(augur_session_set_history(session, stack.name, columns.data(), columns.size(), 6) ==
          AUGUR_OK);
  }
  const ColumnsFor candidates(info.candidate_field_count, 5,
                              [&](std::uint32_t f, augur_field_info* field) {
                                return augur_model_get_candidate_field(model, f, field);
                              });
  float scores[5];
  const augur_status status =
      augur_rank(session, candidates.data(), candidates.size(), 5, scores, nullptr);
  // A value in a table that is no longer finite is found here, and weights that are too large.
  CHECK((status == AUGUR_OK || status == AUGUR_BAD_MODEL || status == AUGUR_NOT_FINITE));
}

// Opens the bytes, from a block of exactly their size so that AddressSanitizer sees reads past it.
bool opens(const std::vector<std::uint8_t>& bytes) {
  const std::vector<std::uint8_t> exact(bytes.begin(), bytes.end());
  augur_error error = empty_error();
  augur_model* model = nullptr;
  const std::uint8_t nothing = 0;
  const augur_status status = augur_model_open_buffer(exact.empty() ? &nothing : exact.data(),
                                                      exact.size(), nullptr, &model, &error);
  if (status != AUGUR_OK) {
    CHECK(model == nullptr);
    CHECK((status == AUGUR_BAD_MODEL || status == AUGUR_NEWER_MODEL ||
           status == AUGUR_OUT_OF_MEMORY));
    CHECK(std::strlen(error.message) > 10);
    return false;
  }
  const ModelHandle handle(model);
  use(model);
  return true;
}

std::vector<std::uint8_t> small_file(std::uint64_t seed) {
  if (seed != 0) return reference::pack(*reference::random_model(reference::random_spec(seed)));
  reference::ModelSpec spec;
  spec.features.clear();
  spec.stacks[0].fields = {{fb::FieldKind::Id, 2}};
  spec.stacks[0].extractor = {2};
  spec.stacks[0].hidden = 2;
  spec.head = {2};
  return reference::pack(*reference::random_model(spec));
}

}  // namespace

TEST_CASE("a file cut short anywhere is refused") {
  const std::vector<std::uint8_t> file = small_file(0);
  REQUIRE(opens(file));
  const std::size_t step = emulated() ? 37 : 1;
  for (std::size_t length = 0; length < file.size(); length += step) {
    CAPTURE(length);
    CHECK_FALSE(opens({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(length)}));
  }
}

TEST_CASE("a file with a changed byte anywhere is refused or usable") {
  const std::vector<std::uint8_t> file = small_file(0);
  std::size_t opened = 0;
  const std::size_t step = emulated() ? 41 : 1;
  for (std::size_t at = 0; at < file.size(); at += step) {
    for (const int change : {0x01, 0x80, 0xFF}) {
      std::vector<std::uint8_t> changed = file;
      changed[at] = static_cast<std::uint8_t>(changed[at] ^ change);
      CAPTURE(at);
      CAPTURE(change);
      opened += opens(changed) ? 1u : 0u;
    }
  }
  MESSAGE(opened, " of ", 3 * file.size() / step, " changed files open");
}

TEST_CASE("random models with several changed bytes are refused or usable") {
  reference::Generator generator(81);
  const std::uint64_t models = emulated() ? 5 : 100;
  for (std::uint64_t seed = 500; seed < 500 + models; ++seed) {
    const std::vector<std::uint8_t> file = small_file(seed);
    for (int repetition = 0; repetition < 30; ++repetition) {
      std::vector<std::uint8_t> changed = file;
      for (std::size_t count = 1 + generator.below(8); count > 0; --count) {
        // Half of them near the beginning and the end, where offsets and tables lie.
        const std::size_t near_ends = std::min<std::size_t>(file.size(), 600);
        std::size_t at = generator.below(file.size());
        if (generator.one_in(2)) at = generator.below(near_ends);
        if (generator.one_in(4)) at = file.size() - 1 - generator.below(near_ends);
        changed[at] = static_cast<std::uint8_t>(generator.next());
      }
      CAPTURE(seed);
      CAPTURE(repetition);
      opens(changed);
    }
  }
}

}  // namespace augur::testing
