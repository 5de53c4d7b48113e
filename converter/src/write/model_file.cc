// Packs a model into the bytes of a .augur file; see model_file.h.
#include "write/model_file.h"

#include <utility>

#include "error.h"
#include "quantise/model_parts.h"
#include "text/text.h"
#include "write/content_hash.h"

namespace augur::convert {
namespace {

// FlatBuffers' offsets are 32 bits with a sign; the margin is for names and tables.
constexpr uint64_t kMostTensorBytes = (uint64_t{1} << 31) - (uint64_t{64} << 20);

void check_size(uint64_t bytes, const char* what) {
  if (bytes <= kMostTensorBytes) return;
  throw Error(std::string("the ") + what + " take " + bytes_text(bytes) +
              ", and a file holds less than 2 GB; embeddings of a smaller type make it smaller");
}

flatbuffers::FlatBufferBuilder pack(const fb::ModelT& model) {
  flatbuffers::FlatBufferBuilder builder(1 << 16);
  fb::FinishModelBuffer(builder, fb::CreateModel(builder, &model));
  return builder;
}

// While it lives, the model's fields that the id does not cover are empty (the id: zeros).
class Anonymous {
 public:
  explicit Anonymous(fb::ModelT& model) : model_(model), hashes_(model.tables.size()) {
    id_.assign(32, 0);
    swap();
  }
  ~Anonymous() { swap(); }
  Anonymous(const Anonymous&) = delete;
  Anonymous& operator=(const Anonymous&) = delete;

 private:
  void swap() {
    std::swap(model_.id, id_);
    std::swap(model_.producer, producer_);
    std::swap(model_.producer_version, version_);
    std::swap(model_.proof, proof_);
    std::swap(model_.content_hash, content_hash_);
    for (size_t i = 0; i < hashes_.size(); ++i)
      std::swap(model_.tables[i]->rows_hash, hashes_[i]);
  }

  fb::ModelT& model_;
  std::vector<uint8_t> id_;
  std::string producer_;
  std::string version_;
  std::unique_ptr<fb::ProofT> proof_;
  std::vector<uint8_t> content_hash_;
  std::vector<std::vector<uint8_t>> hashes_;  // of the tables' rows
};

Digest id_of(fb::ModelT& model) {
  const Anonymous anonymous(model);
  const flatbuffers::FlatBufferBuilder builder = pack(model);
  return sha256(builder.GetBufferPointer(), builder.GetSize());
}

}  // namespace

uint64_t tensor_bytes(const fb::ModelT& model) {
  uint64_t bytes = 0;
  visit_tensors(
      model, [&](const std::string&, const fb::TensorT& tensor) { bytes += stored_bytes(tensor); });
  for (const auto& table : model.tables)
    bytes += table->vocabulary ? stored_bytes(*table->vocabulary) : 0;
  return bytes;
}

Digest hash_rows(const fb::TensorT& rows) {
  std::vector<uint8_t> bytes = {static_cast<uint8_t>(rows.type),
                                static_cast<uint8_t>(rows.scale_type)};
  const auto add_number = [&bytes](uint32_t number) {
    for (int byte = 0; byte < 4; ++byte)
      bytes.push_back(static_cast<uint8_t>(number >> (8 * byte)));
  };
  const auto add_hash = [&bytes](const auto& part) {
    const Digest digest = sha256(part.data(), part.size());
    bytes.insert(bytes.end(), digest.begin(), digest.end());
  };
  add_number(rows.group_size);
  for (const uint32_t size : rows.shape)
    add_number(size);
  add_hash(rows.data);
  add_hash(rows.scales);
  add_hash(rows.offsets);
  return sha256(bytes.data(), bytes.size());
}

Digest compute_model_id(const fb::ModelT& model) {
  fb::ModelT copy = model;
  return id_of(copy);
}

std::vector<uint8_t> pack_model(fb::ModelT& model, const std::string& producer,
                                const std::string& producer_version) {
  check_size(tensor_bytes(model), "model's weights");
  model.format = lowest_format(model);
  const Digest id = id_of(model);
  model.id.assign(id.begin(), id.end());
  model.producer = producer;
  model.producer_version = producer_version;
  return pack_again(model);
}

std::vector<uint8_t> pack_again(fb::ModelT& model) {
  const auto member = [](const uint8_t* file) { return fb::GetModel(file)->content_hash(); };
  model.content_hash.assign(kContentHashBytes, 0);
  std::vector<uint8_t> file = with_content_hash(pack(model), member);
  model.content_hash.assign(member(file.data())->begin(), member(file.data())->end());
  return file;
}

TableRows take_rows(fb::ModelT& model, const std::string& table) {
  std::vector<std::string> names;
  for (const auto& candidate : model.tables) {
    names.push_back(candidate->name);
    if (candidate->name != table) continue;
    if (candidate->external) throw Error("the rows of table '" + table + "' are taken out twice");
    TableRows rows = {std::move(candidate->weights), std::move(candidate->vocabulary)};
    candidate->external = true;
    const Digest hash = hash_rows(*rows.weights);
    candidate->rows_hash.assign(hash.begin(), hash.end());
    candidate->weights = std::make_unique<fb::TensorT>();
    candidate->weights->name = rows.weights->name;
    candidate->weights->shape = {0, rows.weights->shape.at(1)};
    return rows;
  }
  throw Error("the model has no table " + augur::quoted(table) + "; it has " + join(names));
}

std::vector<uint8_t> pack_table(const fb::ModelT& model, const std::string& table,
                                std::unique_ptr<fb::TensorT> weights,
                                std::unique_ptr<fb::VocabularyT> vocabulary) {
  const bool keyed = vocabulary != nullptr;
  check_size(stored_bytes(*weights) + (keyed ? stored_bytes(*vocabulary) : 0),
             keyed ? "table's rows and keys" : "table's rows");
  fb::TableFileT file;
  if (keyed) file.format = kVocabularyFormat;
  file.model_id = model.id;
  file.name = table;
  const Digest hash = hash_rows(*weights);
  file.rows_hash.assign(hash.begin(), hash.end());
  file.weights = std::move(weights);
  file.vocabulary = std::move(vocabulary);
  file.content_hash.assign(kContentHashBytes, 0);
  flatbuffers::FlatBufferBuilder builder(1 << 16);
  builder.Finish(fb::TableFile::Pack(builder, &file), "AUGT");
  return with_content_hash(builder, [](const uint8_t* bytes) {
    return flatbuffers::GetRoot<fb::TableFile>(bytes)->content_hash();
  });
}

}  // namespace augur::convert
