// Fuzzes deltas: any bytes are refused and change nothing, or attach to a table that then ranks or
// says why not. The content hash is put right first, so that the checks behind it are reached.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "augur/augur.h"
#include "augur_generated.h"
#include "common/sha256.h"
#include "delta_models.h"

namespace {

// Stops the fuzzer.
void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

// Puts the content hash into a delta whose structure is sound.
void set_content_hash(std::vector<uint8_t>& file) {
  flatbuffers::Verifier verifier(file.data(), file.size(), 16, 65536);
  if (file.size() < 8 || !verifier.VerifyBuffer<augur::fb::TableDelta>("AUGD")) return;
  const auto* member = flatbuffers::GetRoot<augur::fb::TableDelta>(file.data())->content_hash();
  if (member->size() != sizeof(augur::Digest)) return;
  uint8_t* at = file.data() + (member->data() - file.data());
  std::memset(at, 0, sizeof(augur::Digest));
  const augur::Digest digest = augur::sha256(file.data(), file.size());
  std::memcpy(at, digest.data(), digest.size());
}

augur_table_info items_of(const augur_model* model) {
  augur_table_info info = {};
  info.struct_size = sizeof info;
  require(augur_model_get_table(model, 1, &info) == AUGUR_OK, "a table is described");
  return info;
}

void rank(const augur_model* model) {
  augur_session* session = nullptr;
  require(augur_session_create(model, nullptr, nullptr, 0, &session, nullptr) == AUGUR_OK,
          "a model whose tables are attached has sessions");
  constexpr size_t kRows = 4;
  const augur_string items[kRows] = {{"a", 1}, {"k", 1}, {"new", 3}, {"", 0}};
  const int64_t categories[kRows] = {0, 1, 2, 3};
  augur_column columns[2] = {};
  columns[0].struct_size = columns[1].struct_size = sizeof(augur_column);
  columns[0].name = "item";
  columns[0].strings = items;
  columns[1].name = "category";
  columns[1].ids = categories;
  // All items, of which the table may lack some, then the first alone.
  for (const size_t rows : {kRows, size_t{1}}) {
    columns[0].length = columns[1].length = rows;
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
  static const augur::fuzz::DeltaModels files = augur::fuzz::delta_models();
  std::vector<uint8_t> delta(data, data + size);
  set_content_hash(delta);
  augur_model* model = nullptr;
  require(augur_model_open_buffer(files.model.data(), files.model.size(), nullptr, &model,
                                  nullptr) == AUGUR_OK,
          "the model opens");
  require(augur_model_attach_table_buffer(model, "items", files.before.data(), files.before.size(),
                                          nullptr) == AUGUR_OK,
          "the sidecar is attached");
  const augur_table_info before = items_of(model);
  augur_table_source source = {};
  source.struct_size = sizeof source;
  source.data = delta.data();
  source.bytes = delta.size();
  augur_error error = {};
  error.struct_size = sizeof error;
  const augur_status status = augur_model_attach_delta(model, "items", &source, &error);
  const augur_table_info after = items_of(model);
  if (status == AUGUR_OK) {
    require(after.deltas == 1 && after.rows >= before.rows, "an attached delta is described");
    rank(model);
    require(augur_model_detach_deltas(model, "items", 0, nullptr) == AUGUR_OK, "it is taken off");
  } else {
    require(error.message[0] != 0, "a refusal has a message");
    require(after.deltas == 0 && after.rows == before.rows &&
                std::memcmp(after.state, before.state, sizeof after.state) == 0,
            "a refusal changes nothing");
  }
  rank(model);
  augur_model_close(model);
  return 0;
}
