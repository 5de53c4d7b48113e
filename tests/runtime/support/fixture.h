// A small model that has a bit of everything, a session with a user in it, and the check that a
// failing call left both as they were.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reference/request.h"
#include "reference/spec.h"
#include "runtime/support/columns.h"
#include "runtime/support/handles.h"

namespace augur::testing {

// Features f0 (id, "error"), f1 (number), f2 (vector of 3), f3 (ids). Candidate fields c0 (id,
// "padding row"), c1 (id, hashed), c2 (vector of 2), c3 (ids), c4 (number), and the stacks'
// queries. Stack s0: DIEN over an id (the mask), ids and a number, 12 events at most. Stack s1: the
// last state of a GRU over one id, 5 events at most, without attention.
reference::ModelSpec everything_spec();

// A history's or a candidate list's rows with one cell replaced or a field left out.
reference::Rows with_id(reference::Rows rows, const std::string& field, std::size_t row,
                        std::int64_t id);
reference::Rows with_value(reference::Rows rows, const std::string& field, std::size_t row,
                           float value);
reference::Rows without(reference::Rows rows, const std::string& field);

class Fixture {
 public:
  explicit Fixture(std::uint32_t max_history = 0, std::uint32_t tile = 0);

  const fb::ModelT& parts() const { return model.parts(); }
  const Fields& stack_fields(std::size_t stack) const { return parts().stacks[stack]->fields; }
  augur_session* get() const { return session.get(); }

  ColumnSet feature(const std::string& name) const;
  ColumnSet history(std::size_t stack) const;
  ColumnSet candidates() const;
  std::vector<float> logits() const;
  std::vector<std::uint8_t> saved() const;

  // `came` must be `expected`, the session's message must contain each of `parts`, and nothing of
  // the session may have changed.
  void check_failed(augur_status came, augur_status expected,
                    const std::vector<std::string>& message_parts) const;

  TestModel model;
  reference::Request request;
  SessionHandle session;

 private:
  std::vector<float> logits_before_;
  std::vector<std::uint8_t> saved_before_;
};

}  // namespace augur::testing
