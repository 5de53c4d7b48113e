// Packs a model into the bytes of a .augur file; see model_file.h.
#include "write/model_file.h"

#include <utility>

#include "error.h"
#include "model/visit.h"
#include "text/text.h"

namespace augur::convert {
namespace {

// FlatBuffers' offsets are 32 bits with a sign; the margin is for names and tables.
constexpr uint64_t kMostTensorBytes = (uint64_t{1} << 31) - (uint64_t{64} << 20);

flatbuffers::FlatBufferBuilder pack(const fb::ModelT& model) {
  flatbuffers::FlatBufferBuilder builder(1 << 16);
  fb::FinishModelBuffer(builder, fb::CreateModel(builder, &model));
  return builder;
}

// Holds the fields that the id does not cover at their neutral values while it lives.
class Anonymous {
 public:
  explicit Anonymous(fb::ModelT& model) : model_(model) {
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
  }

  fb::ModelT& model_;
  std::vector<uint8_t> id_;
  std::string producer_;
  std::string version_;
};

Digest id_of(fb::ModelT& model) {
  const Anonymous anonymous(model);
  const flatbuffers::FlatBufferBuilder builder = pack(model);
  return sha256(builder.GetBufferPointer(), builder.GetSize());
}

}  // namespace

uint64_t tensor_bytes(const fb::ModelT& model) {
  uint64_t bytes = 0;
  visit_tensors(model, [&](const std::string&, const fb::TensorT& tensor) {
    bytes += tensor.data.size() + tensor.scales.size();
  });
  return bytes;
}

uint32_t lowest_format(const fb::ModelT&) {
  return 1;
}

Digest compute_model_id(const fb::ModelT& model) {
  fb::ModelT copy = model;
  return id_of(copy);
}

std::vector<uint8_t> pack_model(fb::ModelT& model, const std::string& producer,
                                const std::string& producer_version) {
  const uint64_t bytes = tensor_bytes(model);
  if (bytes > kMostTensorBytes) {
    throw Error(
        "the model's weights take " + bytes_text(bytes) +
        ", and a model file holds less than 2 GB; embeddings of a smaller type make it smaller");
  }
  model.format = lowest_format(model);
  const Digest id = id_of(model);
  model.id.assign(id.begin(), id.end());
  model.producer = producer;
  model.producer_version = producer_version;
  const flatbuffers::FlatBufferBuilder builder = pack(model);
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

}  // namespace augur::convert
