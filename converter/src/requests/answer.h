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

// Whether a is ranked before b: the greater number first, NaN last. Unlike `a > b`, this is an
// order that std::sort can use with any numbers.
template <typename Number>
bool ranks_before(Number a, Number b) {
  return a > b || (std::isnan(b) && !std::isnan(a));
}

// The attention weights of a sequence: weights[i] has those for candidate i, one for each event
// that the session keeps, oldest first.
struct SequenceAttention {
  std::string sequence;
  std::vector<std::vector<float>> weights;
};

struct Answer {
  std::string id;
  std::vector<size_t> indices;  // after keep_best(): the candidates' places in the request
  bool best_only = false;
  std::vector<float> scores;  // in the request's order, or best first after keep_best()
  std::vector<float> logits;
  // Why candidates have no score (NaN), and AUGUR_OK for the others. Empty: all have one.
  std::vector<augur_status> statuses;
  std::vector<SequenceAttention> attention;  // only if it was asked for

  bool is_usable(size_t index) const { return statuses.empty() || statuses[index] == AUGUR_OK; }
};

// Keeps the best `count`, best first; ties go to the lower index. Unusable candidates are left out.
void keep_best(Answer& answer, size_t count);

// Appends one line, with its end:
//   {"id": "r1", "scores": [0.41], "logits": [-0.36]}
// After keep_best() "indices" stand before the scores; "attention": {"<sequence>": [[...], ...]} is
// added if the answer has it. An unusable candidate has null in the place of its numbers, and then
// "statuses": ["ok", "out of range"] says why. Each number has the fewest digits that read back as
// the same float. Throws Error if another number is not finite, because JSON has no such numbers.
void append_json_line(const Answer& answer, std::string& out);

// Throws Error if a score or logit of a usable candidate is infinite or NaN.
void check_finite(const Answer& answer);

// The differences between answers and expected answers so far, in scores and logits:
// |came - expected| / max(1, |expected|).
struct Differences {
  double largest = 0;
  // Of the largest difference:
  std::string place;  // "answers.jsonl:3: logits, index 7: expected 0.25, came 0.26"
  std::string id;     // the request's
  std::string what;   // "scores" or "logits"
  size_t index = 0;   // the candidate's
  double expected = 0;
  double came = 0;

  double sum = 0;     // of all differences
  size_t values = 0;  // how many were compared
  double mean() const { return values == 0 ? 0 : sum / static_cast<double>(values); }
};

// `expected` must have as many candidates as `answer`, as expected_of() checks.
void compare(const Answer& answer, const Expected& expected, Differences& differences);

// Ranks requests, one after another, in one session of a model. For one thread at a time. The model
// and the fields must outlive it.
class RequestRanker {
 public:
  // Throws Error if the session cannot be made.
  explicit RequestRanker(const augur_model& model, const ModelFields& fields);
  ~RequestRanker();
  RequestRanker(const RequestRanker&) = delete;
  RequestRanker& operator=(const RequestRanker&) = delete;

  // Clears the session, sets the request's features and histories, and scores its candidates into
  // id, scores and logits. Throws Error with the request's line and id and the runtime's reason.
  void rank(const Request& request, Answer& answer);

  // The same, but unusable candidates do not fail the request: see Answer::statuses.
  void rank_each(const Request& request, Answer& answer);

  // Adds the attention of every sequence that has one, for each candidate in the answer. To be
  // called after rank() of the same request, and after keep_best() if that is used. Throws Error.
  void explain(const Request& request, Answer& answer);

  // The seconds that the runtime took for the last ranking: clear, set and rank.
  double seconds() const { return seconds_; }

 private:
  void check(augur_status status, const Request& request) const;
  void set_user(const Request& request);
  // Ranks with score(columns, count), and measures the time.
  template <typename Score>
  void rank_with(const Request& request, Answer& answer, const Score& score);

  const ModelFields* fields_;
  augur_session* session_ = nullptr;
  double seconds_ = 0;
};

}  // namespace augur::requests
