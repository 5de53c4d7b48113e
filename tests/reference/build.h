// Making models by hand: tensors, fields, sources; and model files of them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "augur_generated.h"

namespace augur::reference {

// f32 of rank 1, or of rank 2 [rows, columns].
std::unique_ptr<fb::TensorT> make_tensor(const std::vector<float>& values);
std::unique_ptr<fb::TensorT> make_tensor(std::uint32_t rows, std::uint32_t columns,
                                         const std::vector<float>& values);

std::unique_ptr<fb::FieldT> make_field(const std::string& name, fb::FieldKind kind,
                                       const std::string& table = "");
std::unique_ptr<fb::SourceT> make_source(fb::SourceKind kind, const std::string& name);
std::unique_ptr<fb::SlotT> make_slot(fb::SourceKind kind, const std::string& name);

// The bytes of a model file. An id that is not 32 bytes long is replaced by one that depends on
// `seed`.
std::vector<std::uint8_t> pack(const fb::ModelT& model, std::uint8_t seed = 7);

// The object form of a model file that is known to be sound.
std::unique_ptr<fb::ModelT> unpack(const std::vector<std::uint8_t>& file);

}  // namespace augur::reference
