// Fuzzes the model file: any bytes are refused, or open to a model that can be asked about itself
// and that ranks a request made of what it declares, all through the C API.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "augur/augur.h"

namespace {

// A model may declare sizes whose sessions are sound and slow; those are only opened.
constexpr size_t kLargestSession = size_t{4} << 20;
constexpr size_t kLargestWidth = 4096;
constexpr size_t kCandidates = 3;
constexpr size_t kEvents = 2;

// Stops the fuzzer.
void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

// Columns of one group of fields, every id 1 and every number 0.5.
class Rows {
 public:
  template <typename Query>
  Rows(uint32_t fields, size_t rows, Query query) {
    for (uint32_t i = 0; i < fields; ++i) {
      augur_field_info info = {};
      info.struct_size = sizeof info;
      require(query(i, &info) == AUGUR_OK, "a declared field can be asked about");
      require(info.name != nullptr && info.table != nullptr, "a field's texts are there");
      const bool is_id = info.kind == AUGUR_ID || info.kind == AUGUR_IDS;
      const size_t length = info.kind == AUGUR_VECTOR ? rows * info.width : rows;
      fits_ = fits_ && (is_id || info.width <= kLargestWidth);
      if (fits_ && ids_.size() < rows) ids_.resize(rows, 1);
      if (fits_ && values_.size() < length) values_.resize(length, 0.5f);
      columns_.push_back(
          {sizeof(augur_column), info.name, nullptr, nullptr, nullptr, length, nullptr, 0, 0});
    }
    counts_.assign(rows, 1);
    for (augur_column& column : columns_) {
      column.ids = ids_.data();
      column.values = values_.data();
      column.counts = counts_.data();
    }
  }

  bool fits() const { return fits_; }
  const std::vector<augur_column>& columns() const { return columns_; }

 private:
  bool fits_ = true;
  std::vector<int64_t> ids_;
  std::vector<float> values_;
  std::vector<uint32_t> counts_;
  std::vector<augur_column> columns_;
};

void rank(const augur_model* model, const augur_model_info& info, augur_session* session) {
  const Rows features(info.feature_count, 1, [model](uint32_t i, augur_field_info* out) {
    return augur_model_get_feature(model, i, out);
  });
  const Rows candidates(info.candidate_field_count, kCandidates,
                        [model](uint32_t i, augur_field_info* out) {
                          return augur_model_get_candidate_field(model, i, out);
                        });
  if (!features.fits() || !candidates.fits()) return;
  for (const augur_column& column : features.columns())
    augur_session_set_feature(session, &column);
  for (uint32_t s = 0; s < info.stack_count; ++s) {
    augur_stack_info stack = {};
    stack.struct_size = sizeof stack;
    require(augur_model_get_stack(model, s, &stack) == AUGUR_OK, "a declared stack is there");
    const Rows events(stack.field_count, kEvents, [model, s](uint32_t i, augur_field_info* out) {
      return augur_model_get_stack_field(model, s, i, out);
    });
    if (!events.fits()) return;
    augur_session_set_history(session, stack.name, events.columns().data(), events.columns().size(),
                              kEvents);
    require(augur_session_history_length(session, stack.name) <= stack.max_history,
            "a history keeps its limit");
  }
  float scores[kCandidates] = {-1, -1, -1};
  const augur_status status = augur_rank(session, candidates.columns().data(),
                                         candidates.columns().size(), kCandidates, scores, nullptr);
  for (const float score : scores) {
    const bool sound =
        info.output == AUGUR_OUTPUT_IDENTITY ? std::isfinite(score) : score >= 0 && score <= 1;
    require(status != AUGUR_OK || sound, "a score is finite, a probability in [0, 1]");
  }
  float each[kCandidates] = {NAN, NAN, NAN};
  augur_status statuses[kCandidates] = {};
  const augur_each_options options = {sizeof(options), statuses};
  const augur_status each_status =
      augur_rank_each(session, candidates.columns().data(), candidates.columns().size(),
                      kCandidates, each, nullptr, &options);
  for (size_t i = 0; i < kCandidates; ++i) {
    require(std::isfinite(each[i]) == (each_status == AUGUR_OK && statuses[i] == AUGUR_OK),
            "a usable candidate has a score, an unusable one has none");
    require(status != AUGUR_OK || each[i] == scores[i], "a list without fault has one ranking");
  }
  size_t bytes = 0;
  require(augur_session_save(session, nullptr, &bytes) == AUGUR_OK, "a session tells its size");
  std::vector<uint8_t> saved(bytes);
  require(augur_session_save(session, saved.data(), &bytes) == AUGUR_OK, "a session is saved");
  require(augur_session_restore(session, saved.data(), bytes) == AUGUR_OK, "and restored");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  augur_error error = {};
  error.struct_size = sizeof error;
  augur_model* model = nullptr;
  if (augur_model_open_buffer(data, size, nullptr, &model, &error) != AUGUR_OK) {
    require(model == nullptr, "no model after a failure");
    require(error.message[0] != 0, "a failure has a message");
    return 0;
  }
  augur_model_info info = {};
  info.struct_size = sizeof info;
  require(augur_model_get_info(model, &info) == AUGUR_OK, "a model tells of itself");
  for (uint32_t i = 0; i < info.note_count; ++i)
    require(augur_model_get_note(model, i) != nullptr, "a note that is counted is there");
  const size_t needed = augur_session_bytes(model, nullptr);
  if (needed > 0 && needed <= kLargestSession) {
    std::vector<uint8_t> block(needed);
    augur_session* session = nullptr;
    const augur_status status =
        augur_session_create(model, nullptr, block.data(), block.size(), &session, &error);
    require(status == AUGUR_OK, "a session fits into the bytes that it asked for");
    rank(model, info, session);
    augur_session_destroy(session);
  }
  augur_model_close(model);
  return 0;
}
