// Handles of models and sessions.
#include "runtime/support/handles.h"

#include <cstdlib>
#include <stdexcept>

#include "reference/build.h"
#include "runtime/support/columns.h"

namespace augur::testing {
namespace {

void check(augur_status status, const augur_session* session) {
  if (status == AUGUR_OK) return;
  throw std::runtime_error(std::string(augur_status_name(status)) + ": " +
                           augur_session_error(session));
}

}  // namespace

bool emulated() {
  const char* value = std::getenv("AUGUR_EMULATED");
  return value != nullptr && *value != '\0';
}

augur_error empty_error() {
  augur_error error = {};
  error.struct_size = sizeof(error);
  return error;
}

augur_session_options session_options(std::uint32_t max_history, std::uint32_t tile,
                                      std::uint32_t threads) {
  augur_session_options options = {};
  options.struct_size = sizeof options;
  options.max_history = max_history;
  options.tile = tile;
  options.threads = threads;
  return options;
}

TestModel::TestModel(std::unique_ptr<fb::ModelT> model)
    : parts_(std::move(model)), file_(reference::pack(*parts_)) {
  augur_error error = empty_error();
  augur_model* opened = nullptr;
  if (augur_model_open_buffer(file_.data(), file_.size(), nullptr, &opened, &error) != AUGUR_OK)
    throw std::runtime_error(error.message);
  handle_.reset(opened);
}

SessionHandle TestModel::session(std::uint32_t max_history, std::uint32_t tile,
                                 std::uint32_t threads) const {
  return session(session_options(max_history, tile, threads));
}

SessionHandle TestModel::session(const augur_session_options& options) const {
  augur_error error = empty_error();
  augur_session* created = nullptr;
  if (augur_session_create(get(), &options, nullptr, 0, &created, &error) != AUGUR_OK)
    throw std::runtime_error(error.message);
  return SessionHandle(created);
}

SessionHandle TestModel::streaming_session(std::uint32_t max_history,
                                           std::uint32_t streaming) const {
  augur_session_options options = session_options(max_history, 0);
  options.streaming = streaming;
  return session(options);
}

void set_user(augur_session* session, const fb::ModelT& model, const reference::Request& request) {
  const ColumnSet features(model.features, request.features);
  for (std::size_t i = 0; i < features.size(); ++i)
    check(augur_session_set_feature(session, features.data() + i), session);
  for (const auto& stack : model.stacks) {
    const auto history = request.histories.find(stack->name);
    if (history == request.histories.end()) continue;
    const ColumnSet columns(stack->fields, history->second);
    check(augur_session_set_history(session, stack->name.c_str(), columns.data(), columns.size(),
                                    columns.rows()),
          session);
  }
}

std::vector<std::uint8_t> saved(augur_session* session) {
  std::size_t bytes = 0;
  check(augur_session_save(session, nullptr, &bytes), session);
  std::vector<std::uint8_t> state(bytes);
  check(augur_session_save(session, state.data(), &bytes), session);
  return state;
}

std::vector<float> rank(augur_session* session, const fb::ModelT& model,
                        const reference::Rows& candidates) {
  const ColumnSet columns(model.candidate, candidates);
  std::vector<float> logits(candidates.count);
  check(augur_rank(session, columns.data(), columns.size(), columns.rows(), nullptr, logits.data()),
        session);
  return logits;
}

}  // namespace augur::testing
