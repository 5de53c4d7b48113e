// Runs a model through the C API; see run_model.h.
#include "validate/run_model.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <utility>

#include "error.h"
#include "quantise/model_parts.h"
#include "write/model_file.h"

namespace augur::convert {

LoadedModel::LoadedModel(const std::vector<uint8_t>& file, const std::string& name,
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

std::vector<uint8_t> file_with_change(fb::ModelT& model,
                                      const std::function<void(fb::ModelT& model)>& change) {
  std::vector<std::unique_ptr<fb::EmbeddingTableT>> tables = std::move(model.tables);
  model.tables.clear();
  fb::ModelT changed = model;
  model.tables = std::move(tables);
  change(changed);
  changed.tables = std::move(model.tables);
  changed.format = lowest_format(changed);
  std::vector<uint8_t> file = pack_again(changed);
  model.tables = std::move(changed.tables);
  return file;
}

MemoryNeeds measure_memory(const std::vector<uint8_t>& file, const std::string& name,
                           const MemoryOptions& options) {
  const LoadedModel model(file, name);
  augur_model_info info = {};
  info.struct_size = sizeof info;
  if (augur_model_get_info(&model.get(), &info) != AUGUR_OK)
    throw Error(name + ": the runtime does not tell its sizes");
  augur_session_options session = {};
  session.struct_size = sizeof session;
  session.max_history = options.max_history;
  session.tile = options.tile;
  const MemoryNeeds needs = {file.size(), info.arena_bytes, info.arena_used_bytes,
                             augur_session_bytes(&model.get(), &session)};
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
  requests::RequestRanker ranker(model, fields);
  requests::Request request(fields);
  std::string_view line;
  double done = 0;
  while (lines.next(line)) {
    requests::parse_request(line, lines.where(), fields, request);
    visit(request, ranker);
    done += static_cast<double>(line.size() + 1);
    if (progress && !unknown && size > 0) progress(done / size);
  }
}

void score_file(const augur_model& model, const std::string& path, const AnswerVisitor& visit,
                const ProgressVisitor& progress) {
  requests::Answer answer;
  visit_requests(
      model, path,
      [&](const requests::Request& request, requests::RequestRanker& ranker) {
        ranker.rank(request, answer);
        requests::check_finite(answer);
        visit(request, answer);
      },
      progress);
}

ProgressBar::ProgressBar(std::string title)
    : title_(std::move(title)),
      shown_(isatty(STDERR_FILENO) == 1),
      start_(std::chrono::steady_clock::now() + std::chrono::seconds(1)) {}

ProgressBar::~ProgressBar() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
}

void ProgressBar::show(double share) {
  constexpr int kWidth = 40;
  const int percent = static_cast<int>(std::clamp(share, 0.0, 1.0) * 100);
  if (!shown_ || percent == percent_ || std::chrono::steady_clock::now() < start_) return;
  percent_ = percent;
  drawn_ = true;
  const auto filled = static_cast<size_t>(percent * kWidth / 100);
  std::fprintf(stderr, "\r%s [%s%s] %3d%%", title_.c_str(), std::string(filled, '#').c_str(),
               std::string(kWidth - filled, '.').c_str(), percent);
  std::fflush(stderr);
}

}  // namespace augur::convert
