// Reading the external data.
#include "data/test_data.h"

#include <cstdio>
#include <cstdlib>

namespace augur::data {
namespace {

// Row `row` of a matrix; empty if the file does not have it.
class Arrays {
 public:
  explicit Arrays(const std::string& path) : file_(checkpoint::open_checkpoint(path)) {}

  std::vector<std::int64_t> ids(const std::string& name) const {
    return file_->read_int64(file_->get(name));
  }
  std::vector<double> numbers(const std::string& name) const {
    if (file_->find(name) == nullptr) return {};
    const std::vector<float> values = file_->read(file_->get(name));
    return {values.begin(), values.end()};
  }

 private:
  std::unique_ptr<checkpoint::Checkpoint> file_;
};

template <typename T>
std::vector<T> row_of(const std::vector<T>& matrix, std::size_t rows, std::size_t row) {
  const auto width = static_cast<std::ptrdiff_t>(matrix.size() / rows);
  const auto first = matrix.begin() + static_cast<std::ptrdiff_t>(row) * width;
  return {first, first + width};
}

std::vector<reference::Cell> cells(const std::vector<std::int64_t>& ids) {
  std::vector<reference::Cell> column;
  for (const std::int64_t id : ids)
    column.push_back({{id}, {}});
  return column;
}

}  // namespace

bool have_test_data() {
  const char* folder = std::getenv("AUGUR_TEST_DATA");
  if (folder != nullptr && *folder != '\0') return true;
  std::puts("[skipped] AUGUR_TEST_DATA does not name the folder of the trained models");
  return false;
}

std::string test_data(const std::string& file) {
  const char* folder = std::getenv("AUGUR_TEST_DATA");
  return std::string(folder == nullptr ? "" : folder) + "/" + file;
}

std::string checkpoint_file(const std::string& kind) {
  return test_data("checkpoints/beauty_T50_" + kind + ".safetensors");
}

std::string golden_file(const std::string& kind, const std::string& ending) {
  return test_data("golden/beauty_T50_" + kind + ending);
}

std::vector<GoldenRow> read_golden_rows(const std::string& kind) {
  const Arrays arrays(golden_file(kind, ".npz"));
  const std::vector<double> logits = arrays.numbers("logit64");
  const std::vector<std::int64_t> users = arrays.ids("user");
  const std::vector<std::int64_t> lengths = arrays.ids("hist_len");
  const std::size_t count = logits.size();

  std::vector<GoldenRow> rows(count);
  for (std::size_t row = 0; row < count; ++row) {
    GoldenRow& golden = rows[row];
    golden.logit = logits[row];
    golden.request.features.count = 1;
    golden.request.features.columns["user"] = cells({users[row]});
    golden.request.candidates.count = 1;
    const auto length = static_cast<std::size_t>(lengths[row]);
    reference::Rows& history = golden.request.histories["history"];
    history.count = length;
    for (const auto& [field, tensor] : {std::pair("item", "item"), std::pair("category", "cate")}) {
      golden.request.candidates.columns[field] = cells({arrays.ids(tensor)[row]});
      std::vector<std::int64_t> events =
          row_of(arrays.ids(std::string("hist_") + tensor), count, row);
      events.resize(length);
      history.columns[field] = cells(events);
    }
    golden.attention = row_of(arrays.numbers("i_att"), count, row);
    if (!golden.attention.empty()) golden.attention.resize(length);
    golden.state = row_of(arrays.numbers("i_state"), count, row);
    golden.head_input = row_of(arrays.numbers("i_head_in"), count, row);
    golden.first_layer = row_of(arrays.numbers("i_y1"), count, row);
    golden.second_layer = row_of(arrays.numbers("i_y2"), count, row);
  }
  return rows;
}

std::vector<float> read_test_logits(const std::string& kind) {
  const auto file = checkpoint::open_checkpoint(golden_file(kind, "_alltest_logit32.npz"));
  return file->read(file->get("logit"));
}

}  // namespace augur::data
