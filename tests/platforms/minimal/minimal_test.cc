// A library with AUGUR_MINIMAL beside the whole one: what it has gives the same bits, and what it
// lacks is AUGUR_UNSUPPORTED with a message that names it.
//
// The environment names the library (AUGUR_MINIMAL_LIBRARY) and the lists with which it was built.
#include <dlfcn.h>
#include <doctest/doctest.h>

#include <cstdlib>
#include <cstring>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "quantise/quantise.h"
#include "reference/build.h"
#include "reference/random_model.h"
#include "runtime/support/columns.h"
#include "runtime/support/handles.h"

namespace augur::testing {
namespace {

using reference::ModelSpec;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// The words of a list of the library.
std::vector<std::string> words(const std::string& list) {
  std::istringstream text(variable(list.c_str()));
  std::vector<std::string> found;
  for (std::string word; text >> word;)
    found.push_back(word);
  return found;
}

bool has(const std::string& list, const std::string& word) {
  for (const std::string& found : words(list)) {
    if (found == word) return true;
  }
  return false;
}

// The C API of one of the libraries.
struct Library {
  // Of the minimal library; of the whole one, which is linked into this program, if it is nullptr.
  explicit Library(const char* path) {
    if (path == nullptr) return;
    void* const library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) FAIL(dlerror());
#define AUGUR_FIND(function) \
  function = reinterpret_cast<decltype(&augur_##function)>(dlsym(library, "augur_" #function))
    AUGUR_FIND(model_open_buffer);
    AUGUR_FIND(model_close);
    AUGUR_FIND(model_find_integer);
    AUGUR_FIND(model_attach_table_buffer);
    AUGUR_FIND(model_attach_delta);
    AUGUR_FIND(model_detach_deltas);
    AUGUR_FIND(session_bytes);
    AUGUR_FIND(session_create);
    AUGUR_FIND(session_destroy);
    AUGUR_FIND(session_error);
    AUGUR_FIND(session_set_feature);
    AUGUR_FIND(session_set_history);
    AUGUR_FIND(session_save);
    AUGUR_FIND(session_restore);
    AUGUR_FIND(rank);
#undef AUGUR_FIND
  }

  decltype(&augur_model_open_buffer) model_open_buffer = augur_model_open_buffer;
  decltype(&augur_model_close) model_close = augur_model_close;
  decltype(&augur_model_find_integer) model_find_integer = augur_model_find_integer;
  decltype(&augur_model_attach_table_buffer) model_attach_table_buffer =
      augur_model_attach_table_buffer;
  decltype(&augur_model_attach_delta) model_attach_delta = augur_model_attach_delta;
  decltype(&augur_model_detach_deltas) model_detach_deltas = augur_model_detach_deltas;
  decltype(&augur_session_bytes) session_bytes = augur_session_bytes;
  decltype(&augur_session_create) session_create = augur_session_create;
  decltype(&augur_session_destroy) session_destroy = augur_session_destroy;
  decltype(&augur_session_error) session_error = augur_session_error;
  decltype(&augur_session_set_feature) session_set_feature = augur_session_set_feature;
  decltype(&augur_session_set_history) session_set_history = augur_session_set_history;
  decltype(&augur_session_save) session_save = augur_session_save;
  decltype(&augur_session_restore) session_restore = augur_session_restore;
  decltype(&augur_rank) rank = augur_rank;
};

const Library& whole() {
  static const Library library(nullptr);
  return library;
}

const Library& minimal() {
  static const Library library(variable("AUGUR_MINIMAL_LIBRARY").c_str());
  return library;
}

bool skipped() {
  if (!variable("AUGUR_MINIMAL_LIBRARY").empty()) return false;
  MESSAGE("[skipped] AUGUR_MINIMAL_LIBRARY names no library; ctest -R minimal builds some");
  return true;
}

void check_lacks(const std::string& message, const std::string& list, const std::string& word) {
  CAPTURE(message);
  CHECK(message.find("needs '" + word + "'") != std::string::npos);
  CHECK(message.find(list + " is '" + variable(list.c_str()) + "'") != std::string::npos);
}

// The logits, or nothing if the model is not opened: `error` then has the reason.
std::optional<std::vector<float>> logits(const Library& library, const fb::ModelT& parts,
                                         augur_status* status, augur_error* error) {
  const std::vector<std::uint8_t> file = reference::pack(parts);
  *error = empty_error();
  augur_model* model = nullptr;
  *status = library.model_open_buffer(file.data(), file.size(), nullptr, &model, error);
  if (*status != AUGUR_OK) return {};
  reference::Generator generator(7);
  // Candidates that fill vectors, and some more.
  const reference::Request request = reference::random_request(parts, generator, 9, 37);
  augur_session* session = nullptr;
  REQUIRE(library.session_create(model, nullptr, nullptr, 0, &session, error) == AUGUR_OK);
  const ColumnSet features(parts.features, request.features);
  for (std::size_t i = 0; i < features.size(); ++i)
    REQUIRE(library.session_set_feature(session, features.data() + i) == AUGUR_OK);
  for (const auto& stack : parts.stacks) {
    const ColumnSet columns(stack->fields, request.histories.at(stack->name));
    REQUIRE(library.session_set_history(session, stack->name.c_str(), columns.data(),
                                        columns.size(), columns.rows()) == AUGUR_OK);
  }
  const ColumnSet columns(parts.candidate, request.candidates);
  std::vector<float> found(columns.rows());
  REQUIRE(library.rank(session, columns.data(), columns.size(), columns.rows(), nullptr,
                       found.data()) == AUGUR_OK);
  library.session_destroy(session);
  library.model_close(model);
  return found;
}

// Compares the libraries if the list has the word; otherwise the minimal one must refuse the model.
void check_model(const std::string& list, const std::string& word, const fb::ModelT& parts) {
  CAPTURE(list);
  CAPTURE(word);
  augur_status status = AUGUR_OK;
  augur_error error = empty_error();
  const auto expected = logits(whole(), parts, &status, &error);
  REQUIRE_MESSAGE(expected.has_value(), error.message);
  const auto found = logits(minimal(), parts, &status, &error);
  CAPTURE(error.message);
  REQUIRE(found.has_value() == has(list, word));
  if (found.has_value()) {
    CHECK(std::memcmp(found->data(), expected->data(), found->size() * sizeof(float)) == 0);
    return;
  }
  CHECK(status == AUGUR_UNSUPPORTED);
  check_lacks(error.message, list, word);
}

// What a model has of the lists, one word of each.
struct Kinds {
  std::string cell;
  std::string reset;
  std::string attention;
  std::string activation;
  std::string weights;
  std::string tables;

  // All of it is in the library.
  static Kinds of_library() {
    const auto first = [](const char* list) { return words(list).at(0); };
    return {first("AUGUR_MINIMAL_CELLS"),     first("AUGUR_MINIMAL_RESET"),
            first("AUGUR_MINIMAL_ATTENTION"), first("AUGUR_MINIMAL_ACTIVATIONS"),
            first("AUGUR_MINIMAL_WEIGHTS"),   first("AUGUR_MINIMAL_TABLES")};
  }
};

fb::ActivationKind activation_of(const std::string& word) {
  using Kind = fb::ActivationKind;
  const struct {
    const char* word;
    Kind kind;
  } known[] = {{"relu", Kind::Relu},       {"prelu", Kind::Prelu},
               {"dice", Kind::Dice},       {"dice_rowwise", Kind::DiceRowwise},
               {"sigmoid", Kind::Sigmoid}, {"tanh", Kind::Tanh},
               {"elu", Kind::Elu},         {"gelu", Kind::Gelu},
               {"silu", Kind::Silu}};
  for (const auto& entry : known) {
    if (word == entry.word) return entry.kind;
  }
  FAIL(word);
  return Kind::None;
}

fb::TensorType type_of(const std::string& word) {
  return word == "f32"    ? fb::TensorType::F32
         : word == "fp16" ? fb::TensorType::F16
         : word == "int8" ? fb::TensorType::I8
                          : fb::TensorType::I4;
}

std::unique_ptr<fb::ModelT> make(const Kinds& kinds, const ModelSpec& base = {}) {
  ModelSpec spec = base;
  reference::StackSpec& stack = spec.stacks.at(0);
  stack.evolution = kinds.cell == "aigru"  ? fb::EvolutionKind::Aigru
                    : kinds.cell == "agru" ? fb::EvolutionKind::Agru
                                           : fb::EvolutionKind::Augru;
  stack.reset = kinds.reset == "before" ? fb::Reset::BeforeProduct : fb::Reset::AfterProduct;
  stack.evolution_reset = stack.reset;
  stack.attention->kind = kinds.attention == "mlp"   ? fb::AttentionKind::Mlp
                          : kinds.attention == "dot" ? fb::AttentionKind::Dot
                                                     : fb::AttentionKind::Bilinear;
  stack.attention->projection = 8;
  stack.attention->activation = spec.head_activation = activation_of(kinds.activation);
  auto model = reference::random_model(spec);
  convert::Precision precision;
  precision.weights = type_of(kinds.weights);
  precision.embeddings = type_of(kinds.tables);
  convert::quantise_model(*model, precision, [](std::uint64_t, std::uint64_t) {});
  model->format = 3;
  return model;
}

}  // namespace

TEST_CASE("a minimal library has the same bits as the whole one, or names what it lacks") {
  if (skipped()) return;
  const struct {
    const char* list;
    std::string Kinds::*kind;
    std::vector<std::string> words;
  } cases[] = {
      {"AUGUR_MINIMAL_CELLS", &Kinds::cell, {"aigru", "agru", "augru"}},
      {"AUGUR_MINIMAL_RESET", &Kinds::reset, {"before", "after"}},
      {"AUGUR_MINIMAL_ATTENTION", &Kinds::attention, {"mlp", "dot", "bilinear"}},
      {"AUGUR_MINIMAL_ACTIVATIONS",
       &Kinds::activation,
       {"relu", "prelu", "dice", "dice_rowwise", "sigmoid", "tanh", "elu", "gelu", "silu"}},
      {"AUGUR_MINIMAL_WEIGHTS", &Kinds::weights, {"f32", "fp16", "int8", "int4"}},
      {"AUGUR_MINIMAL_TABLES", &Kinds::tables, {"f32", "fp16", "int8", "int4"}},
  };
  for (const auto& of : cases) {
    for (const std::string& word : of.words) {
      Kinds kinds = Kinds::of_library();
      kinds.*of.kind = word;
      check_model(of.list, word, *make(kinds));
    }
  }
}

TEST_CASE("a minimal library needs 'keys' for tables that hash their ids") {
  if (skipped()) return;
  ModelSpec spec;
  spec.candidate = {{fb::FieldKind::Id, 4, fb::OutOfTable::Hash}};
  check_model("AUGUR_MINIMAL_EXTRAS", "keys", *make(Kinds::of_library(), spec));
}

TEST_CASE("functions that a minimal library lacks return AUGUR_UNSUPPORTED") {
  if (skipped()) return;
  const Library& library = minimal();
  const std::string list = "AUGUR_MINIMAL_EXTRAS";
  const std::vector<std::uint8_t> file = reference::pack(*make(Kinds::of_library()));
  augur_error error = empty_error();
  augur_model* model = nullptr;
  REQUIRE(library.model_open_buffer(file.data(), file.size(), nullptr, &model, &error) == AUGUR_OK);
  const auto check = [&](const char* word, augur_status status, const char* message) {
    CAPTURE(word);
    CAPTURE(message);
    CHECK((status == AUGUR_UNSUPPORTED) == !has(list, word));
    if (status == AUGUR_UNSUPPORTED) check_lacks(message, list, word);
  };

  augur_table_source source = {};
  source.struct_size = sizeof(source);
  source.data = file.data();
  source.bytes = file.size();
  augur_status status =
      library.model_attach_table_buffer(model, "s0_f0", file.data(), file.size(), &error);
  CHECK(status != AUGUR_OK);
  check(has(list, "deltas") ? "deltas" : "sidecars", status, error.message);
  status = library.model_attach_delta(model, "s0_f0", &source, &error);
  CHECK(status != AUGUR_OK);
  check("deltas", status, error.message);
  check("deltas", library.model_detach_deltas(model, "s0_f0", 0, &error), error.message);
  std::uint32_t row = 0;
  CHECK((library.model_find_integer(model, "s0_f0", 1, &row) == AUGUR_UNSUPPORTED) ==
        !has(list, "keys"));

  augur_session* session = nullptr;
  augur_session_options options = session_options(0, 0, 2);
  CHECK((library.session_bytes(model, &options) == 0) == !has(list, "threads"));
  status = library.session_create(model, &options, nullptr, 0, &session, &error);
  check("threads", status, error.message);
  library.session_destroy(session);
  options.threads = 1;
  options.parallel_for = [](void*, augur_task task, void* context, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      task(context, i);
  };
  session = nullptr;
  status = library.session_create(model, &options, nullptr, 0, &session, &error);
  check("threads", status, error.message);
  library.session_destroy(session);

  REQUIRE(library.session_create(model, nullptr, nullptr, 0, &session, &error) == AUGUR_OK);
  std::size_t bytes = 0;
  status = library.session_save(session, nullptr, &bytes);
  check("saved_sessions", status, library.session_error(session));
  status = library.session_restore(session, file.data(), file.size());
  CHECK(status != AUGUR_OK);
  check("saved_sessions", status, library.session_error(session));
  library.session_destroy(session);
  library.model_close(model);
}

}  // namespace augur::testing
