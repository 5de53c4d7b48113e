// Messages' helpers and name patterns.
#include "text/text.h"

#include <doctest/doctest.h>

#include "description/node.h"
#include "description/weight_source.h"

namespace augur::convert {
namespace {

TEST_CASE("sizes and numbers for people") {
  CHECK(shape_text({}) == "[]");
  CHECK(shape_text({108, 36}) == "[108, 36]");
  CHECK(bytes_text(0) == "0 B");
  CHECK(bytes_text(9999) == "9999 B");
  CHECK(bytes_text(12345) == "12.3 kB");
  CHECK(bytes_text(999499) == "999 kB");
  CHECK(bytes_text(999501) == "1.00 MB");
  CHECK(bytes_text(2500000) == "2.50 MB");
  CHECK(bytes_text(123456789) == "123 MB");
  CHECK(bytes_text(5000000000) == "5.00 GB");
  CHECK(number_text(0.5f) == "0.5");
  CHECK(number_text(1.0f / 6) == "0.16666667");
  CHECK(number_text(1e-8f) == "1e-08");
}

TEST_CASE("the nearest word, where one is near") {
  const std::vector<std::string> words = {"max_history", "mask", "query"};
  CHECK(nearest("max_histroy", words) == "max_history");
  CHECK(nearest("msk", words) == "mask");
  CHECK(nearest("evolution", words) == "");
  CHECK(nearest("xy", {"ab"}) == "");
  CHECK(nearest(std::string(100000, 'x'), words) == "");
  CHECK(did_you_mean("qery", words) == " (did you mean 'query'?)");
  CHECK(did_you_mean("zzzzzz", words) == "");
}

TEST_CASE("patterns") {
  CHECK(matches("fc1.weight", "fc1.weight"));
  CHECK_FALSE(matches("fc1.weight", "fc1.weights"));
  CHECK(matches("*", ""));
  CHECK(matches("*gates/kernel", "rnn/gru1/gates/kernel"));
  CHECK_FALSE(matches("*gates/kernel", "rnn/gru1/gates/kernel/Adam"));
  CHECK(matches("*gru*kernel*", "a/gru/b/kernel_1"));
  CHECK(matches("a*a", "aa"));
  CHECK_FALSE(matches("a*a", "a"));
  CHECK_FALSE(matches("", "a"));
  CHECK(match_numbers("dnn.#.weight", "dnn.12.weight") == std::vector<int>{12});
  CHECK(match_numbers("*.linears.#.w#", "x.linears.3.w7") == std::vector<int>{3, 7});
  CHECK_FALSE(match_numbers("dnn.#.weight", "dnn..weight").has_value());
  CHECK_FALSE(match_numbers("dnn.#.weight", "dnn.1a.weight").has_value());
  // A pattern of many stars on a long name must not take long.
  CHECK_FALSE(matches("*a*a*a*a*a*a*a*a*b", std::string(20000, 'a')));
}

TEST_CASE("what is outside the family is named") {
  CHECK(outside_family("layer_norm").find("LayerNorm") == 0);
  CHECK(outside_family("LSTM").find("LSTM") == 0);
  CHECK(outside_family("recurrent_activation") != "");
  CHECK(outside_family("max_history") == "");
}

}  // namespace
}  // namespace augur::convert
