// The fixture's model and its checks.
#include "runtime/support/fixture.h"

#include <doctest/doctest.h>

#include "reference/random_model.h"
#include "runtime/support/compare.h"

namespace augur::testing {

reference::ModelSpec everything_spec() {
  using Kind = fb::FieldKind;
  using Rule = fb::OutOfTable;
  reference::ModelSpec spec;
  spec.seed = 42;
  spec.features = {{Kind::Id, 5}, {Kind::Number, 1}, {Kind::Vector, 3}, {Kind::Ids, 4}};
  spec.candidate = {{Kind::Id, 3, Rule::PaddingRow},
                    {Kind::Id, 4, Rule::Hash},
                    {Kind::Vector, 2},
                    {Kind::Ids, 3},
                    {Kind::Number, 1}};
  spec.stacks[0].fields = {{Kind::Id, 6}, {Kind::Ids, 3}, {Kind::Number, 1}};
  spec.stacks[0].mask = fb::MaskRule::NonZero;
  reference::StackSpec plain;
  plain.fields = {{Kind::Id, 4}};
  plain.max_history = 5;
  plain.attention.reset();
  plain.result = fb::ResultKind::LastState;
  spec.stacks.push_back(plain);
  return spec;
}

reference::Rows with_id(reference::Rows rows, const std::string& field, std::size_t row,
                        std::int64_t id) {
  rows.columns.at(field).at(row).ids = {id};
  return rows;
}

reference::Rows with_value(reference::Rows rows, const std::string& field, std::size_t row,
                           float value) {
  rows.columns.at(field).at(row).values.back() = value;
  return rows;
}

reference::Rows without(reference::Rows rows, const std::string& field) {
  rows.columns.erase(field);
  return rows;
}

Fixture::Fixture(std::uint32_t max_history, std::uint32_t tile)
    : model(reference::random_model(everything_spec())), session(model.session(max_history, tile)) {
  reference::Generator generator(43);
  request = reference::random_request(parts(), generator, 7, 10);
  set_user(get(), parts(), request);
  logits_before_ = logits();
  saved_before_ = saved();
}

ColumnSet Fixture::feature(const std::string& name) const {
  reference::Rows one;
  one.count = 1;
  one.columns[name] = request.features.columns.at(name);
  return {parts().features, one};
}

ColumnSet Fixture::history(std::size_t stack) const {
  return {stack_fields(stack), request.histories.at(parts().stacks[stack]->name)};
}

ColumnSet Fixture::candidates() const {
  return {parts().candidate, request.candidates};
}

std::vector<float> Fixture::logits() const {
  return rank(get(), parts(), request.candidates);
}

std::vector<std::uint8_t> Fixture::saved() const {
  return augur::testing::saved(get());
}

void Fixture::check_failed(augur_status came, augur_status expected,
                           const std::vector<std::string>& message_parts) const {
  const std::string message = augur_session_error(get());
  CAPTURE(message);
  CHECK(std::string(augur_status_name(came)) == augur_status_name(expected));
  for (const std::string& part : message_parts) {
    CAPTURE(part);
    CHECK(message.find(part) != std::string::npos);
  }
  CHECK(saved() == saved_before_);
  CHECK(logits() == logits_before_);
  // A call that succeeds leaves no message.
  CHECK(std::string(augur_session_error(get())).empty());
}

}  // namespace augur::testing
