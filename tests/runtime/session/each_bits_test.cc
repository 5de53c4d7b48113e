// In a list with unusable candidates the usable ones get the bits that augur_rank gives them in a
// list of their own, whatever the tile, the threads and the places of the unusable ones.
//
// On some processors XNNPACK computes a single row by another kernel than several rows. Here it
// does so on all: the linker's --wrap puts the functions below in front of its products, and they
// change what a product of a single row gives.
#include <doctest/doctest.h>
#include <xnnpack.h>

#include <cmath>
#include <cstring>

#include "kernels/isa.h"
#include "reference/random_spec.h"
#include "runtime/support/app_pools.h"
#include "runtime/support/unusable.h"

namespace {

// The product that this thread runs.
thread_local std::size_t rows_of_product = 0;
thread_local float* output_of_product = nullptr;

}  // namespace

// The linker's names.
// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" {
xnn_status __real_xnn_reshape_fully_connected_nc_f32(xnn_operator_t op, size_t rows,
                                                     pthreadpool_t pool);
xnn_status __real_xnn_setup_fully_connected_nc_f32(xnn_operator_t op, const float* input,
                                                   float* output);
xnn_status __real_xnn_run_operator(xnn_operator_t op, pthreadpool_t pool);

xnn_status __wrap_xnn_reshape_fully_connected_nc_f32(xnn_operator_t op, size_t rows,
                                                     pthreadpool_t pool) {
  rows_of_product = rows;
  return __real_xnn_reshape_fully_connected_nc_f32(op, rows, pool);
}
xnn_status __wrap_xnn_setup_fully_connected_nc_f32(xnn_operator_t op, const float* input,
                                                   float* output) {
  output_of_product = output;
  return __real_xnn_setup_fully_connected_nc_f32(op, input, output);
}
xnn_status __wrap_xnn_run_operator(xnn_operator_t op, pthreadpool_t pool) {
  const xnn_status status = __real_xnn_run_operator(op, pool);
  if (rows_of_product == 1) *output_of_product += 0.25f;
  return status;
}
}
// NOLINTEND(bugprone-reserved-identifier)

namespace augur::testing {
namespace {

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

struct List {
  reference::Rows rows;
  std::vector<augur_status> statuses;  // of each candidate alone
  std::vector<std::size_t> usable;
};

// Each candidate's status is that of a list which has no other.
List judged(const UnusableModel& model, augur_session* session, reference::Rows rows) {
  List list = {std::move(rows), {}, {}};
  for (std::size_t i = 0; i < list.rows.count; ++i) {
    const ColumnSet one(model.parts().candidate, reference::slice(list.rows, i, 1));
    list.statuses.push_back(augur_rank(session, one.data(), one.size(), 1, nullptr, nullptr));
    if (list.statuses.back() == AUGUR_OK) list.usable.push_back(i);
  }
  return list;
}

void check_list(augur_session* session, const UnusableModel& model, const List& list) {
  const EachAnswer each = rank_each(session, model.parts(), list.rows);
  REQUIRE(each.status == AUGUR_OK);
  CHECK(each.statuses == list.statuses);
  const std::vector<float> alone =
      rank(session, model.parts(), reference::pick(list.rows, list.usable));
  std::vector<float> logits;
  for (std::size_t i = 0; i < list.rows.count; ++i) {
    if (list.statuses[i] == AUGUR_OK) {
      logits.push_back(each.logits[i]);
    } else {
      CHECK(std::isnan(each.logits[i]));
      CHECK(std::isnan(each.scores[i]));
    }
  }
  CHECK(same_bits(logits, alone));

  const ColumnSet usable(model.parts().candidate, reference::pick(list.rows, list.usable));
  for (const std::size_t k : {std::size_t{1}, std::size_t{7}, list.rows.count}) {
    const TopAnswer found = top_k_each(session, model.parts(), list.rows, k);
    REQUIRE(found.status == AUGUR_OK);
    CHECK(found.statuses == list.statuses);
    std::vector<std::size_t> indices(k);
    std::vector<float> scores(k);
    std::size_t count = 0;
    REQUIRE(augur_rank_top_k(session, usable.data(), usable.size(), usable.rows(), k,
                             indices.data(), scores.data(), &count) == AUGUR_OK);
    indices.resize(count);
    scores.resize(count);
    for (std::size_t& index : indices)
      index = list.usable[index];
    CHECK(found.indices == indices);
    CHECK(same_bits(found.scores, scores));
  }
}

// Sessions that differ in tile, threads and thread pool.
struct Sessions {
  Sessions(const UnusableModel& model, const reference::Request& request) {
    for (const std::uint32_t tile : {0u, 1u, 2u, 3u, 5u, 16u, 200u}) {
      for (const std::uint32_t threads : {1u, 2u, 3u}) {
        augur_session_options options = session_options(0, tile, threads);
        if (threads == 3) pool.serve(options);
        sessions.push_back(model.session(options));
        set_user(sessions.back().get(), model.parts(), request);
      }
    }
  }
  ReversedPool pool;
  std::vector<SessionHandle> sessions;
};

reference::Rows spoilt(const UnusableModel& model, reference::Rows rows,
                       const std::vector<bool>& usable, reference::Generator& generator) {
  for (std::size_t i = 0; i < usable.size(); ++i) {
    if (!usable[i]) model.spoil(rows, i, static_cast<std::size_t>(generator.next()));
  }
  return rows;
}

}  // namespace

TEST_CASE("usable candidates have the bits of a list without the others: random lists") {
  std::size_t unusable = 0;
  std::size_t models_that_tell = 0;
  const std::uint64_t models = emulated() ? 3 : 25;
  const char* const best = augur_internal_isa(0);
  for (std::uint64_t seed = 1; seed <= models; ++seed) {
    // With AVX-512, products as small as these are not XNNPACK's.
    augur_internal_use_isa(best);
    if (seed % 2 == 0) augur_internal_use_isa("avx2");
    reference::ModelSpec spec = reference::random_spec(seed);
    INFO(reference::describe(spec));
    const UnusableModel model(spec);
    reference::Generator generator(seed + 900);
    const reference::Request request = model.request(seed + 500, 12, 230);
    const Sessions sessions(model, request);

    // A model whose products are too narrow for XNNPACK cannot tell one row from several.
    augur_session* first = sessions.sessions[0].get();
    const float alone = rank(first, model.parts(), reference::slice(request.candidates, 0, 1))[0];
    if (alone != rank(first, model.parts(), request.candidates)[0]) ++models_that_tell;

    for (const std::size_t count : {1u, 2u, 4u, 33u, 64u, 229u}) {
      std::vector<bool> usable(count);
      const std::size_t share = 1 + generator.below(8);  // one in so many is unusable, or usable
      const bool few = generator.one_in(2);
      for (std::size_t i = 0; i < count; ++i)
        usable[i] = generator.one_in(share) == few;
      const List list =
          judged(model, first,
                 spoilt(model, reference::slice(request.candidates, 0, count), usable, generator));
      unusable += count - list.usable.size();
      for (const SessionHandle& session : sessions.sessions)
        check_list(session.get(), model, list);
    }
  }
  augur_internal_use_isa(best);
  CHECK(unusable > 100);
  CHECK(models_that_tell > models / 4);
}

TEST_CASE("usable candidates have the bits of a list without the others: places in tiles") {
  const UnusableModel model{reference::ModelSpec()};
  reference::Generator generator(77);
  const reference::Request request = model.request(78, 12, 230);
  const Sessions sessions(model, request);
  const auto try_list = [&](std::size_t count, auto is_usable) {
    std::vector<bool> usable(count);
    for (std::size_t i = 0; i < count; ++i)
      usable[i] = is_usable(i);
    const List list =
        judged(model, sessions.sessions[0].get(),
               spoilt(model, reference::slice(request.candidates, 0, count), usable, generator));
    for (const SessionHandle& session : sessions.sessions)
      check_list(session.get(), model, list);
  };
  for (const std::size_t tile : {2u, 3u, 5u, 16u, 32u}) {
    for (const std::size_t count : {tile - 1, tile, tile + 1, 2 * tile, 3 * tile + 1}) {
      CAPTURE(tile);
      CAPTURE(count);
      try_list(count, [](std::size_t) { return true; });
      try_list(count, [](std::size_t) { return false; });
      // the first or the last of a tile, or all but that one
      try_list(count, [&](std::size_t i) { return i % tile == 0; });
      try_list(count, [&](std::size_t i) { return i % tile == tile - 1; });
      try_list(count, [&](std::size_t i) { return i % tile != 0; });
      try_list(count, [&](std::size_t i) { return i % tile != tile - 1; });
      // the only one, or the only unusable one, of the list
      for (const std::size_t place : {std::size_t{0}, count / 2, count - 1}) {
        try_list(count, [&](std::size_t i) { return i == place; });
        try_list(count, [&](std::size_t i) { return i != place; });
      }
      // one more than a tile, in the list's first part
      try_list(count, [&](std::size_t i) { return i <= tile; });
    }
  }
}

}  // namespace augur::testing
