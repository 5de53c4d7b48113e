// Quantised tensors that contradict themselves are refused at open; a bad row when it is looked up.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <string>

#include "reference/build.h"
#include "reference/random_model.h"
#include "runtime/support/quantised_models.h"

namespace augur::testing {
namespace {

using fb::ScaleType;
using fb::TensorType;

// Opens a quantised model after `edit`; the refusal's message, or "".
std::string refusal(TensorType weights, TensorType tables,
                    const std::function<void(fb::ModelT&)>& edit) {
  reference::ModelSpec spec;
  const auto model = quantised_model(spec, precision(weights, tables));
  edit(*model);
  const std::vector<std::uint8_t> file = reference::pack(*model);
  augur_model* opened = nullptr;
  augur_error error = empty_error();
  const augur_status status =
      augur_model_open_buffer(file.data(), file.size(), nullptr, &opened, &error);
  augur_model_close(opened);
  CHECK((status == AUGUR_OK || status == AUGUR_BAD_MODEL || status == AUGUR_NOT_FINITE));
  return error.message;
}

void check_refused(TensorType weights, TensorType tables, const std::string& part,
                   const std::function<void(fb::ModelT&)>& edit) {
  const std::string message = refusal(weights, tables, edit);
  CAPTURE(part);
  CHECK_MESSAGE(message.find(part) != std::string::npos, message);
}

fb::TensorT& table(fb::ModelT& model) {
  return *model.tables[0]->weights;
}
fb::TensorT& recurrent(fb::ModelT& model) {
  return *model.stacks[0]->evolution->cell->recurrent;
}

void set_scale(fb::TensorT& tensor, std::size_t row, float scale) {
  std::memcpy(tensor.scales.data() + row * sizeof scale, &scale, sizeof scale);
}

}  // namespace

TEST_CASE("tables whose parts do not fit are refused") {
  check_refused(TensorType::F32, TensorType::I8, "scales",
                [](fb::ModelT& m) { table(m).scales.pop_back(); });
  check_refused(TensorType::F32, TensorType::I8, "scales",
                [](fb::ModelT& m) { table(m).scales.clear(); });
  check_refused(TensorType::F32, TensorType::I8, "scale",
                [](fb::ModelT& m) { table(m).scale_type = ScaleType::None; });
  check_refused(TensorType::F32, TensorType::I8, "scale",
                [](fb::ModelT& m) { table(m).scale_type = static_cast<ScaleType>(9); });
  check_refused(TensorType::F32, TensorType::I8, "type",
                [](fb::ModelT& m) { table(m).type = static_cast<TensorType>(9); });
  check_refused(TensorType::F32, TensorType::I8, "data",
                [](fb::ModelT& m) { table(m).data.push_back(0); });
  check_refused(TensorType::F32, TensorType::I8, "groups",
                [](fb::ModelT& m) { table(m).group_size = 1000; });
  check_refused(TensorType::F32, TensorType::I8, "offsets",
                [](fb::ModelT& m) { table(m).offsets.assign(table(m).shape[0], 0); });
  check_refused(TensorType::F32, TensorType::I4, "offsets",
                [](fb::ModelT& m) { table(m).offsets.pop_back(); });
  check_refused(TensorType::F32, TensorType::F32, "scale",
                [](fb::ModelT& m) { table(m).scale_type = ScaleType::F16; });
  check_refused(TensorType::F32, TensorType::F16, "data",
                [](fb::ModelT& m) { table(m).data.pop_back(); });
  check_refused(TensorType::F32, TensorType::I8, "[0, dim]",
                [](fb::ModelT& m) { m.tables[0]->external = true; });
  check_refused(TensorType::F32, TensorType::I8, "not finite", [](fb::ModelT& m) {
    // The padding row is read at open.
    const std::size_t row = m.tables[0]->padding_row;
    table(m).scales[2 * row] = 0;
    table(m).scales[2 * row + 1] = 0x7c;  // infinity
    table(m).data[row * table(m).shape[1]] = 1;
  });
}

TEST_CASE("weights whose scales are no positive numbers are refused") {
  for (const float scale : {0.0f, -1.0f, INFINITY, NAN, 1e-40f}) {
    CAPTURE(scale);
    check_refused(TensorType::I8, TensorType::F32, "row 2",
                  [=](fb::ModelT& m) { set_scale(recurrent(m), 2, scale); });
    check_refused(TensorType::I4, TensorType::F32, "row 2",
                  [=](fb::ModelT& m) { set_scale(recurrent(m), 2, scale); });
  }
  check_refused(TensorType::F16, TensorType::F32, "not finite",
                [](fb::ModelT& m) { recurrent(m).data[1] = 0x7c; });
  check_refused(TensorType::F32, TensorType::F32, "f32",
                [](fb::ModelT& m) { m.stacks[0]->evolution->cell->bias->type = TensorType::F16; });
  CHECK(refusal(TensorType::I8, TensorType::I8, [](fb::ModelT&) {}) == "");
}

TEST_CASE("a row's scale is checked when the row is looked up") {
  reference::ModelSpec spec;
  spec.stacks[0].fields = {{fb::FieldKind::Id, 6}};
  const auto parts = quantised_model(spec, precision(TensorType::F32, TensorType::I8));
  fb::TensorT& rows = *parts->tables.back()->weights;
  REQUIRE(parts->candidate[0]->table == parts->tables.back()->name);
  const std::size_t bad = rows.shape[0] - 1;
  rows.scales[2 * bad] = 1;
  rows.scales[2 * bad + 1] = 0x7e;  // not a number
  const TestModel model(std::make_unique<fb::ModelT>(*parts));
  const SessionHandle session = model.session();
  const auto ask = [&](std::int64_t id) {
    augur_column column = {};
    column.struct_size = sizeof(column);
    column.name = parts->candidate[0]->name.c_str();
    column.ids = &id;
    column.length = 1;
    float score = 0.0f;
    return augur_rank(session.get(), &column, 1, 1, &score, nullptr);
  };
  CHECK(ask(1) == AUGUR_OK);
  CHECK(ask(static_cast<std::int64_t>(bad)) == AUGUR_BAD_MODEL);
  CHECK(std::string(augur_session_error(session.get())).find("not finite") != std::string::npos);
  CHECK(ask(1) == AUGUR_OK);
}

}  // namespace augur::testing
