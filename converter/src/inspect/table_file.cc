// Summaries of sidecar files; see summary.h.
#include <cstring>

#include "common/vocabulary.h"
#include "error.h"
#include "inspect/summary.h"
#include "text/text.h"
#include "vocabulary/build.h"
#include "write/model_file.h"
#include "write/table_state.h"

namespace augur::convert {
namespace {

constexpr const char* kTableFile = "AUGT";  // the identifier of a sidecar file

}  // namespace

bool is_table_file(const std::vector<uint8_t>& file) {
  return file.size() >= 8 && std::memcmp(file.data() + 4, kTableFile, 4) == 0;
}

TableFileSummary summarise_table_file(const std::vector<uint8_t>& file, const std::string& name) {
  flatbuffers::Verifier verifier(file.data(), file.size(), 16, 65536);
  if (!verifier.VerifyBuffer<fb::TableFile>(kTableFile)) {
    throw Error(name + ": damaged, or cut short at " + std::to_string(file.size()) + " bytes");
  }
  const auto* root = flatbuffers::GetRoot<fb::TableFile>(file.data());
  check_format(root->format(), name);
  TableFileSummary summary;
  summary.name = root->name()->str();
  summary.model_id = hex_text(root->model_id()->data(), root->model_id()->size());
  summary.format = root->format();
  fb::TensorT rows;
  root->weights()->UnPackTo(&rows);
  summary.rows = summarise_tensor("rows", rows);
  if (root->rows_hash() != nullptr) {
    const Digest hash = hash_rows(rows);
    summary.rows_hash = hex_text(root->rows_hash()->data(), root->rows_hash()->size());
    summary.hash_matches = summary.rows_hash == hex_text(hash.data(), hash.size());
  }
  if (summary.rows.shape.size() != 2) {
    throw Error(name + ": its rows have rank " + std::to_string(summary.rows.shape.size()) +
                ", expected 2");
  }
  if (root->vocabulary() != nullptr) {
    fb::VocabularyT vocabulary;
    root->vocabulary()->UnPackTo(&vocabulary);
    const char* wrong =
        check_vocabulary(view_of(vocabulary), vocabulary.slots.size(), vocabulary.checksum,
                         static_cast<uint32_t>(summary.rows.shape[0]));
    if (wrong != nullptr) throw Error(name + ": its vocabulary is damaged: " + wrong);
    summary.vocabulary = summarise_vocabulary(vocabulary);
  }
  summary.content_hash = summarise_content_hash(file, root->content_hash());
  if (has_state(*root)) {
    const Digest state = table_state(*root, name);
    summary.state = hex_text(state.data(), state.size());
  }
  summary.file_bytes = file.size();
  return summary;
}

}  // namespace augur::convert
