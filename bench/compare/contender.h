// One engine with one model, which answers the compared request. run() does all the work: from the
// ids to the logits, with everything that depends on the user computed anew each time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace augur::compare {

using Ids = std::vector<int64_t>;

struct Request {
  int64_t user = 0;
  Ids history_item, history_category;  // [T]
  Ids item, category;                  // [N]
};

class Contender {
 public:
  virtual ~Contender() = default;
  Contender(const Contender&) = delete;
  Contender& operator=(const Contender&) = delete;

  // Sets the request that run() answers; the request must outlive the calls of run(). Throws
  // std::exception.
  virtual void prepare(const Request& request) = 0;
  // Logits [N], valid until the next call.
  virtual const float* run() = 0;

 protected:
  Contender() = default;
};

std::unique_ptr<Contender> make_augur(const std::string& file);
// repeat_history: the graph expects a copy of the history for each candidate.
std::unique_ptr<Contender> make_onnxruntime(const std::string& file, bool repeat_history);
std::unique_ptr<Contender> make_torch(const std::string& file);

}  // namespace augur::compare
