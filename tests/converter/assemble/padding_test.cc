// Padding in a description: unknown ids that count as the padding id, masks by it, which events a
// full history keeps, padded windows; and the format number of models that use any of these.
#include <doctest/doctest.h>

#include "converter/support/descriptions.h"
#include "inspect/show.h"
#include "inspect/summary.h"
#include "quantise/model_parts.h"
#include "write/model_file.h"

namespace augur::convert::testing {
namespace {

constexpr const char* kWindow =
    R"({"length": 8, "padding": "before", "reads": "first_events", "evolves": "first_events"})";

Json changed(const std::string& pointer, const std::string& value) {
  return with(small_description(), pointer, Json::parse(value));
}

std::unique_ptr<fb::ModelT> model_of(const Json& description) {
  return std::make_unique<fb::ModelT>(assemble(description, small_tensors()).model);
}

struct Wrong {
  const char* pointer;
  const char* value;
  std::vector<std::string> parts;
};

TEST_CASE("each member of padding is read, and makes a model of format 3") {
  CHECK(lowest_format(*model_of(small_description())) == 1);

  auto model = model_of(changed("/tables/1/out_of_table", R"("padding_id")"));
  CHECK(model->tables.at(1)->out_of_table == fb::OutOfTable::PaddingId);
  CHECK(lowest_format(*model) == 3);

  model = model_of(changed("/stacks/0/mask", R"({"not_padding": "category"})"));
  CHECK(model->stacks.at(0)->mask == fb::MaskRule::NotPadding);
  CHECK(model->stacks.at(0)->mask_field == "category");
  CHECK(lowest_format(*model) == 3);

  model = model_of(changed("/stacks/0/truncation", R"("oldest")"));
  CHECK(model->stacks.at(0)->truncation == fb::Truncation::Oldest);
  CHECK(lowest_format(*model) == 3);
  model = model_of(changed("/stacks/0/truncation", R"("newest")"));
  CHECK(lowest_format(*model) == 1);

  model = model_of(changed("/stacks/0/window", kWindow));
  REQUIRE(model->stacks.at(0)->window != nullptr);
  const fb::WindowT& window = *model->stacks.at(0)->window;
  CHECK(window.length == 8);
  CHECK(window.padding == fb::WindowPadding::Before);
  CHECK(window.reads == fb::WindowRead::FirstEvents);
  CHECK(window.evolves == fb::WindowRead::FirstEvents);
  CHECK(lowest_format(*model) == 3);
  model =
      model_of(changed("/stacks/0/window", R"({"length": 6, "padding": "after", "reads": "all"})"));
  CHECK(model->stacks.at(0)->window->padding == fb::WindowPadding::After);
  CHECK(model->stacks.at(0)->window->evolves == fb::WindowRead::All);
  CHECK(lowest_format(*model_of(changed("/stacks/0/window", "null"))) == 1);
}

TEST_CASE("fields of several ids skip 0, the padding id, or both") {
  // Four columns as the user's id has.
  const auto skips = [](const char* text) {
    Json field = Json::parse(text);
    field.update({{"name", "user"}, {"kind", "ids"}, {"table", "user"}, {"pooling", "sum"}});
    Json description = with(small_description(), "/tables/0/padding_row", 3);
    return model_of(with(description, "/features/0", field));
  };
  auto model = skips(R"({"skip_padding": true})");
  CHECK(model->features.at(0)->skip_padding);
  CHECK_FALSE(model->features.at(0)->skip_zero);
  CHECK(lowest_format(*model) == 3);
  model = skips(R"({"skip_padding": true, "skip_zero": true})");
  CHECK(model->features.at(0)->skip_padding);
  CHECK(model->features.at(0)->skip_zero);
  model = skips(R"({"skip_padding": false, "skip_zero": true})");
  CHECK(lowest_format(*model) == 1);
}

TEST_CASE("what cannot be meant of padding is an error that names the place") {
  const std::vector<Wrong> cases = {
      {"/tables/0/out_of_table", R"("padding_id")", {"tables[0]", "\"padding_id\"", "is null"}},
      {"/stacks/0/mask", R"({"not_padding": "itm"})", {"no field 'itm'", "did you mean 'item'"}},
      {"/stacks/0/mask", R"({"not_padding": "item", "non_zero": "item"})", {"states two rules"}},
      {"/stacks/0/truncation", R"("old")", {"stacks[0].truncation", "did you mean 'oldest'"}},
      {"/stacks/0/window", R"({"length": 8, "padding": "before"})", {"\"reads\" is missing"}},
      {"/stacks/0/window",
       R"({"length": 5, "padding": "before", "reads": "all"})",
       {"window.length", "shorter than max_history, 6"}},
      {"/stacks/0/window",
       R"({"length": 8, "padding": "left", "reads": "all"})",
       {"window.padding", "\"before\", \"after\""}},
      {"/stacks/0/window",
       R"({"length": 8, "padding": "before", "reads": "first_events"})",
       {"\"evolves\" is missing"}},
      {"/stacks/0/window",
       R"({"length": 8, "padding": "before", "reads": "all", "evolves": "all"})",
       {"only where \"reads\" is \"first_events\""}},
      {"/stacks/0/window",
       R"({"length": 8, "padding": "after", "reads": "first_events", "evolves": "all"})",
       {"leave the window out"}},
  };
  for (const Wrong& wrong : cases) {
    const std::string message =
        assembly_error(changed(wrong.pointer, wrong.value), small_tensors());
    CAPTURE(std::string(wrong.value));
    CAPTURE(message);
    CHECK(has(message, wrong.parts));
  }
  const Json window = changed("/stacks/0/window", kWindow);
  CHECK(has(assembly_error(with(window, "/stacks/0/evolution/form", "lift"), small_tensors()),
            {"window.reads", "\"augru\" of the form \"scale\""}));
  CHECK(has(assembly_error(with(window, "/tables/2/padding_row", nullptr), small_tensors()),
            {"stacks[0].window", "needs a table with a padding_row"}));
  Json masked = with(small_description(), "/tables/2/padding_row", nullptr);
  masked = with(masked, "/stacks/0/mask", {{"not_padding", "category"}});
  CHECK(has(assembly_error(masked, small_tensors()), {"padding_row of table 'category'"}));
  Json ids = with(small_description(), "/features/0",
                  {{"name", "user"}, {"kind", "ids"}, {"table", "user"}, {"pooling", "sum"}});
  CHECK(has(assembly_error(ids, small_tensors()), {"\"skip_zero\" is missing"}));
  ids["features"][0]["skip_padding"] = true;
  CHECK(has(assembly_error(ids, small_tensors()), {"features[0].skip_padding", "table 'user'"}));
}

TEST_CASE("augur-inspect prints the mask, the events that are kept and the window") {
  Json description = changed("/stacks/0/window", kWindow);
  description = with(description, "/stacks/0/truncation", "oldest");
  description = with(description, "/stacks/0/mask", {{"not_padding", "item"}});
  description = with(description, "/tables/1/out_of_table", "padding_id");
  const auto model = model_of(description);
  const std::string text = summary_text(
      summarise_model(pack_model(*model, "augur-convert", "0"), "m.augur"), std::nullopt);
  CAPTURE(text);
  CHECK(has(text, {"the oldest 6 events", "mask: item is not padding",
                   "window: 8 rows, padding before the events", "other ids: padding id 0"}));
}

}  // namespace
}  // namespace augur::convert::testing
