// Verification on the app's request: a file's content hash, and the app's own decision.
#pragma once

#include <cstddef>
#include <cstdint>

#include "augur_generated.h"
#include "common/error.h"

namespace augur {

// What augur_model_options ask for; kept for files that are attached later.
struct ContentCheck {
  std::uint32_t verify = AUGUR_VERIFY_NOTHING;  // an augur_verify
  augur_verify_content decide = nullptr;        // the app's function
  void* context = nullptr;

  bool wanted() const { return verify != AUGUR_VERIFY_NOTHING || decide != nullptr; }
};

// A file whose structure has been verified. `table` is "" for a model.
struct CheckedFile {
  const void* data = nullptr;
  std::size_t bytes = 0;
  const char* name = "";
  const char* table = "";
  const flatbuffers::Vector<std::uint8_t>* model_id = nullptr;
  const flatbuffers::Vector<std::uint8_t>* content_hash = nullptr;  // nullptr: not stated
};

// Computes the file's content hash and compares it with the one that the file states, then asks the
// app's function if there is one. AUGUR_UNSUPPORTED if the file states none, AUGUR_BAD_MODEL if it
// is another, or the status of the app's function.
augur_status check_content(const ContentCheck& check, const CheckedFile& file, Fault& error);

}  // namespace augur
