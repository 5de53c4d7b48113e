// augur.hpp: deltas of a table, and verification of files.
#include <doctest/doctest.h>
#include <augur/augur.hpp>

#include <string>
#include <vector>

#include "runtime/support/catalogue_days.h"
#include "runtime/support/temp_file.h"

namespace augur::testing {
namespace {

constexpr const char* kTable = CatalogueDays::kTable;

cpp::TableSource source_of(const std::vector<std::uint8_t>& file) {
  cpp::TableSource source;
  source.data = file.data();
  source.bytes = file.size();
  return source;
}

}  // namespace

TEST_CASE("deltas are attached and detached through augur::Model") {
  const CatalogueDays shop(fb::TensorType::F32, 3, fb::KeyType::Integer);
  cpp::ErrorInfo error;
  cpp::Model model =
      cpp::Model::open_buffer(shop.model.data(), shop.model.size(), cpp::ModelOptions(), &error);
  REQUIRE_MESSAGE(model, error.message);
  REQUIRE(model.attach_table(kTable, source_of(shop.sidecars[0])) == cpp::Status::kOk);
  REQUIRE(model.attach_delta(kTable, source_of(shop.deltas[0]), &error) == cpp::Status::kOk);
  CHECK(shop.logits(model.get(), 1) == shop.expected(1));
  const TempFile file(shop.deltas[1]);
  REQUIRE(model.attach_delta(kTable, file.path()) == cpp::Status::kOk);
  CHECK(shop.logits(model.get(), 2) == shop.expected(2));
  // Made for another day.
  CHECK(model.attach_delta(kTable, source_of(shop.deltas[0]), &error) == cpp::Status::kBadModel);
  CHECK(error.status == cpp::Status::kBadModel);
  CHECK_FALSE(std::string(error.message).empty());
  REQUIRE(model.detach_deltas(kTable, 0) == cpp::Status::kOk);
  CHECK(shop.logits(model.get(), 0) == shop.expected(0));
  CHECK(model.detach_deltas(kTable, 1, &error) == cpp::Status::kInvalidArgument);
}

TEST_CASE("augur::ModelOptions verify a file, and let the app decide") {
  const CatalogueDays shop(fb::TensorType::F32, 1);
  std::vector<std::uint8_t> damaged = shop.model;
  const auto open = [](const std::vector<std::uint8_t>& file, const cpp::ModelOptions& options) {
    cpp::ErrorInfo error;
    const cpp::Model model = cpp::Model::open_buffer(file.data(), file.size(), options, &error);
    CHECK(static_cast<bool>(model) == (error.status == cpp::Status::kOk));
    return error.status;
  };
  cpp::ModelOptions options;
  options.verify = cpp::Verify::kContentHash;
  CHECK(open(shop.model, options) == cpp::Status::kOk);
  damaged[damaged.size() / 2] ^= 1;
  CHECK(open(damaged, options) == cpp::Status::kBadModel);

  std::size_t seen = 0;
  options = {};
  options.verify_context = &seen;
  options.verify_content = [](void* context, const augur_content* content) {
    *static_cast<std::size_t*>(context) = content->bytes;
    return AUGUR_UNSUPPORTED;
  };
  CHECK(open(shop.model, options) == cpp::Status::kUnsupported);
  CHECK(seen == shop.model.size());
}

}  // namespace augur::testing
