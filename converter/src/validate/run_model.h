// Runs a model through the C API: opens it from the bytes of its file, measures its memory, and
// scores files of requests. Validation, calibration and comparisons share this.
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

// A model opened from the bytes of its file.
class LoadedModel {
 public:
  // `file` and the sidecars must outlive it. Throws Error, which begins with the file's name,
  // unless the runtime opens the model and attaches the sidecars.
  LoadedModel(const std::vector<uint8_t>& file, const std::string& name,
              const std::vector<Sidecar>& sidecars = {});
  ~LoadedModel() { augur_model_close(model_); }
  LoadedModel(const LoadedModel&) = delete;
  LoadedModel& operator=(const LoadedModel&) = delete;

  const augur_model& get() const { return *model_; }

 private:
  augur_model* model_ = nullptr;
};

// The file of `model` with a change. The tables, which may be large, are not copied: `change` gets
// a copy of the model without tables, and may throw. `model` is the same afterwards.
std::vector<uint8_t> file_with_change(fb::ModelT& model,
                                      const std::function<void(fb::ModelT& model)>& change);

struct MemoryOptions {
  uint32_t max_history = 0;  // augur_session_options: 0 for the model's own limit
  uint32_t tile = 0;         // 0: chosen for the model
};

// The memory that the runtime needs for the model. Throws Error if the runtime does not open the
// file, or refuses the options.
MemoryNeeds measure_memory(const std::vector<uint8_t>& file, const std::string& name,
                           const MemoryOptions& options);

// Called with each request, in the file's order, and the ranker that has its session.
using RequestVisitor = std::function<void(const requests::Request&, requests::RequestRanker&)>;
// Called with each request and its answer, whose numbers are finite.
using AnswerVisitor = std::function<void(const requests::Request&, const requests::Answer&)>;
// Called with the share of the file that is done, from 0 to 1; may be empty.
using ProgressVisitor = std::function<void(double share)>;

// Reads a file of requests; it cannot be a pipe, because it may be read several times. Both throw
// Error, which names file and line, and pass on what a visitor throws.
void visit_requests(const augur_model& model, const std::string& path, const RequestVisitor& visit,
                    const ProgressVisitor& progress = {});
void score_file(const augur_model& model, const std::string& path, const AnswerVisitor& visit,
                const ProgressVisitor& progress = {});

// A progress bar on standard error for work that takes more than a second. It shows nothing unless
// standard error is a terminal, and is removed from the screen when it is destroyed.
class ProgressBar {
 public:
  explicit ProgressBar(std::string title);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // `share` of the work is done, from 0 to 1.
  void show(double share);

 private:
  std::string title_;
  bool shown_;
  bool drawn_ = false;
  int percent_ = -1;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace augur::convert
