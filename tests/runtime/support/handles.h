// Models and sessions that close themselves, and requests put through them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "augur/augur.h"
#include "augur_generated.h"
#include "reference/request.h"

namespace augur::testing {

struct CloseModel {
  void operator()(augur_model* model) const { augur_model_close(model); }
};
struct DestroySession {
  void operator()(augur_session* session) const { augur_session_destroy(session); }
};
using ModelHandle = std::unique_ptr<augur_model, CloseModel>;
using SessionHandle = std::unique_ptr<augur_session, DestroySession>;

// Fewer cases under an emulator, which runs at a twentieth of the speed.
bool emulated();

augur_error empty_error();
augur_session_options session_options(std::uint32_t max_history, std::uint32_t tile,
                                      std::uint32_t threads = 1);

// A model with its file's bytes. Opening must succeed: std::runtime_error with the reason if not.
class TestModel {
 public:
  explicit TestModel(std::unique_ptr<fb::ModelT> model);

  const fb::ModelT& parts() const { return *parts_; }
  const std::vector<std::uint8_t>& file() const { return file_; }
  const augur_model* get() const { return handle_.get(); }

  // The library allocates; std::runtime_error with the reason if that fails.
  SessionHandle session(std::uint32_t max_history = 0, std::uint32_t tile = 0,
                        std::uint32_t threads = 1) const;
  SessionHandle session(const augur_session_options& options) const;
  // streaming: as in augur_session_options.
  SessionHandle streaming_session(std::uint32_t max_history, std::uint32_t streaming) const;

 private:
  std::unique_ptr<fb::ModelT> parts_;
  std::vector<std::uint8_t> file_;
  ModelHandle handle_;
};

// These must succeed: std::runtime_error with the session's message if they do not.
void set_user(augur_session* session, const fb::ModelT& model, const reference::Request& request);
std::vector<std::uint8_t> saved(augur_session* session);
std::vector<float> rank(augur_session* session, const fb::ModelT& model,
                        const reference::Rows& candidates);

}  // namespace augur::testing
