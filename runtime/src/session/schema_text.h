// What a saved session depends on besides the values in it: a text with one line for each feature,
// sequence and event field. Models with equal texts can restore each other's saved sessions.
#pragma once

#include <cstddef>

#include "common/sha256.h"
#include "model/model.h"

namespace augur {

// Calls put(context, bytes, size) for the text's pieces, in their order.
using PutText = void (*)(void* context, const char* bytes, std::size_t size);
void write_schema_text(const Model& model, PutText put, void* context);

// The SHA-256 of the text.
Digest schema_id(const Model& model);

}  // namespace augur
