// Packs a model into the bytes of a .augur file. docs/file-format.md is the specification.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "augur_generated.h"
#include "common/sha256.h"

namespace augur::convert {

// The model's id: the SHA-256 of the file as packed with an id of 32 zero bytes and with producer,
// producer_version, the proof, the content hash and the tables' rows_hash empty. `format` counts as
// it stands in the model.
Digest compute_model_id(const fb::ModelT& model);

// Sets format, id and content hash, and packs. Throws Error if the file would be larger than
// FlatBuffers can hold (2 GB).
std::vector<uint8_t> pack_model(fb::ModelT& model, const std::string& producer,
                                const std::string& producer_version);

// Packs a model again that pack_model() has packed, after changes to fields that the id does not
// cover. Sets the content hash.
std::vector<uint8_t> pack_again(fb::ModelT& model);

// What a sidecar file holds of a table.
struct TableRows {
  std::unique_ptr<fb::TensorT> weights;
  std::unique_ptr<fb::VocabularyT> vocabulary;  // of the table's own, or nullptr
};

// Takes the rows, and the vocabulary, out of a table, which is then external. Throws Error if there
// is no such table, or if it has been taken.
TableRows take_rows(fb::ModelT& model, const std::string& table);

// What TableFile.rows_hash is of these rows; docs/file-format.md.
Digest hash_rows(const fb::TensorT& rows);

// The bytes of the file for a table's rows; the model must have been packed, for its id.
std::vector<uint8_t> pack_table(const fb::ModelT& model, const std::string& table,
                                std::unique_ptr<fb::TensorT> weights,
                                std::unique_ptr<fb::VocabularyT> vocabulary = nullptr);

// The sum of the model's tensors and vocabularies, in bytes.
uint64_t tensor_bytes(const fb::ModelT& model);

}  // namespace augur::convert
