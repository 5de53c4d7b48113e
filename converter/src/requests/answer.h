// Ranks requests with a model: the answer to a request, its JSON line, and its comparison with an
// expected answer.
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "augur/augur.h"
#include "requests/json_lines.h"
#include "requests/request.h"

namespace augur::requests {

// The order of scores: one that sorting can rely on whatever the numbers are.

// a stands before b: the greater one first, what is not a number last.
template <typename Number>
bool ranks_before(Number a, Number b) {
  return a > b || (std::isnan(b) && !std::isnan(a));
}

// What a model answered to one request, its JSON line, and its comparison with an expected answer.

// The attention that each event of a stack receives: weights[i] is that of candidate i, oldest
// event first, of the events that the session keeps.
struct StackAttention {
  std::string stack;
  std::vector<std::vector<float>> weights;
};

struct Answer {
  std::string id;
  std::vector<size_t> indices;  // after keep_best(): which candidates these are
  bool best_only = false;
  std::vector<float> scores;  // in the request's order, or best first after keep_best()
  std::vector<float> logits;
  std::vector<StackAttention> attention;  // only if it was asked for
};

// Keeps the best `count`, best first; ties go to the lower index.
void keep_best(Answer& answer, size_t count);

// Appends one line, with its end:
//   {"id": "r1", "scores": [0.41], "logits": [-0.36]}
// with "indices" before the scores after keep_best(), and "attention": {"<stack>": [[...], ...]} if
// there is any. Numbers are the shortest that read back as the same float. Throws Error if one is
// not finite, which JSON cannot hold.
void append_json_line(const Answer& answer, std::string& out);

// Throws Error if a score or logit is infinite or not a number, which neither JSON nor a comparison
// can hold.
void check_finite(const Answer& answer);

// The differences between answers and expected ones so far, scores and logits:
// |came - expected| / max(1, |expected|). Of the largest: where it is.
struct Differences {
  double largest = 0;
  std::string place;  // "answers.jsonl:3: logits, index 7: expected 0.25, came 0.26"
  std::string id;     // the request's
  std::string what;   // "scores" or "logits"
  size_t index = 0;   // the candidate's
  double expected = 0;
  double came = 0;

  double sum = 0;
  size_t values = 0;  // how many were compared
  double mean() const { return values == 0 ? 0 : sum / static_cast<double>(values); }
};

// `expected` is of as many candidates as `answer` (expected_of() sees to that).
void compare(const Answer& answer, const Expected& expected, Differences& differences);

// Answers requests with one session of a model, which it uses again and again.

// For one thread at a time. The model and the fields must outlive it.
class Scorer {
 public:
  // Throws Error if the session cannot be made.
  explicit Scorer(const augur_model& model, const ModelFields& fields);
  ~Scorer();
  Scorer(const Scorer&) = delete;
  Scorer& operator=(const Scorer&) = delete;

  // Clears the session, sets the request's features and histories, and scores its candidates into
  // id, scores and logits. Throws Error with the request's place and id and the runtime's
  // reason.
  void rank(const Request& request, Answer& answer);

  // Adds the attention of every stack that has any, for each candidate in the answer (after rank()
  // of the same request, and keep_best() if it is used). Throws Error.
  void explain(const Request& request, Answer& answer);

  // How long the runtime took for the last rank(): clear, set and rank, in seconds.
  double seconds() const { return seconds_; }

 private:
  void check(augur_status status, const Request& request) const;

  const ModelFields* fields_;
  augur_session* session_ = nullptr;
  double seconds_ = 0;
};

}  // namespace augur::requests
