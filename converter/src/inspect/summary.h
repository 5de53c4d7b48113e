// A model file or sidecar file in a form that can be shown: inputs, layers, and the size of each
// part.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "augur_generated.h"
#include "description/node.h"
#include "inspect/keys.h"
#include "write/content_hash.h"

namespace augur::convert {

struct TensorSummary {
  std::string part;  // "weight", "recurrent", "activation.alpha"
  std::string from;  // the checkpoint's tensor
  std::string type;  // "f32"
  std::vector<uint64_t> shape;
  uint64_t bytes = 0;
  std::string scales;  // "f32 a row", "fp16 for 4 values, with offsets"; empty: none
};

// One layer, or one table.
struct LayerSummary {
  std::string name;    // "extractor 1", "attention", "evolution", "dense 2"
  std::string kind;    // "GRU", "bilinear", "AUGRU", "dense"
  std::string detail;  // "reset after the product", "softmax", "Dice"
  uint64_t inputs = 0;
  uint64_t outputs = 0;
  std::vector<TensorSummary> tensors;
  uint64_t bytes() const;
};

struct FieldSummary {
  std::string name;
  std::string kind;    // "id", "ids", "number", "vector"
  std::string detail;  // "table item", "table genre, mean, zeros skipped, column genres"
  std::string column;  // of the input
  uint64_t width = 0;
};

// Rows of a sidecar file that are attached to the model.
struct AttachedSummary {
  std::string file;
  uint64_t rows = 0;
  std::string rows_hash;     // hexadecimal, stated by the file; empty: not stated
  bool hash_matches = true;  // whether the rows have that hash
  std::string origin;        // "conversion", "other", "unknown"
  std::string remark;        // how they differ from those of the conversion; empty: not at all
  std::optional<VocabularySummary> vocabulary;
};

struct TableSummary {
  std::string name;
  std::string outside;  // "error", "padding row 0", "hash into 1000 rows from 1"
  uint64_t padding_row = 0;
  bool external = false;  // its rows are in a sidecar file
  std::string rows_hash;  // hexadecimal; external: of the rows of the conversion, if recorded
  std::optional<AttachedSummary> attached;
  TensorSummary tensor;
  std::string key_type;                         // "row", "integer", "string"
  std::optional<VocabularySummary> vocabulary;  // in the model file
  std::string vocabulary_of;                    // the table whose vocabulary it shares; empty: none
  bool hashes_keys = false;                     // it has no vocabulary: all its keys are hashed
};

struct SequenceSummary {
  std::string name;
  std::vector<FieldSummary> fields;
  uint64_t max_history = 0;
  bool keeps_oldest = false;
  std::string mask;    // "length", "item is not 0", "item is not padding"
  std::string window;  // "50 rows, padding before the events, ..."; empty: none
  std::vector<std::string> query;
  std::string result;  // "the evolution's last state"
  uint64_t width = 0;  // of the result
  std::vector<LayerSummary> layers;
};

struct SlotSummary {
  std::string text;  // "user", "query of history", "query of history * pooled history (sum)"
  uint64_t width = 0;
};

// What the model's scores were compared with at its conversion. Absent: the file does not record
// it.
using Proof = std::optional<fb::ProofT>;

inline bool is_proven(const Proof& proof) {
  return proof && proof->values > 0;
}

struct ContentHashSummary {
  std::string stated;  // hexadecimal; empty: the file has none
  ContentHash check = ContentHash::kAbsent;
};

struct ModelSummary {
  std::string name;
  std::string id;           // hexadecimal
  bool id_matches = false;  // whether the content has that id
  ContentHashSummary content_hash;
  uint32_t format = 0;
  std::string producer;
  std::string producer_version;
  Proof proof;
  std::vector<std::string> notes;
  float calibration_scale = 1;
  float calibration_offset = 0;
  std::string output;  // "sigmoid", "identity"
  std::vector<TableSummary> tables;
  std::vector<FieldSummary> features;
  std::vector<FieldSummary> candidate;
  std::vector<SequenceSummary> sequences;
  std::vector<SlotSummary> slots;
  std::vector<LayerSummary> head;
  uint64_t file_bytes = 0;

  uint64_t table_bytes() const;
  uint64_t key_bytes() const;  // of the tables' vocabularies
  uint64_t sequence_bytes() const;
  uint64_t head_bytes() const;
};

struct TableFileSummary {
  std::string name;  // the table's, in the model
  std::string model_id;
  std::string rows_hash;     // hexadecimal; empty: the file has none
  bool hash_matches = true;  // the rows have that hash, or the file has none
  std::string state;         // hexadecimal, by which deltas name it; empty: not stated
  uint32_t format = 0;
  TensorSummary rows;
  std::optional<VocabularySummary> vocabulary;
  ContentHashSummary content_hash;
  uint64_t file_bytes = 0;
};

// A whole file. Throws Error if it cannot be read.
std::vector<uint8_t> read_model_file(const std::string& path);

// Throws Error, which names the file as `name`, if the bytes are no model file (by identifier and
// FlatBuffers' verifier) or need a newer reader. Whether the parts fit together is checked by the
// runtime alone (validate/run_model.h).
void verify_model(const std::vector<uint8_t>& file, const std::string& name);

// The summary of a file that verify_model() accepts; throws Error for others.
ModelSummary summarise_model(const std::vector<uint8_t>& bytes, const std::string& name);

// The content hash that a file states in `member`, and whether it is right.
ContentHashSummary summarise_content_hash(const std::vector<uint8_t>& file,
                                          const HashMember* member);

// Throws Error, which names the file as `name`, unless this version reads its format.
void check_format(uint32_t format, const std::string& name);

// Whether the bytes begin as a sidecar file does; it may still be damaged.
bool is_table_file(const std::vector<uint8_t>& file);

// Throws Error, which names the file as `name`, if the bytes are no sidecar file or need a newer
// reader.
TableFileSummary summarise_table_file(const std::vector<uint8_t>& file, const std::string& name);

// The parts of the above that layers.cc makes.
TensorSummary summarise_tensor(const std::string& part, const fb::TensorT& tensor);
// The sequence's extractor layers, attention and evolution, in the order of computation.
std::vector<LayerSummary> summarise_layers(const fb::StackT& sequence);
// "dense 1", "dense 2", ...
std::vector<LayerSummary> summarise_layers(const std::vector<std::unique_ptr<fb::DenseT>>& layers);

}  // namespace augur::convert
