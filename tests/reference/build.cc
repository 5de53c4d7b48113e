// Making models by hand.
#include "reference/build.h"

#include <cstring>

namespace augur::reference {
namespace {

std::unique_ptr<fb::TensorT> with_shape(std::vector<std::uint32_t> shape,
                                        const std::vector<float>& values) {
  auto tensor = std::make_unique<fb::TensorT>();
  tensor->shape = std::move(shape);
  tensor->data.resize(values.size() * sizeof(float));
  if (!values.empty()) std::memcpy(tensor->data.data(), values.data(), tensor->data.size());
  return tensor;
}

}  // namespace

std::unique_ptr<fb::TensorT> make_tensor(const std::vector<float>& values) {
  return with_shape({static_cast<std::uint32_t>(values.size())}, values);
}

std::unique_ptr<fb::TensorT> make_tensor(std::uint32_t rows, std::uint32_t columns,
                                         const std::vector<float>& values) {
  return with_shape({rows, columns}, values);
}

std::unique_ptr<fb::FieldT> make_field(const std::string& name, fb::FieldKind kind,
                                       const std::string& table) {
  auto field = std::make_unique<fb::FieldT>();
  field->name = name;
  field->kind = kind;
  field->table = table;
  return field;
}

std::unique_ptr<fb::SourceT> make_source(fb::SourceKind kind, const std::string& name) {
  auto source = std::make_unique<fb::SourceT>();
  source->kind = kind;
  source->name = name;
  return source;
}

std::unique_ptr<fb::SlotT> make_slot(fb::SourceKind kind, const std::string& name) {
  auto slot = std::make_unique<fb::SlotT>();
  slot->source = make_source(kind, name);
  return slot;
}

std::vector<std::uint8_t> pack(const fb::ModelT& model, std::uint8_t seed) {
  fb::ModelT identified = model;
  constexpr std::size_t kIdBytes = 32;
  if (identified.id.size() != kIdBytes) identified.id.assign(kIdBytes, seed);
  flatbuffers::FlatBufferBuilder builder;
  fb::FinishModelBuffer(builder, fb::Model::Pack(builder, &identified));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

std::unique_ptr<fb::ModelT> unpack(const std::vector<std::uint8_t>& file) {
  return fb::UnPackModel(file.data());
}

}  // namespace augur::reference
