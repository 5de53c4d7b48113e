// Models with random weights and given sizes, for benchmarks: one user feature, an item and a
// category for each event and candidate, a GRU as extractor, attention, AUGRU, and a head of 200,
// 80 and 1 units.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "augur/augur.h"

namespace augur::bench {

enum class AttentionShape { kBilinear, kMlp };  // kMlp: 4 width -> 80 -> 40 -> 1, sigmoid

struct ModelShape {
  AttentionShape attention = AttentionShape::kBilinear;
  uint32_t width = 36;  // of embeddings and of states
  uint32_t history = 100;
  bool reset_before = false;  // with the form of AUGRU that the authors' code has ("lifted")
  bool integers = false;      // int8 weights and embeddings
  uint32_t items = 2000;
};

std::vector<uint8_t> random_model(const ModelShape& shape);

struct SessionShape {
  uint32_t threads = 1;
  uint32_t tile = 0;  // the library's choice
  bool streaming = false;
};

struct OpenFile {
  int fd = -1;
};

// A session of a random model, a user with a full history, and candidates to rank. Ends the program
// on failure, because nothing can be measured then.
class RandomSession {
 public:
  // Creates the session, sets the user's inputs and ranks once.
  RandomSession(const ModelShape& shape, uint32_t candidates, const SessionShape& session = {});
  // Only opens the model, from a file that holds random_model(shape).
  RandomSession(const ModelShape& shape, uint32_t candidates, OpenFile file);
  ~RandomSession();
  RandomSession(const RandomSession&) = delete;
  RandomSession& operator=(const RandomSession&) = delete;

  void create(const SessionShape& shape = {});
  void set_user();  // features and history
  void append();    // one event, so that what depends on the history must be computed again
  void rank();
  size_t session_bytes() const { return bytes_; }

 private:
  std::vector<uint8_t> file_;
  augur_model* model_ = nullptr;
  augur_session* session_ = nullptr;
  size_t bytes_ = 0;
  uint32_t items_count_;
  std::vector<int64_t> clicked_items_;
  std::vector<int64_t> clicked_categories_;
  std::vector<int64_t> items_;
  std::vector<int64_t> categories_;
  std::vector<float> scores_;
  int64_t next_item_ = 1;
};

}  // namespace augur::bench
