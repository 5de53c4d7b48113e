// What an app does, in C++: opens a model, gives a session memory of its own, sets a user's inputs,
// ranks candidates.
//
//   rank_cpp model.augur      a model of users, items and categories, such as the shop's
#include <array>
#include <augur/augur.hpp>
#include <cstdio>
#include <vector>

namespace {

using Ids = std::vector<std::int64_t>;

augur::Status rank(augur::Session& session) {
  const Ids items = {3, 5, 2}, categories = {1, 2, 1};  // clicked, oldest first
  const Ids offers = {4, 6, 7, 1}, kinds = {2, 1, 2, 1};
  std::array<std::size_t, 3> best{};
  std::array<float, 3> scores{};
  std::size_t count = 0;

  augur::Status status = session.set_feature("user", 1);
  if (ok(status)) {
    status = session.set_history(
        {augur::column("item", items), augur::column("category", categories)}, items.size());
  }
  if (ok(status)) {
    status = session.rank_top_k({augur::column("item", offers), augur::column("category", kinds)},
                                offers.size(), best.size(), best.data(), scores.data(), &count);
  }
  for (std::size_t i = 0; i < count; ++i) {
    std::printf("%zu. item %d  %.4f\n", i + 1, static_cast<int>(offers[best[i]]),
                static_cast<double>(scores[i]));
  }
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: rank_cpp model.augur\n");
    return 2;
  }
  augur::ErrorInfo error;
  const augur::Model model = augur::Model::open_file(argv[1], &error);
  if (!model) {
    std::fprintf(stderr, "%s\n", error.message);
    return 1;
  }
  std::vector<std::byte> block(augur::Session::bytes(model));
  augur::Session session = augur::Session::create(model, &error, {block.data(), block.size()});
  if (!session) {
    std::fprintf(stderr, "%s\n", error.message);
    return 1;
  }
  if (!ok(rank(session))) {
    std::fprintf(stderr, "%s\n", session.error());
    return 1;
  }
  return 0;
}
