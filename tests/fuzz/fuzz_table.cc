// Fuzzes sidecar files: any bytes are refused, or attach to a model that then ranks or says why
// not.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "augur/augur.h"
#include "reference/build.h"
#include "support/models.h"

namespace {

// Stops the fuzzer.
void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

// small_dien() whose items' rows are in a file of their own.
const std::vector<uint8_t>& model_file() {
  static const std::vector<uint8_t> file = [] {
    const auto model = augur::tools_test::small_dien();
    model->tables[1]->external = true;
    model->tables[1]->weights = augur::reference::make_tensor(0, 3, {});
    return augur::tools_test::packed(*model);
  }();
  return file;
}

void rank(const augur_model* model) {
  augur_session* session = nullptr;
  require(augur_session_create(model, nullptr, nullptr, 0, &session, nullptr) == AUGUR_OK,
          "a model whose tables are attached has sessions");
  constexpr size_t kRows = 4;
  const int64_t items[kRows] = {0, 1, 2, 1000};
  const int64_t categories[kRows] = {0, 1, 2, 3};
  // All items, which the table may lack, then the first alone.
  for (const size_t rows : {kRows, size_t{1}}) {
    const augur_column columns[] = {
        {sizeof(augur_column), "item", items, nullptr, nullptr, rows, nullptr, 0, 0},
        {sizeof(augur_column), "category", categories, nullptr, nullptr, rows, nullptr, 0, 0}};
    augur_session_set_history(session, nullptr, columns, 2, rows);
    float scores[kRows] = {};
    const augur_status status = augur_rank(session, columns, 2, rows, scores, nullptr);
    require(status == AUGUR_OK || augur_session_error(session)[0] != 0, "a failure has a message");
    for (const float score : scores) {
      const bool sound = std::isnan(score) || (score >= 0 && score <= 1);
      require(sound, "a score lies in [0, 1]");
    }
  }
  augur_session_destroy(session);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  augur_model* model = nullptr;
  require(augur_model_open_buffer(model_file().data(), model_file().size(), nullptr, &model,
                                  nullptr) == AUGUR_OK,
          "the model opens");
  augur_error error = {};
  error.struct_size = sizeof error;
  if (augur_model_attach_table_buffer(model, "items", data, size, &error) == AUGUR_OK) {
    augur_table_info info = {};
    info.struct_size = sizeof info;
    require(augur_model_get_table(model, 1, &info) == AUGUR_OK &&
                info.origin == AUGUR_ROWS_UNKNOWN && info.rows > 0,
            "an attached table is described");
    rank(model);
  } else {
    require(error.message[0] != 0, "a refusal has a message");
    augur_session* session = nullptr;
    require(augur_session_create(model, nullptr, nullptr, 0, &session, nullptr) == AUGUR_NOT_FOUND,
            "a model without its table has no sessions");
  }
  augur_model_close(model);
  return 0;
}
