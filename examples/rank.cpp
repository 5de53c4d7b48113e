// What an app does, in C++: opens a model, gives a session memory of its own, sets a user's inputs,
// ranks candidates. Items are named by the catalogue's own keys; one of the offers is too new for
// the model.
//
//   rank_cpp model.augur      a model of users, items and categories, such as the shop's, converted
//                             with --vocabulary item=examples/shop/item_keys.txt
#include <array>
#include <augur/augur.hpp>
#include <cstdio>
#include <vector>

namespace {

using Ids = std::vector<std::int64_t>;

augur::Status rank(augur::Session& session) {
  using augur::key;
  const std::array items = {key("tents-104"), key("sleeping-bags-3"), key("tents-6")};
  const Ids categories = {1, 2, 1};  // clicked, oldest first
  const std::array offers = {key("sleeping-bags-17"), key("tents-21"), key("tents-2050"),
                             key("sleeping-bags-8"), key("tents-99")};
  const Ids kinds = {2, 1, 1, 2, 1};
  std::array<augur_status, offers.size()> statuses{};
  std::array<std::size_t, 3> best{};
  std::array<float, 3> scores{};
  std::size_t count = 0;

  augur::Status status = session.set_feature("user", 1);
  if (ok(status)) {
    status = session.set_history(
        {augur::column("item", items), augur::column("category", categories)}, items.size());
  }
  if (ok(status)) {
    status = session.rank_top_k_each(
        {augur::column("item", offers), augur::column("category", kinds)}, offers.size(),
        best.size(), best.data(), scores.data(), &count, statuses.data());
  }
  for (std::size_t i = 0; i < count; ++i) {
    std::printf("%zu. %s  %.4f\n", i + 1, offers[best[i]].data, static_cast<double>(scores[i]));
  }
  for (std::size_t i = 0; i < offers.size() && ok(status); ++i) {
    if (statuses[i] != AUGUR_OK)
      std::printf("not ranked: %s, %s\n", offers[i].data, augur_status_name(statuses[i]));
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
