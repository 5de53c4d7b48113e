// Summaries of deltas; see delta_file.h.
#include "inspect/delta_file.h"

#include <cstring>

#include "common/vocabulary.h"
#include "delta/make_delta.h"
#include "error.h"
#include "inspect/show.h"
#include "inspect/show_tables.h"
#include "text/text.h"
#include "vocabulary/build.h"

namespace augur::convert {
namespace {

template <typename Bytes>
std::string hex(const Bytes* bytes) {
  return hex_text(bytes->data(), bytes->size());
}

uint64_t count_removed(const VocabularyView& keys) {
  uint64_t removed = 0;
  for (size_t slot = 0; slot < keys.slot_count; ++slot)
    if (keys.row_in(slot) == kRemovedRow) ++removed;
  return removed;
}

void summarise_keys(const fb::Vocabulary& file, const std::string& name,
                    DeltaFileSummary& summary) {
  fb::VocabularyT keys;
  file.UnPackTo(&keys);
  const char* wrong = check_vocabulary(view_of(keys), keys.slots.size(), keys.checksum,
                                       static_cast<uint32_t>(summary.rows), true);
  if (wrong != nullptr) throw Error(name + ": its vocabulary is damaged: " + wrong);
  summary.keys = summarise_vocabulary(keys);
  summary.removed_keys = count_removed(view_of(keys));
}

}  // namespace

bool is_delta_file(const std::vector<uint8_t>& file) {
  return file.size() >= 8 && std::memcmp(file.data() + 4, kDeltaIdentifier, 4) == 0;
}

DeltaFileSummary summarise_delta_file(const std::vector<uint8_t>& file, const std::string& name) {
  flatbuffers::Verifier verifier(file.data(), file.size(), 16, 65536);
  if (!verifier.VerifyBuffer<fb::TableDelta>(kDeltaIdentifier)) {
    throw Error(name + ": damaged, or cut short at " + std::to_string(file.size()) + " bytes");
  }
  const auto* root = flatbuffers::GetRoot<fb::TableDelta>(file.data());
  check_format(root->format(), name);
  DeltaFileSummary summary;
  summary.name = root->name()->str();
  summary.model_id = hex(root->model_id());
  summary.base = hex(root->base());
  summary.result = hex(root->result());
  summary.rows = root->rows();
  if (root->weights() != nullptr) {
    fb::TensorT rows;
    root->weights()->UnPackTo(&rows);
    summary.changed = summarise_tensor("rows", rows);
    if (rows.shape.size() != 2) {
      throw Error(name + ": its rows have rank " + std::to_string(rows.shape.size()) +
                  ", expected 2");
    }
  }
  if (root->vocabulary() != nullptr) summarise_keys(*root->vocabulary(), name, summary);
  summary.content_hash = summarise_content_hash(file, root->content_hash());
  summary.format = root->format();
  summary.file_bytes = file.size();
  return summary;
}

std::string delta_file_text(const DeltaFileSummary& delta) {
  std::string rows = std::to_string(delta.rows) + " afterwards, ";
  if (delta.changed) {
    const TensorSummary& changed = *delta.changed;
    rows += std::to_string(changed.shape[0]) + " of them changed or new; " +
            std::to_string(changed.shape[1]) + " values, " + changed.type +
            (changed.scales.empty() ? "" : ", scales " + changed.scales) + ", " +
            bytes_text(changed.bytes);
  } else {
    rows += "none of them changed";
  }
  std::string keys = "unchanged";
  if (delta.keys) {
    keys = std::to_string(delta.keys->size - delta.removed_keys) + " new or moved, " +
           std::to_string(delta.removed_keys) + " removed; " + delta.keys->key_type + " keys, " +
           bytes_text(delta.keys->bytes) + (delta.keys->hash_matches ? "" : "  (damaged!)");
  }
  TextTable table;
  table.add({"rows", rows});
  table.add({"keys", keys});
  table.add({"from", delta.base});
  table.add({"to", delta.result});
  table.add({"model", delta.model_id});
  table.add({"content", content_hash_text(delta.content_hash)});
  return "delta of the table '" + delta.name + "', " + bytes_text(delta.file_bytes) + "\n" +
         table.text("  ");
}

Json delta_file_json(const DeltaFileSummary& delta) {
  Json json;
  json["table"] = delta.name;
  json["model_id"] = delta.model_id;
  json["base"] = delta.base;
  json["result"] = delta.result;
  json["rows"] = delta.rows;
  json["changed_rows"] = delta.changed ? delta.changed->shape[0] : 0;
  json["keys"] = vocabulary_json(delta.keys);
  json["removed_keys"] = delta.removed_keys;
  json["content_hash"] = content_hash_json(delta.content_hash);
  json["format"] = delta.format;
  json["file_bytes"] = delta.file_bytes;
  return json;
}

}  // namespace augur::convert
