// Answers requests with one session of a model, which it uses again and again.
#pragma once

#include "augur/augur.h"
#include "requests/answer.h"
#include "requests/request_parser.h"

namespace augur::requests {

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
