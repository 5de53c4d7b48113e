// A JSON value that knows its place, and the words that are refused; see node.h.
#include "description/node.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include "description/weight_source.h"
#include "error.h"
#include "text/file.h"
#include "text/strict_json.h"
#include "text/text.h"

namespace augur::convert {
namespace {

constexpr uint64_t kLargestFile = 64u << 20;

// The name of a JSON value's type in messages.
const char* kind_of(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      return "null";
    case Json::value_t::object:
      return "an object";
    case Json::value_t::array:
      return "a list";
    case Json::value_t::string:
      return "a text";
    case Json::value_t::boolean:
      return "true or false";
    default:
      return "a number";
  }
}

struct Outsider {
  const char* word;  // lower case, letters and digits alone; matches as a part of the key
  const char* reason;
};

// What is in the family, but stated in other words.
constexpr std::array kOtherWords = {
    Outsider{"resetafter", "state \"reset\": \"after_product\" or \"before_product\""},
    Outsider{"hiddensize", "sizes are seen in the tensors' shapes; leave it out"},
    Outsider{"hiddenunits", "sizes are seen in the tensors' shapes; leave it out"},
    Outsider{"inputsize", "sizes are seen in the tensors' shapes; leave it out"},
    Outsider{"embeddingdim", "sizes are seen in the tensors' shapes; leave it out"},
    Outsider{"numlayers", "an extractor is a list with one entry for each layer"},
    Outsider{"dice",
             "there are several kinds of Dice, and docs/description.md tells which library has "
             "which: state \"dice_batchnorm\", \"dice_rowwise\", \"dice_batch_statistics\" or "
             "\"swish\""},
    Outsider{"usebias", "state the bias, or null"},
    Outsider{"usesoftmax", "state \"softmax\": true or false"},
};

constexpr std::array kOutsiders = {
    Outsider{"layernorm",
             "LayerNorm is not in the model family: it depends on the sample and cannot be folded"},
    Outsider{"groupnorm", "GroupNorm is not in the model family"},
    Outsider{"lstm",
             "LSTM is not in the model family; its recurrent layers are GRU, AIGRU, AGRU, AUGRU"},
    Outsider{"bidirectional", "a bidirectional extractor is not in the model family"},
    Outsider{"multihead", "multi-head attention is not in the model family"},
    Outsider{"transformer", "Transformer blocks are not in the model family"},
    Outsider{"residual", "residual connections are not in the model family"},
    Outsider{"multitask", "several outputs are not in the model family; it scores one click"},
    Outsider{"dropout", "Dropout does nothing when a model scores; leave it out"},
    Outsider{"hardsigmoid",
             "hard sigmoid gates are not in the model family; a GRU's gates are sigmoid"},
    Outsider{
        "recurrentactivation",
        "a GRU's gates are sigmoid and its candidate state is tanh; others are not in the family"},
    Outsider{"initialstate",
             "a recurrent layer starts from zero; a trained first state is not in the family"},
    Outsider{"auxiliary", "the auxiliary loss serves training alone; leave its networks out"},
};

}  // namespace

Json parse_json(std::string_view text, const std::string& source) {
  try {
    return parse_strict_json<Json>(text);
  } catch (const Error& error) {
    throw Error(source + ": " + error.what());
  } catch (const Json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 3, column 5: ..." without the bracket.
    std::string message = error.what();
    const size_t end = message.find("] ");
    if (end != std::string::npos) message.erase(0, end + 2);
    throw Error(source + ": not JSON: " + message);
  }
}

Json read_json_file(const std::string& path) {
  const std::vector<uint8_t> bytes =
      read_file(path, kLargestFile, " is too large for a JSON description");
  return parse_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path);
}

std::string Node::where() const {
  return path_.empty() ? source_ : source_ + ": " + path_;
}

void Node::fail(const std::string& message) const {
  throw Error(where() + ": " + message);
}

Node Node::child(const Json& value, std::string path) const {
  Node node(value, source_);
  node.path_ = std::move(path);
  return node;
}

Node Node::member(const std::string& key, const Json& value) const {
  if (std::find(options_.begin(), options_.end(), key) != options_.end()) {
    return {value, "--set " + key};
  }
  return child(value, path_.empty() ? key : path_ + "." + key);
}

std::optional<Node> Node::find(std::string_view key) const {
  if (!is_object()) fail(std::string("expected an object, found ") + kind_of(*value_));
  const auto found = value_->find(std::string(key));
  if (found == value_->end()) return std::nullopt;
  return member(std::string(key), *found);
}

Node Node::at(std::string_view key) const {
  std::optional<Node> found = find(key);
  if (!found) fail("the key \"" + std::string(key) + "\" is missing; it has no default");
  return *found;
}

void Node::allow_keys(std::string_view what, const std::vector<std::string>& known) const {
  if (!is_object()) {
    fail("expected " + std::string(what) + " as an object, found " + kind_of(*value_));
  }
  for (const auto& [key, value] : value_->items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const std::string reason = outside_family(key);
    const bool option = std::find(options_.begin(), options_.end(), key) != options_.end();
    const Node culprit = option ? member(key, value) : *this;
    if (!reason.empty()) culprit.fail("unknown key \"" + key + "\": " + reason);
    culprit.fail("unknown key \"" + key + "\"" + did_you_mean(key, known) + "; the keys of " +
                 std::string(what) + " are " + join(known));
  }
}

std::vector<Node> Node::items() const {
  if (!is_list()) fail(std::string("expected a list, found ") + kind_of(*value_));
  std::vector<Node> nodes;
  nodes.reserve(value_->size());
  for (size_t i = 0; i < value_->size(); ++i) {
    nodes.push_back(child((*value_)[i], path_ + "[" + std::to_string(i) + "]"));
  }
  return nodes;
}

std::string Node::text() const {
  if (!is_text()) fail(std::string("expected a text, found ") + kind_of(*value_));
  return value_->get<std::string>();
}

std::string Node::name() const {
  std::string word = text();
  if (word.empty()) fail("must not be empty");
  if (word.find('\0') != std::string::npos) fail("must not contain a zero byte");
  return word;
}

bool Node::boolean() const {
  if (!value_->is_boolean()) fail(std::string("expected true or false, found ") + kind_of(*value_));
  return value_->get<bool>();
}

double Node::number() const {
  if (!is_number()) fail(std::string("expected a number, found ") + kind_of(*value_));
  const double number = value_->get<double>();
  if (!std::isfinite(number)) fail("expected a finite number");
  return number;
}

int64_t Node::integer(int64_t least, int64_t most) const {
  const bool whole =
      value_->is_number_integer() &&
      !(value_->is_number_unsigned() && value_->get<uint64_t>() > static_cast<uint64_t>(INT64_MAX));
  const int64_t number = whole ? value_->get<int64_t>() : 0;
  if (!whole || number < least || number > most) {
    fail("expected a whole number from " + std::to_string(least) + " to " + std::to_string(most) +
         ", found " + (is_number() ? value_->dump() : kind_of(*value_)));
  }
  return number;
}

std::vector<std::string> Node::texts() const {
  std::vector<std::string> words;
  for (const Node& item : items())
    words.push_back(item.name());
  return words;
}

void Node::fail_choice(const std::string& word, const std::vector<std::string>& known) const {
  const std::string reason = outside_family(word);
  if (!reason.empty()) fail("\"" + word + "\": " + reason);
  std::string list;
  for (const std::string& candidate : known) {
    list += (list.empty() ? "\"" : ", \"") + candidate + "\"";
  }
  fail("\"" + word + "\" is not one of " + list + did_you_mean(word, known));
}

std::string plain_letters(std::string_view word) {
  std::string plain;
  for (const char c : word) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return plain;
}

std::string outside_family(std::string_view word) {
  const std::string plain = plain_letters(word);
  for (const Outsider& other : kOtherWords) {
    if (plain == other.word) return other.reason;
  }
  for (const Outsider& outsider : kOutsiders) {
    if (plain.find(outsider.word) != std::string::npos) return outsider.reason;
  }
  return "";
}

}  // namespace augur::convert
