// Models with candidates that cannot be used, and the calls that report each candidate.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reference/generator.h"
#include "reference/spec.h"
#include "runtime/support/columns.h"
#include "runtime/support/handles.h"

namespace augur::testing {

// A random model with two candidate fields more, which the head reads: a vector of 6 numbers, and
// an id whose table's last row is not-a-number.
class UnusableModel : public TestModel {
 public:
  explicit UnusableModel(reference::ModelSpec spec);

  // A random request whose candidates can all be used.
  reference::Request request(std::uint64_t seed, std::size_t events, std::size_t candidates) const;

  // AUGUR_OUT_OF_RANGE
  void use_unknown_id(reference::Rows& candidates, std::size_t row) const;
  // AUGUR_INVALID_ARGUMENT
  void use_bad_number(reference::Rows& candidates, std::size_t row) const;
  // AUGUR_BAD_MODEL
  void use_bad_row(reference::Rows& candidates, std::size_t row) const;
  // AUGUR_NOT_FINITE, unless an activation of the head hides it
  void overflow(reference::Rows& candidates, std::size_t row) const;
  // One of them.
  void spoil(reference::Rows& candidates, std::size_t row, std::size_t choice) const;

 private:
  std::int64_t bad_row() const;

  std::string vector_;  // the fields' names
  std::string id_;
};

struct EachAnswer {
  augur_status status = AUGUR_OK;
  std::vector<augur_status> statuses;
  std::vector<float> scores;
  std::vector<float> logits;
};
EachAnswer rank_each(augur_session* session, const fb::ModelT& model,
                     const reference::Rows& candidates);

struct TopAnswer {
  augur_status status = AUGUR_OK;
  std::vector<augur_status> statuses;
  std::vector<std::size_t> indices;  // as many as were found
  std::vector<float> scores;
};
TopAnswer top_k_each(augur_session* session, const fb::ModelT& model,
                     const reference::Rows& candidates, std::size_t k);

}  // namespace augur::testing
