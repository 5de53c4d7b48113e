// The six trained models of the external data, quantised: what it costs in AUC and in ranking, and
// what it saves, held to the project's bounds. Skipped without AUGUR_TEST_DATA.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "convert/conversion.h"
#include "runtime/support/handles.h"
#include "validate/comparison.h"

namespace augur::testing {
namespace {

using fb::TensorType;

std::string data_folder() {
  const char* folder = std::getenv("AUGUR_TEST_DATA");
  if (folder != nullptr && *folder != '\0') return std::string(folder) + "/";
  std::puts("[skipped] AUGUR_TEST_DATA is not set");
  return "";
}

// The first lines of a file: all of them but under an emulator.
class Lines {
 public:
  Lines(const std::string& path, std::size_t emulated_lines) : path_(path) {
    if (!emulated()) return;
    const char* folder = std::getenv("TMPDIR");
    copy_ = std::string(folder == nullptr ? "/tmp" : folder) + "/augur-lines-XXXXXX";
    const int fd = mkstemp(copy_.data());
    REQUIRE(fd >= 0);
    std::ifstream from(path);
    std::ofstream to(copy_);
    std::string line;
    for (std::size_t i = 0; i < emulated_lines && std::getline(from, line); ++i)
      to << line << "\n";
  }
  ~Lines() {
    if (!copy_.empty()) std::remove(copy_.c_str());
  }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  const std::string& path() const { return copy_.empty() ? path_ : copy_; }

 private:
  std::string path_;
  std::string copy_;
};

struct Bounds {
  double area;       // |ΔAUC|
  double agreement;  // of the best 10 of 100
  double dien_agreement;
  double size;  // of f32's bytes
  double logit;
};

void check_all(TensorType weights, TensorType embeddings, const Bounds& bounds) {
  const std::string folder = data_folder();
  if (folder.empty()) return;
  const Lines rows(folder + "beauty_test.requests.jsonl", 200);
  const Lines lists(folder + "beauty_rank.requests.jsonl", 4);
  for (const std::string kind : {"base", "din", "aigru", "agru", "augru", "dien"}) {
    CAPTURE(kind);
    if (emulated() && kind != "dien") continue;  // converting takes the emulator long
    convert::ConversionInputs inputs;
    inputs.weights = folder + "checkpoints/beauty_T50_" + kind + ".safetensors";
    inputs.layout = "augur-reference";
    inputs.answers = {{"kind", kind}, {"max_history", "50"}};
    inputs.precision.weights = weights;
    inputs.precision.embeddings = embeddings;
    inputs.with_reference = true;
    const convert::Conversion conversion = convert::convert(inputs);

    convert::ValidationOptions on_lists;
    on_lists.requests = lists.path();
    const convert::Comparison ranking = convert::compare_with_f32(conversion, kind, on_lists);
    convert::ValidationOptions on_rows;
    on_rows.requests = rows.path();
    if (!emulated()) on_rows.labels = folder + "beauty_test.labels.jsonl";
    const convert::Comparison clicks = convert::compare_with_f32(conversion, kind, on_rows);

    const double size = static_cast<double>(conversion.file.size()) /
                        static_cast<double>(conversion.reference.size());
    const double loss = clicks.area_after - clicks.area_before;
    MESSAGE(kind, ": ", convert::type_name(weights), " weights, ", convert::type_name(embeddings),
            " embeddings: AUC ", clicks.area_before, " ", loss, ", top 10 ", ranking.agreement,
            ", logits ", ranking.largest_difference, " ", ranking.mean_difference, ", size ", size);
    CHECK(size <= bounds.size);
    CHECK(ranking.largest_difference <= bounds.logit);
    CHECK(clicks.largest_difference <= bounds.logit);
    if (emulated()) continue;  // too few rows for a statistic
    CHECK(std::abs(loss) <= bounds.area);
    CHECK(ranking.lists == 200);
    CHECK(ranking.agreement >= (kind == "dien" ? bounds.dien_agreement : bounds.agreement));
  }
}

}  // namespace

TEST_CASE("int8 weights and embeddings stay within the bounds of AUC, ranking and size") {
  check_all(TensorType::I8, TensorType::I8, {0.0002, 0.985, 0.995, 0.29, 0.5});
}

TEST_CASE("int8 weights with int4 embeddings stay within the bounds of AUC, ranking and size") {
  check_all(TensorType::I8, TensorType::I4, {0.0005, 0.94, 0.94, 0.19, 2.0});
}

TEST_CASE("fp16 weights and embeddings stay within the bounds of AUC, ranking and size") {
  check_all(TensorType::F16, TensorType::F16, {0.0002, 0.985, 0.995, 0.51, 5e-3});
}

}  // namespace augur::testing
