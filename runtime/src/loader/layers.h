// Loads each part of a model from its table in the file: checks every shape, count and enum, and
// packs the weights into the arena. Each function fills a struct of model/ and returns AUGUR_OK,
// AUGUR_BAD_MODEL with the part and what is wrong with it, or AUGUR_OUT_OF_MEMORY.
//
// Where to check a new tensor: in the load_…() of its part. Open a Reader::Part for messages, take
// a width that only the tensor knows with matrix_shape() and bound it by kMaxWidth, then read the
// tensor with its exact shape. Checks over two parts are in sequence.cc and head.cc. Tensors that a
// layer's kind does not use are neither read nor checked.
#pragma once

#include "loader/reader.h"
#include "loader/weights.h"
#include "model/model.h"

namespace augur {

using DenseList = flatbuffers::Vector<flatbuffers::Offset<fb::Dense>>;
using FieldList = flatbuffers::Vector<flatbuffers::Offset<fb::Field>>;

// In loader/embedding.cc.
augur_status load_table(Reader& reader, const fb::EmbeddingTable* file, EmbeddingTable* table);
// Gives an external table these rows, in place of any that were attached before; on failure it
// keeps the old ones.
augur_status attach_rows(Reader& reader, const fb::TableFile* file, EmbeddingTable* table);
// The fields point to the tables, which must live as long as the fields. The tables note how many
// rows the fields' hashes need.
augur_status load_fields(Reader& reader, const FieldList* file, const Span<EmbeddingTable>& tables,
                         FieldGroup* group);

// In loader/keys.cc.
augur_status load_key_type(Reader& reader, fb::KeyType file, augur_key_type* key_type);
augur_status load_hash_rule(Reader& reader, const fb::Hash* file, augur_key_type key_type,
                            HashRule* rule);
// The table's own vocabulary, if `file` is not NULL: it is in the model, or in the file with the
// table's `rows` rows.
augur_status load_keys(Reader& reader, const fb::Vocabulary* file, std::uint32_t rows,
                       EmbeddingTable* table);
// Links tables with those whose vocabularies they share. All tables must have been loaded.
augur_status link_vocabularies(Reader& reader, const fb::Model* file,
                               const Span<EmbeddingTable>& tables);
// Checks a vocabulary completely, which reads all of it. Its rows must be below `rows`; a delta's
// vocabulary may remove keys.
augur_status load_vocabulary(Reader& reader, const fb::Vocabulary* file, augur_key_type key_type,
                             std::uint32_t rows, bool may_remove, VocabularyView* vocabulary,
                             const std::uint8_t** hash);

// In loader/dense.cc. `inputs`: the width of the layer's input.
augur_status load_activation(Reader& reader, const fb::Activation* file, std::uint32_t units,
                             Activation* activation);
augur_status load_dense(Reader& reader, const fb::Dense* file, std::uint32_t inputs,
                        Arithmetic arithmetic, Dense* dense);
// Layers `first` ... of the list; `inputs` is the width that layer `first` reads.
augur_status load_mlp(Reader& reader, const DenseList* file, std::uint32_t first,
                      std::uint32_t inputs, Arithmetic arithmetic, Mlp* mlp);

// In loader/gru.cc. The interest extractor: layers over behaviours of width `inputs`.
using GruList = flatbuffers::Vector<flatbuffers::Offset<fb::Gru>>;
augur_status load_extractor(Reader& reader, const GruList* file, std::uint32_t inputs,
                            Span<Gru>* layers);
// unit_input: the interest states are states of a GRU, so that they lie in [-1, 1]; unit_attention:
// the attention's weights lie in [0, 1].
augur_status load_evolution(Reader& reader, const fb::Evolution* file, std::uint32_t inputs,
                            bool unit_input, bool unit_attention, Evolution* evolution);

// In loader/attention.cc. Keys are `key_width` wide, the candidates' embeddings
// e_a `embedding_width`.
augur_status load_attention(Reader& reader, const fb::Attention* file, std::uint32_t key_width,
                            std::uint32_t embedding_width, Attention* attention);

// In loader/sequence.cc.
augur_status load_sequence(Reader& reader, const fb::Stack* file,
                           const Span<EmbeddingTable>& tables, const FieldGroup& candidate,
                           Sequence* sequence);

// In loader/head.cc. Reads the model's features, candidate and sequences, which must have been
// loaded.
augur_status load_head(Reader& reader, const fb::Head* file, const Model& model, Head* head);

// In loader/model.cc. Loads all parts.
augur_status load_model(Reader& reader, const fb::Model* file, Model* model);

}  // namespace augur
