// Messages contain names from models, files and apps. They must be whole UTF-8 characters without
// control characters.
#include <doctest/doctest.h>

#include <cstring>
#include <string>

#include "common/utf8.h"
#include "reference/build.h"
#include "reference/random_model.h"
#include "runtime/support/fixture.h"

namespace augur::testing {
namespace {

bool presentable(const std::string& text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.data() + i, text.size() - i);
    if (length == 0 || is_control(text.data() + i, length)) return false;
    i += length;
  }
  return true;
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i)
    all += text;
  return all;
}

// The message about a field that the model does not have.
std::string about_column(const Fixture& f, const std::string& name) {
  augur_column column = {};
  column.struct_size = sizeof(column);
  column.name = name.c_str();
  CHECK(augur_session_set_feature(f.get(), &column) == AUGUR_NOT_FOUND);
  return augur_session_error(f.get());
}

// The message about a model whose table and stack have this name.
std::string about_model(const std::string& name) {
  const auto model = reference::random_model(everything_spec());
  model->stacks[1]->name = name;
  model->stacks[1]->max_history = 0;
  const std::vector<std::uint8_t> file = reference::pack(*model);
  augur_error error = empty_error();
  augur_model* opened = nullptr;
  CHECK(augur_model_open_buffer(file.data(), file.size(), nullptr, &opened, &error) ==
        AUGUR_BAD_MODEL);
  return error.message;
}

}  // namespace

TEST_CASE("a message that is cut ends with a whole character") {
  const Fixture f;
  for (const char* character : {"\u00e9", "\u4e2d", "\U0001f600"}) {
    for (std::size_t shift = 0; shift < 4; ++shift) {
      CAPTURE(shift);
      const std::string name = std::string(shift, 'x') + repeated(character, 300);
      const std::string column = about_column(f, name);
      CHECK(presentable(column));
      CHECK(column.size() > sizeof(augur_error::message) - 5);
      CHECK(column.compare(column.size() - std::strlen(character), std::string::npos, character) ==
            0);
      CHECK(presentable(about_model(name)));
      CHECK(about_model(name).find("\\x") == std::string::npos);
    }
  }
}

TEST_CASE("control characters and what is not UTF-8 are escaped in messages") {
  const Fixture f;
  const std::string name =
      "a\x1b[2J\nb\r\tc\x7f \xc2\x9b \xff \xe4\xb8 \xc0\x80 \xed\xa0\x80 d\xe4";
  const std::string escaped =
      "a\\x1b[2J\\x0ab\\x0d\\x09c\\x7f \\xc2\\x9b \\xff \\xe4\\xb8 \\xc0\\x80 \\xed\\xa0\\x80 "
      "d\\xe4";
  CHECK(about_column(f, name).find("'" + escaped + "'") != std::string::npos);
  CHECK(about_model(name).find("stack '" + escaped + "'") != std::string::npos);
  augur_error error = empty_error();
  augur_model* model = nullptr;
  CHECK(augur_model_open_file(("/no/" + name).c_str(), nullptr, &model, &error) == AUGUR_NOT_FOUND);
  CHECK(std::string(error.message).find(escaped) != std::string::npos);
  CHECK(presentable(about_column(f, repeated("\x1b", 300))));
}

}  // namespace augur::testing
