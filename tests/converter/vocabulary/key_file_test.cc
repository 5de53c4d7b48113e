// Files of keys: each form, and what is refused with its line.
#include "vocabulary/key_file.h"

#include <doctest/doctest.h>

#include <fstream>
#include <limits>

#include "converter/support/descriptions.h"

namespace augur::convert::testing {
namespace {

class Folder {
 public:
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_.path(name), std::ios::binary) << text;
    return folder_.path(name);
  }
  KeyFile read(const std::string& name, const std::string& text,
               const std::string& member = "") const {
    return read_key_file(write(name, text) + member);
  }
  std::string error(const std::string& name, const std::string& text,
                    const std::string& member = "") const {
    return error_of([&] { read(name, text, member); });
  }

 private:
  TempFolder folder_;
};

using Pairs = std::vector<std::pair<std::string, uint32_t>>;

Pairs pairs(const KeyFile& file) {
  Pairs result;
  for (const KeyEntry& entry : file.entries)
    result.emplace_back(entry.key, entry.row);
  return result;
}

TEST_CASE("a text file has a key a line, in the order of their rows") {
  const Folder folder;
  const Pairs expected = {{"[PAD]", 0}, {"s\xc3\xb8kk 7", 1}, {"\xff\x01", 2}, {" 9 ", 3}};
  const std::string text = "[PAD]\ns\xc3\xb8kk 7\n\xff\x01\n 9 ";
  CHECK(pairs(folder.read("a.txt", text)) == expected);
  CHECK(pairs(folder.read("a.txt", text + "\n")) == expected);
  CHECK(pairs(folder.read("a.txt", "\xef\xbb\xbf" + text)) == expected);
  CHECK(pairs(folder.read("a.txt", "a\r\nb\r\n")) == Pairs{{"a", 0}, {"b", 1}});
  CHECK(pairs(folder.read("a.txt", "a\rb\n")) == Pairs{{"a\rb", 0}});
  CHECK(pairs(folder.read("zero.txt", std::string("a\0b\n", 4))) ==
        Pairs{{std::string("a\0b", 3), 0}});
  const KeyFile file = folder.read("a.txt", "a\nb\n");
  REQUIRE(file.find("b") != nullptr);
  CHECK(has(file.place(*file.find("b")), {"a.txt:2"}));
  CHECK(file.find("c") == nullptr);
  CHECK_FALSE(file.numbers);
}

TEST_CASE("in the form of TensorFlow's tables, a row, a comma and a key a line") {
  const Folder folder;
  const auto read = [&](const std::string& text) {
    return read_key_file(folder.write("v.json#a", text), KeyForm::kRowCommaKey);
  };
  CHECK(pairs(read("1,emerson\r\n5,the lake,ignored\n0,a\tb\n")) ==
        Pairs{{"emerson", 1}, {"the lake", 5}, {"a\tb", 0}});
  for (const char* text : {"1,a\n2\n", "1,a\nb,2\n", "1,a\n-1,b\n", "1,a\n\n"}) {
    CAPTURE(text);
    CHECK(has(error_of([&] { read(text); }), {"v.json#a:2", "a row", "a comma and a key"}));
  }
  CHECK(has(error_of([&] { read("1,a\n2,a\n"); }), {"the key 'a' stands twice"}));
}

TEST_CASE("or a key, a tab and a row a line") {
  const Folder folder;
  CHECK(pairs(folder.read("a.tsv", "a\t7\r\n\t0\nb c\t7\n")) ==
        Pairs{{"a", 7}, {"", 0}, {"b c", 7}});
}

TEST_CASE("a JSON file is an object of rows, a list, or has them in a member") {
  const Folder folder;
  CHECK(pairs(folder.read("a.json", R"({"a": 3, "\u00f8": 1, "": 0})")) ==
        Pairs{{"a", 3}, {"\xc3\xb8", 1}, {"", 0}});
  KeyFile file = folder.read("a.json", R"(["b", "a"])");
  CHECK(pairs(file) == Pairs{{"b", 0}, {"a", 1}});
  CHECK_FALSE(file.numbers);
  file = folder.read("a.json", "[9223372036854775807, -5]");
  CHECK(pairs(file) == Pairs{{"9223372036854775807", 0}, {"-5", 1}});
  CHECK(file.numbers);
  const char* members =
      R"({"x": {"item_id": {"a": [1, {"b": 2}]}}, "item_id": {"p": 0}, "t": null, "z": ["q"]})";
  CHECK(pairs(folder.read("v.json", members, "#item_id")) == Pairs{{"p", 0}});
  CHECK(pairs(folder.read("v.json", members, "#z")) == Pairs{{"q", 0}});
  CHECK(pairs(folder.read("vocab", members, "#z")) == Pairs{{"q", 0}});
  // A file of that very name has no member.
  CHECK(pairs(folder.read("v.json#z", "line\n")) == Pairs{{"line", 0}});
}

struct Wrong {
  const char* name;
  std::string text;
  const char* member;
  std::vector<std::string> parts;
};

TEST_CASE("what cannot be meant is refused, with its line") {
  const Folder folder;
  const std::vector<Wrong> cases = {
      {"a.txt", "", "", {"a.txt", "no key in it"}},
      {"a.txt", "a\n\nb\n", "", {"a.txt:2", "is empty"}},
      {"a.txt", "a\nb\n\n", "", {"a.txt:3", "is empty"}},
      {"a.txt", "a\nb\nc\na\n", "", {"'a'", "line 1", "line 4"}},
      {"a.txt", "a\t0\nb\n", "", {"a.txt:2", "no tab", "line 1"}},
      {"a.txt", "a\nb\t1\n", "", {"a.txt:2", "JSON file"}},
      {"a.txt", "a\tb\n", "", {"a.txt:1", "whole number", "'b'"}},
      {"a.txt", "a\t-1\n", "", {"a.txt:1", "'-1'"}},
      {"a.txt", "a\t1073741824\n", "", {"a.txt:1", "below 2^30"}},
      {"a.txt", "a\t\n", "", {"a.txt:1", "''"}},
      {"a.json", "{\"a\": 1,\n\"b\": 2,\n\"a\": 3}", "", {"'a'", "line 1", "line 3"}},
      {"a.json", "{\"a\": 1.5}", "", {"a.json:1", "key 'a'", "1.5"}},
      {"a.json", "{\"a\": -1}", "", {"key 'a'", "-1"}},
      {"a.json", "{\"a\": \"1\"}", "", {"key 'a'", "'1'"}},
      {"a.json", "{\"a\": [1]}", "", {"key 'a'", "a list"}},
      {"a.json", "{\"a\": {}}", "", {"key 'a'", "an object"}},
      {"a.json", "{\"a\": null}", "", {"key 'a'", "null"}},
      {"a.json", "[\"a\", 1]", "", {"some of each"}},
      {"a.json", "[\"a\", true]", "", {"a key", "true or false"}},
      {"a.json", "[1, 2.5]", "", {"2.5"}},
      {"a.json", "3", "", {"expected an object", "a number"}},
      {"a.json", "{}", "", {"no key in it"}},
      {"a.json", "{\"a\": 1", "", {"a.json", "not JSON"}},
      {"a.json", "{\"a\": 1} x", "", {"not JSON"}},
      {"a.json", "{\"a\": \"\xff\"}", "", {"not JSON"}},
      {"a.json", R"({"item": {"a": 1}})", "#itm", {"no member 'itm'", "did you mean 'item'"}},
      {"a.json", R"({"item": 3})", "#item", {"expected an object", "a number"}},
      {"a.json", R"({"item": {"a": 1}, "item": {"b": 1}})", "#item", {"twice"}},
      {"a.json", "[1]", "#item", {"no object with members"}},
  };
  for (const Wrong& wrong : cases) {
    const std::string message = folder.error(wrong.name, wrong.text, wrong.member);
    CAPTURE(wrong.text);
    CAPTURE(message);
    CHECK(has(message, wrong.parts));
  }
  CHECK(has(error_of([] { read_key_file("/nowhere/keys.txt"); }), {"/nowhere/keys.txt"}));
  // Nested deeply: neither slow nor too much for the stack.
  CHECK(has(folder.error("a.json", std::string(1000000, '[')), {"a list"}));
  CHECK(has(folder.error("a.json", "{\"b\":" + std::string(1000000, '['), "#a"), {"not JSON"}));
}

TEST_CASE("integers are decimal digits") {
  CHECK(integer_key("0") == 0);
  CHECK(integer_key("-17") == -17);
  CHECK(integer_key("9223372036854775807") == std::numeric_limits<int64_t>::max());
  CHECK(integer_key("-9223372036854775808") == std::numeric_limits<int64_t>::min());
  for (const char* wrong : {"", "-", "+1", "01", "-0", "1 ", " 1", "1.0", "0x1", "1e3", "[PAD]",
                            "9223372036854775808", "--1"}) {
    CAPTURE(wrong);
    CHECK_FALSE(integer_key(wrong).has_value());
  }
}

}  // namespace
}  // namespace augur::convert::testing
