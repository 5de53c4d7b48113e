// Padding: unknown ids that count as the padding id, masks by it, histories that keep their oldest
// events, padded windows. Compared with the float64 reference, which really adds the padding rows.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "reference/build.h"
#include "reference/network.h"
#include "reference/random_model.h"
#include "reference/random_spec.h"
#include "runtime/support/columns.h"
#include "runtime/support/compare.h"
#include "runtime/support/handles.h"

namespace augur::testing {
namespace {

using reference::ModelSpec;
using reference::WindowSpec;
using Read = fb::WindowRead;
constexpr std::int64_t kUnknown = 1000000;

std::vector<double> expected_logits(const TestModel& model, const reference::Request& request,
                                    std::uint32_t limit = 0) {
  std::vector<double> logits;
  for (const reference::Trace& trace : reference::Network(model.parts()).score(request, limit))
    logits.push_back(trace.logit);
  return logits;
}

std::vector<float> logits_of(const TestModel& model, const reference::Request& request) {
  const SessionHandle session = model.session();
  set_user(session.get(), model.parts(), request);
  return rank(session.get(), model.parts(), request.candidates);
}

void put(augur_session* session, const fb::StackT& stack, const reference::Rows& rows,
         bool append) {
  const ColumnSet columns(stack.fields, rows);
  const auto call = append ? augur_session_append : augur_session_set_history;
  REQUIRE(call(session, stack.name.c_str(), columns.data(), columns.size(), columns.rows()) ==
          AUGUR_OK);
}

// One stack over one id whose table has the padding row 2, and the rule for unknown ids.
ModelSpec one_id(fb::OutOfTable rule) {
  ModelSpec spec;
  spec.stacks[0].fields = {{fb::FieldKind::Id, 6, rule}};
  spec.stacks[0].mask = fb::MaskRule::NotPadding;
  return spec;
}

std::unique_ptr<fb::ModelT> with_padding_row(const ModelSpec& spec, std::uint32_t row) {
  auto model = reference::random_model(spec);
  for (auto& table : model->tables)
    table->padding_row = row;
  return model;
}

reference::Request history_of(const TestModel& model, std::size_t events) {
  reference::Generator generator(11);
  return reference::random_request(model.parts(), generator, events, 5);
}

void set_ids(reference::Request& request, const std::vector<std::int64_t>& ids) {
  reference::Rows& rows = request.histories.at("s0");
  rows.count = ids.size();
  rows.columns.at("s0_f0").clear();
  for (const std::int64_t id : ids)
    rows.columns.at("s0_f0").push_back({{id}, {}});
}

std::size_t events_kept(const TestModel& model, const reference::Request& request) {
  const SessionHandle session = model.session();
  set_user(session.get(), model.parts(), request);
  return augur_session_history_length(session.get(), nullptr);
}

augur_status create(const TestModel& model, std::uint32_t streaming, std::string* message) {
  augur_session_options options = session_options(0, 0);
  options.streaming = streaming;
  augur_error error = empty_error();
  augur_session* session = nullptr;
  const augur_status status =
      augur_session_create(model.get(), &options, nullptr, 0, &session, &error);
  *message = error.message;
  const SessionHandle owned(session);
  return status;
}

void check_refused(std::unique_ptr<fb::ModelT> model, const std::string& part) {
  const std::vector<std::uint8_t> file = reference::pack(*model);
  augur_error error = empty_error();
  augur_model* opened = nullptr;
  CHECK(augur_model_open_buffer(file.data(), file.size(), nullptr, &opened, &error) ==
        AUGUR_BAD_MODEL);
  const std::string message = error.message;
  CAPTURE(message);
  CHECK(message.find("stack 's0'") != std::string::npos);
  CHECK(message.find(part) != std::string::npos);
  augur_model_close(opened);
}

}  // namespace

TEST_CASE("padding: random models score as the reference does, whatever the history's length") {
  Worst worst;
  for (std::uint64_t seed = 1; seed <= (emulated() ? 20u : 150u); ++seed) {
    const ModelSpec spec = reference::random_padded_spec(seed);
    INFO(reference::describe(spec));
    const TestModel model(reference::random_model(spec));
    reference::Generator generator(seed);
    std::uint32_t longest = 0;
    for (const reference::StackSpec& stack : spec.stacks)
      longest = std::max(longest, stack.max_history);
    for (std::size_t events = 0; events <= longest + 3; ++events) {
      CAPTURE(events);
      const reference::Request request =
          reference::random_request(model.parts(), generator, events, 1 + generator.below(5));
      // In a session that keeps fewer events now and then; the window stays as long.
      const auto limit =
          static_cast<std::uint32_t>(generator.one_in(3) ? 1 + generator.below(longest + 1) : 0);
      CAPTURE(limit);
      const SessionHandle session = model.session(limit);
      set_user(session.get(), model.parts(), request);
      const double difference =
          largest_difference(rank(session.get(), model.parts(), request.candidates),
                             expected_logits(model, request, limit));
      CHECK(difference <= kLogitBound);
      worst.add(difference);
    }
  }
  MESSAGE("logits differ by at most ", worst.largest());
}

TEST_CASE("padding: appended events score as those that were set at once") {
  for (std::uint64_t seed = 200; seed < (emulated() ? 206u : 240u); ++seed) {
    const ModelSpec spec = reference::random_padded_spec(seed);
    INFO(reference::describe(spec));
    const TestModel model(reference::random_model(spec));
    reference::Generator generator(seed);
    const reference::Request request =
        reference::random_request(model.parts(), generator, generator.below(30), 4);
    const std::vector<double> expected = expected_logits(model, request);
    for (const std::size_t most : {1u, 3u, 8u}) {
      const SessionHandle session = model.session();
      set_user(session.get(), model.parts(), request);
      for (const auto& stack : model.parts().stacks) {
        const reference::Rows& events = request.histories.at(stack->name);
        put(session.get(), *stack, reference::slice(events, 0, 0), false);
        for (std::size_t done = 0; done < events.count;) {
          const std::size_t count = std::min(1 + generator.below(most), events.count - done);
          put(session.get(), *stack, reference::slice(events, done, count), true);
          done += count;
          if (generator.one_in(2)) rank(session.get(), model.parts(), request.candidates);
        }
      }
      CHECK(largest_difference(rank(session.get(), model.parts(), request.candidates), expected) <=
            kLogitBound);
    }
  }
}

TEST_CASE("an unknown id counts as the padding id: the mask drops it") {
  const TestModel model(with_padding_row(one_id(fb::OutOfTable::PaddingId), 2));
  reference::Request request = history_of(model, 4);
  set_ids(request, {5, 2, 6, 7});
  const std::vector<float> expected = logits_of(model, request);
  CHECK(events_kept(model, request) == 3);
  for (const std::int64_t unknown : {kUnknown, std::int64_t{-1}}) {
    set_ids(request, {5, unknown, 6, unknown, 7, unknown});
    CHECK(events_kept(model, request) == 3);
    CHECK(logits_of(model, request) == expected);
  }
  // The rule of before: it reads the padding row, and is an event.
  const TestModel old(with_padding_row(one_id(fb::OutOfTable::PaddingRow), 2));
  set_ids(request, {5, kUnknown, 6, 7});
  CHECK(events_kept(old, request) == 4);
  CHECK(logits_of(old, request) != expected);
}

TEST_CASE("the mask NonZero compares ids with 0, the mask NotPadding with the padding row") {
  ModelSpec spec = one_id(fb::OutOfTable::PaddingId);
  const TestModel padding(with_padding_row(spec, 2));
  spec.stacks[0].mask = fb::MaskRule::NonZero;
  const TestModel zero(with_padding_row(spec, 2));
  reference::Request request = history_of(padding, 4);
  set_ids(request, {5, 0, 2, 2, kUnknown, 7});
  CHECK(events_kept(padding, request) == 3);  // 5 0 7
  CHECK(events_kept(zero, request) == 5);     // all but 0: row 2 stands for the unknown one
  const TestModel both(with_padding_row(spec, 0));
  CHECK(events_kept(both, request) == 4);  // 5 2 2 7
}

TEST_CASE("pooled ids do not count padding ids and unknown ones") {
  for (const fb::Pooling pooling : {fb::Pooling::Sum, fb::Pooling::Mean}) {
    ModelSpec spec;
    spec.features = {{fb::FieldKind::Ids, 5, fb::OutOfTable::PaddingId, pooling}};
    spec.features[0].skip_padding = true;
    const TestModel model(with_padding_row(spec, 2));
    reference::Request request = history_of(model, 3);
    const auto with = [&](const std::vector<std::int64_t>& ids) {
      request.features.columns.at("f0").at(0).ids = ids;
      return logits_of(model, request);
    };
    const std::vector<float> expected = with({5, 0, 7});
    CHECK(with({2, 5, kUnknown, 0, 2, 7, -3}) == expected);
    CHECK(with({5, 7}) != expected);  // id 0 is an ordinary id here
    CHECK(with({2, kUnknown}) == with({}));
  }
}

TEST_CASE("a candidate and a feature with an unknown id read the padding row") {
  ModelSpec spec;
  spec.features[0].out_of_table = fb::OutOfTable::PaddingId;
  spec.candidate = {{fb::FieldKind::Id, 3, fb::OutOfTable::PaddingId}};
  const TestModel model(with_padding_row(spec, 2));
  reference::Request request = history_of(model, 3);
  const auto with = [&](std::int64_t id) {
    request.features.columns.at("f0").at(0).ids = {id};
    request.candidates.columns.at("c0").at(0).ids = {id};
    return logits_of(model, request);
  };
  CHECK(with(kUnknown) == with(2));
  CHECK(with(kUnknown) != with(3));
  augur_field_info info = {};
  info.struct_size = sizeof(info);
  REQUIRE(augur_model_get_feature(model.get(), 0, &info) == AUGUR_OK);
  CHECK(info.out_of_table == AUGUR_TABLE_PADDING_ID);
}

TEST_CASE("a stack that keeps its oldest events drops new ones") {
  ModelSpec spec;
  spec.stacks[0].max_history = 5;
  spec.stacks[0].truncation = fb::Truncation::Oldest;
  const TestModel model(reference::random_model(spec));
  const fb::StackT& stack = *model.parts().stacks[0];
  reference::Request request = history_of(model, 9);
  const reference::Rows all = request.histories.at("s0");
  const auto first = [&](std::size_t events) {
    request.histories.at("s0") = reference::slice(all, 0, events);
    return logits_of(model, request);
  };
  CHECK(first(9) == first(5));
  CHECK(first(5) != first(4));
  for (const std::size_t limit : {0u, 3u}) {
    const SessionHandle session = model.session(static_cast<std::uint32_t>(limit));
    set_user(session.get(), model.parts(), request);
    put(session.get(), stack, reference::slice(all, 0, 2), false);
    rank(session.get(), model.parts(), request.candidates);
    put(session.get(), stack, reference::slice(all, 2, 4), true);
    rank(session.get(), model.parts(), request.candidates);
    put(session.get(), stack, reference::slice(all, 6, 3), true);
    const std::size_t kept = limit == 0 ? 5 : limit;
    CHECK(augur_session_history_length(session.get(), nullptr) == kept);
    const std::vector<float> logits = rank(session.get(), model.parts(), request.candidates);
    CHECK(largest_difference(logits, first(kept)) <= kOtherCandidatesBound);
  }
  augur_stack_info info = {};
  info.struct_size = sizeof(info);
  REQUIRE(augur_model_get_stack(model.get(), 0, &info) == AUGUR_OK);
  CHECK(info.keeps_oldest == 1);
}

TEST_CASE("streaming is refused for stacks that keep their oldest events or have a window") {
  ModelSpec oldest;
  oldest.stacks[0].truncation = fb::Truncation::Oldest;
  ModelSpec window;
  window.stacks[0].window = WindowSpec{};
  for (const ModelSpec& spec : {oldest, window}) {
    const TestModel model(reference::random_model(spec));
    std::string message;
    CHECK(create(model, 1, &message) == AUGUR_INVALID_ARGUMENT);
    CAPTURE(message);
    CHECK(message.find("stack 's0'") != std::string::npos);
    CHECK(create(model, 0, &message) == AUGUR_OK);
    augur_session_options options = session_options(0, 0);
    options.streaming = 1;
    CHECK(augur_session_bytes(model.get(), &options) == 0);
  }
}

TEST_CASE("a window that is read completely scores as a history with padding ids in it") {
  for (const fb::WindowPadding side : {fb::WindowPadding::Before, fb::WindowPadding::After}) {
    ModelSpec spec = one_id(fb::OutOfTable::Error);
    spec.stacks[0].mask = fb::MaskRule::Length;
    spec.stacks[0].max_history = 8;
    const TestModel plain(with_padding_row(spec, 2));
    spec.stacks[0].window = WindowSpec{};
    spec.stacks[0].window->padding = side;
    const TestModel padded(with_padding_row(spec, 2));
    reference::Request request = history_of(plain, 3);
    set_ids(request, {5, 6, 7});
    const std::vector<float> logits = logits_of(padded, request);
    CHECK(logits != logits_of(plain, request));
    const bool before = side == fb::WindowPadding::Before;
    set_ids(request, before ? std::vector<std::int64_t>{2, 2, 2, 2, 2, 5, 6, 7}
                            : std::vector<std::int64_t>{5, 6, 7, 2, 2, 2, 2, 2});
    CHECK(logits_of(plain, request) == logits);
  }
}

TEST_CASE("explain gives the weights of a window's events") {
  for (const Read reads : {Read::All, Read::FirstEvents}) {
    for (const fb::WindowPadding side : {fb::WindowPadding::Before, fb::WindowPadding::After}) {
      if (reads == Read::FirstEvents && side == fb::WindowPadding::After) continue;
      ModelSpec spec;
      spec.stacks[0].window = WindowSpec{2, reads, side, Read::All};
      const TestModel model(reference::random_model(spec));
      for (const std::size_t events : {1u, 5u, 9u, 12u}) {
        CAPTURE(events);
        const reference::Request request = history_of(model, events);
        const SessionHandle session = model.session();
        set_user(session.get(), model.parts(), request);
        const ColumnSet columns(model.parts().candidate, request.candidates);
        std::vector<float> weights(events);
        std::size_t count = 0;
        REQUIRE(augur_explain(session.get(), nullptr, columns.data(), columns.size(),
                              columns.rows(), 1, weights.data(), weights.size(),
                              &count) == AUGUR_OK);
        REQUIRE(count == events);
        const auto trace = reference::Network(model.parts()).score(request).at(1);
        const reference::Vector& all = trace.stacks.at(0).attention;
        REQUIRE(all.size() == 14);
        const auto length = static_cast<std::ptrdiff_t>(events);
        const auto first = side == fb::WindowPadding::Before ? all.end() - length : all.begin();
        CHECK(largest_difference(weights, std::vector<double>(first, first + length)) <=
              kLogitBound);
      }
    }
  }
}

TEST_CASE("a model with an impossible window or truncation is refused") {
  const auto changed = [](void (*change)(fb::StackT&)) {
    ModelSpec spec;
    spec.stacks[0].window = WindowSpec{};
    auto model = reference::random_model(spec);
    change(*model->stacks[0]);
    return model;
  };
  check_refused(changed([](fb::StackT& s) { s.window->length = 11; }), "length is 11");
  check_refused(changed([](fb::StackT& s) { s.window->length = 1u << 20; }), "length is 1048576");
  check_refused(changed([](fb::StackT& s) { s.window->reads = static_cast<Read>(9); }), "rows 9");
  check_refused(changed([](fb::StackT& s) { s.window->evolves = static_cast<Read>(9); }), "rows 9");
  check_refused(
      changed([](fb::StackT& s) { s.window->padding = static_cast<fb::WindowPadding>(9); }),
      "unknown padding 9");
  check_refused(changed([](fb::StackT& s) { s.truncation = static_cast<fb::Truncation>(9); }),
                "unknown truncation 9");
  check_refused(changed([](fb::StackT& s) { s.mask = static_cast<fb::MaskRule>(9); }),
                "unknown mask rule 9");
  check_refused(changed([](fb::StackT& s) { s.window->evolves = Read::FirstEvents; }),
                "fewer rows than the extractor");
  check_refused(changed([](fb::StackT& s) {
                  s.window->reads = Read::FirstEvents;
                  s.window->padding = fb::WindowPadding::After;
                }),
                "the first rows are the events");
  check_refused(changed([](fb::StackT& s) {
                  s.window->reads = Read::FirstEvents;
                  s.evolution->kind = fb::EvolutionKind::Aigru;
                }),
                "an AUGRU of form Scale");
  check_refused(changed([](fb::StackT& s) {
                  s.window->reads = Read::FirstEvents;
                  s.evolution->form = fb::AugruForm::Lift;
                }),
                "an AUGRU of form Scale");
  check_refused(changed([](fb::StackT& s) {
                  s.window->reads = Read::FirstEvents;
                  s.result = fb::ResultKind::LastState;
                }),
                "needs an evolution, or pooling by attention");
  check_refused(changed([](fb::StackT& s) {
                  s.mask = fb::MaskRule::NotPadding;
                  s.mask_field = "nothing";
                }),
                "mask_field 'nothing'");
}

}  // namespace augur::testing
