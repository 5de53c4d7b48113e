// augur-rank and augur-bench with deltas of a table.
#include "delta/make_delta.h"

#include "reference/build.h"
#include "support/commands.h"
#include "write/model_file.h"

namespace augur::tools_test {
namespace {

// small_dien() with its items' rows beside it, on two days.
struct Shop {
  Workplace place;
  std::string before, after, delta;

  Shop() {
    const auto model = small_dien();
    fb::EmbeddingTableT& items = *model->tables[1];
    const std::string name = items.name;
    const std::unique_ptr<fb::TensorT> rows = std::move(items.weights);
    items.external = true;
    items.weights = reference::make_tensor(0, 3, {});
    const std::vector<uint8_t> file = packed(*model);
    place.folder.write("model.augur", file);
    fb::ModelT owner;
    owner.id = reference::unpack(file)->id;
    auto changed = std::make_unique<fb::TensorT>(*rows);
    changed->data[size_t{4} * 3 * sizeof(float) + 3] ^= 0x80;  // the sign of row 4's first value
    const convert::SidecarFile days[] = {
        {"before", convert::pack_table(owner, name, std::make_unique<fb::TensorT>(*rows))},
        {"after", convert::pack_table(owner, name, std::move(changed))}};
    before = name + "=" + place.folder.write("before.augurtable", days[0].bytes);
    after = name + "=" + place.folder.write("after.augurtable", days[1].bytes);
    delta = name + "=" +
            place.folder.write("day2.augurdelta", convert::make_delta(days[0], days[1]).file);
  }

  std::string answers(const std::vector<std::string>& tables) const {
    std::vector<std::string> arguments = {place.model, "--requests", place.requests};
    arguments.insert(arguments.end(), tables.begin(), tables.end());
    const Result ran = augur_rank(arguments);
    CHECK_MESSAGE(ran.status == 0, ran.err);
    return ran.out;
  }
};

}  // namespace

TEST_CASE("augur-rank applies deltas to a sidecar's rows") {
  const Shop shop;
  const std::string before = shop.answers({"--table", shop.before});
  const std::string after = shop.answers({"--table", shop.after});
  CHECK(before != after);
  CHECK(shop.answers({"--table", shop.before, "--delta", shop.delta}) == after);

  const Result twice = augur_rank({shop.place.model, "--requests", shop.place.requests, "--table",
                                   shop.before, "--delta", shop.delta, "--delta", shop.delta});
  CHECK(twice.status == 1);
  CHECK_MESSAGE(contains(twice.err, "attached already"), twice.err);
  const Result alone =
      augur_rank({shop.place.model, "--requests", shop.place.requests, "--delta", shop.delta});
  CHECK(alone.status == 2);
  const Result no_file = augur_rank({shop.place.model, "--requests", shop.place.requests, "--table",
                                     shop.before, "--delta", "items"});
  CHECK(no_file.status == 1);
  CHECK_MESSAGE(contains(no_file.err, "--delta items: expected NAME=FILE"), no_file.err);
}

TEST_CASE("augur-bench measures a model with deltas") {
  const Shop shop;
  const Result ran = augur_bench({shop.place.model, "--table", shop.before, "--delta", shop.delta,
                                  "--candidates", "1", "--history", "4", "--seconds", "0.01"});
  CHECK_MESSAGE(ran.status == 0, ran.err);
}

}  // namespace augur::tools_test
