// The external data: where it is, and what it expects.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "reference/request.h"

namespace augur::data {

inline constexpr std::array<const char*, 6> kKinds = {"base", "din",   "aigru",
                                                      "agru", "augru", "dien"};
inline constexpr unsigned kMaxHistory = 50;

// False, after a line that says the test case is skipped, if AUGUR_TEST_DATA is not set.
bool have_test_data();

// The path of a file of AUGUR_TEST_DATA, which must be set.
std::string test_data(const std::string& file);
// The same for one of a kind's files: "checkpoints/beauty_T50_" + kind + ".safetensors".
std::string checkpoint_file(const std::string& kind);
std::string golden_file(const std::string& kind, const std::string& ending);

// One of the 64 rows of golden/*.npz: a request with one candidate, and the answer.
struct GoldenRow {
  reference::Request request;
  double logit;
  std::vector<double> attention;     // i_att, of the real events; empty where the model has none
  std::vector<double> state;         // i_state, likewise
  std::vector<double> head_input;    // i_head_in
  std::vector<double> first_layer;   // i_y1
  std::vector<double> second_layer;  // i_y2
};
std::vector<GoldenRow> read_golden_rows(const std::string& kind);

// The float32 logits of golden/*_alltest_logit32.npz.
std::vector<float> read_test_logits(const std::string& kind);

}  // namespace augur::data
