// Runs a model through the C API; see run_model.h.
#include "validate/run_model.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <utility>

#include "augur/augur.h"
#include "error.h"
#include "requests/json_lines.h"

namespace augur::convert {
namespace {

constexpr int kWidth = 40;

}  // namespace

Progress::Progress(std::string title)
    : title_(std::move(title)),
      shown_(isatty(STDERR_FILENO) == 1),
      start_(std::chrono::steady_clock::now() + std::chrono::seconds(1)) {}

Progress::~Progress() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
}

void Progress::show(double share) {
  const int percent = static_cast<int>(std::clamp(share, 0.0, 1.0) * 100);
  if (!shown_ || percent == percent_ || std::chrono::steady_clock::now() < start_) return;
  percent_ = percent;
  drawn_ = true;
  const int filled = percent * kWidth / 100;
  std::fprintf(stderr, "\r%s [%s%s] %3d%%", title_.c_str(),
               std::string(static_cast<size_t>(filled), '#').c_str(),
               std::string(static_cast<size_t>(kWidth - filled), '.').c_str(), percent);
  std::fflush(stderr);
}

OpenModel::OpenModel(const std::vector<uint8_t>& file, const std::string& name,
                     const std::vector<Sidecar>& sidecars) {
  augur_error error = {};
  error.struct_size = sizeof error;
  const augur_status status =
      augur_model_open_buffer(file.data(), file.size(), nullptr, &model_, &error);
  if (status != AUGUR_OK) {
    throw Error(name + ": the runtime does not open it: " + error.message + " (" +
                augur_status_name(status) + ")");
  }
  for (const Sidecar& sidecar : sidecars) {
    if (augur_model_attach_table_buffer(model_, sidecar.table.c_str(), sidecar.file.data(),
                                        sidecar.file.size(), &error) == AUGUR_OK) {
      continue;
    }
    augur_model_close(model_);
    throw Error(sidecar.path + ": the runtime does not attach it: " + error.message);
  }
}

void check_opens(const std::vector<uint8_t>& file, const std::string& name,
                 const std::vector<Sidecar>& sidecars) {
  const OpenModel model(file, name, sidecars);
}

MemoryNeeds measure_memory(const std::vector<uint8_t>& file, const std::string& name,
                           const MemoryOptions& options) {
  const OpenModel model(file, name);
  augur_model_info info = {};
  info.struct_size = sizeof info;
  if (augur_model_get_info(&model.get(), &info) != AUGUR_OK) {
    throw Error(name + ": the runtime does not tell its sizes");
  }
  augur_session_options session = {};
  session.struct_size = sizeof session;
  session.max_history = options.max_history;
  session.tile = options.tile;
  MemoryNeeds needs;
  needs.file_bytes = file.size();
  needs.arena_bytes = info.arena_bytes;
  needs.arena_used_bytes = info.arena_used_bytes;
  needs.session_bytes = augur_session_bytes(&model.get(), &session);
  if (needs.session_bytes == 0) {
    throw Error(name + ": a session cannot have these options: history " +
                std::to_string(options.max_history) + ", tile " + std::to_string(options.tile));
  }
  return needs;
}

void visit_requests(const augur_model& model, const std::string& path, const RequestVisitor& visit,
                    const ProgressVisitor& progress) {
  const requests::ModelFields fields = requests::declared_fields(model);
  requests::LineReader lines(path);
  std::error_code unknown;
  const auto size = static_cast<double>(std::filesystem::file_size(path, unknown));
  requests::Scorer scorer(model, fields);
  requests::Request request(fields);
  std::string_view line;
  double done = 0;
  while (lines.next(line)) {
    requests::parse_request(line, lines.where(), fields, request);
    visit(request, scorer);
    done += static_cast<double>(line.size() + 1);
    if (progress && !unknown && size > 0) progress(done / size);
  }
}

void score_file(const augur_model& model, const std::string& path, const AnswerVisitor& visit,
                const ProgressVisitor& progress) {
  requests::Answer answer;
  visit_requests(
      model, path,
      [&](const requests::Request& request, requests::Scorer& scorer) {
        scorer.rank(request, answer);
        requests::check_finite(answer);
        visit(request, answer);
      },
      progress);
}

}  // namespace augur::convert
