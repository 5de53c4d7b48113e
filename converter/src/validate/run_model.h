// Runs a model through the C API: opens it from the bytes of its file, measures its memory, and
// scores files of requests. Validation, calibration and comparisons share it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "augur/augur.h"
#include "convert/conversion.h"
#include "inspect/show.h"
#include "requests/answer.h"
#include "requests/request.h"

namespace augur::convert {

// A bar on a terminal for work that takes more than a second.

// Nothing is shown unless standard error is a terminal. Gone from the screen when it is destroyed.
class Progress {
 public:
  explicit Progress(std::string title);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `share` of the work is done, from 0 to 1.
  void show(double share);

 private:
  std::string title_;
  bool shown_;
  bool drawn_ = false;
  int percent_ = -1;
  std::chrono::steady_clock::time_point start_;
};

// A model opened from the bytes of its file, through the C API.

class OpenModel {
 public:
  // `file` and the sidecars must outlive it. Throws Error, with the file's name in front, unless
  // the runtime opens and attaches the bytes.
  OpenModel(const std::vector<uint8_t>& file, const std::string& name,
            const std::vector<Sidecar>& sidecars = {});
  ~OpenModel() { augur_model_close(model_); }
  OpenModel(const OpenModel&) = delete;
  OpenModel& operator=(const OpenModel&) = delete;

  const augur_model& get() const { return *model_; }

 private:
  augur_model* model_ = nullptr;
};

// What the runtime itself says of a model file, through its C API.

// Throws Error unless the runtime opens the bytes as a model, and the sidecars with it. `name` is
// the file, for the message.
void check_opens(const std::vector<uint8_t>& file, const std::string& name,
                 const std::vector<Sidecar>& sidecars = {});

struct MemoryOptions {
  uint32_t max_history = 0;  // augur_session_options: 0 for the model's own limit
  uint32_t tile = 0;         // 0: chosen for the model
};

// Throws Error if the runtime does not open the bytes, or refuses the options.
MemoryNeeds measure_memory(const std::vector<uint8_t>& file, const std::string& name,
                           const MemoryOptions& options);

// Scores a file of requests with a model: what validation, calibration and comparisons of two
// models have in common.

// Called with each request, in the file's order, and the scorer that has its session.
using RequestVisitor = std::function<void(const requests::Request&, requests::Scorer&)>;
// Called with each request and its finite answer.
using AnswerVisitor = std::function<void(const requests::Request&, const requests::Answer&)>;
// Called with how much of the file is done, from 0 to 1; may be empty.
using ProgressVisitor = std::function<void(double share)>;

// `path` is a file, for it may be read several times. Both throw Error, naming file and line, and
// pass on what a visitor throws.
void visit_requests(const augur_model& model, const std::string& path, const RequestVisitor& visit,
                    const ProgressVisitor& progress = {});
void score_file(const augur_model& model, const std::string& path, const AnswerVisitor& visit,
                const ProgressVisitor& progress = {});

}  // namespace augur::convert
