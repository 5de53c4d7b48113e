// Writes what the tests on a JVM need: augur_jvm_fixtures GOLDEN-FOLDER FOLDER
//
// Models, sidecars and deltas; and for each of many requests a file NAME.case, which holds the
// request and what the C API answers, bit by bit. A case is a text with a line for each thing:
//
//   model FILE
//   attach table|delta TABLE FILE
//   column feature|candidates|history:STACK NAME ids|keys|floats WIDTH counts N C... values N V...
//   rows candidates|history:STACK N
//   scores N B..., logits N B...       floats as their bits
//   top N INDEX...
//   explain STACK N B...               the attention of candidate 0
//
// Keys are hexadecimal bytes, "-" for the empty one.
#include <augur/augur.h>

#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "delta/make_delta.h"
#include "reference/build.h"
#include "requests/request.h"
#include "support/keyed_models.h"
#include "support/models.h"
#include "write/model_file.h"

namespace augur::tools_test {
namespace {

namespace fs = std::filesystem;

struct CloseModel {
  void operator()(augur_model* model) const { augur_model_close(model); }
};
struct DestroySession {
  void operator()(augur_session* session) const { augur_session_destroy(session); }
};

void check(augur_status status, const char* message) {
  if (status != AUGUR_OK) throw std::runtime_error(message);
}

std::string hex(std::string_view bytes) {
  if (bytes.empty()) return "-";
  std::string text;
  for (const char c : bytes) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(c));
    text += digits;
  }
  return text;
}

std::string bits(float value) {
  std::uint32_t number = 0;
  std::memcpy(&number, &value, sizeof number);
  char digits[9];
  std::snprintf(digits, sizeof digits, "%08x", number);
  return digits;
}

template <typename Values, typename Text>
void write_values(std::ostream& out, const char* name, const Values& values, Text text) {
  out << name << ' ' << values.size();
  for (std::size_t i = 0; i < values.size(); ++i)
    out << ' ' << text(values[i]);
}

void write_columns(std::ostream& out, const std::string& group,
                   const requests::RequestColumns& set) {
  for (std::size_t field = 0; field < set.group().fields.size(); ++field) {
    const requests::DeclaredField& declared = set.group().fields[field];
    const requests::RequestColumn& column = set.values(field);
    if (!column.given) continue;
    const char* kind = !declared.is_id() ? "floats" : declared.has_string_keys() ? "keys" : "ids";
    out << "column " << group << ' ' << declared.name << ' ' << kind << ' '
        << (declared.kind == AUGUR_VECTOR ? declared.width : 1) << ' ';
    // An empty list of counts belongs to a column with several ids a row, too.
    if (declared.kind == AUGUR_IDS) {
      write_values(out, "counts", column.counts, [](std::uint32_t c) { return std::to_string(c); });
      out << ' ';
    }
    if (!declared.is_id()) {
      write_values(out, "values", column.values, bits);
    } else if (declared.has_string_keys()) {
      write_values(out, "values", column.strings, hex);
    } else {
      write_values(out, "values", column.ids, [](std::int64_t id) { return std::to_string(id); });
    }
    out << '\n';
  }
  if (group != "feature") out << "rows " << group << ' ' << set.row_count() << '\n';
}

struct Attached {
  const char* what;  // "table" or "delta"
  std::string table;
  std::string file;
};

class Fixtures {
 public:
  explicit Fixtures(fs::path folder) : folder_(std::move(folder)) {}

  void write(const std::string& name, const std::vector<std::uint8_t>& bytes) const {
    std::ofstream file(folder_ / name, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    if (!file.flush()) throw std::runtime_error("cannot write " + name);
  }

  void copy(const fs::path& from, const std::string& name) const {
    fs::copy_file(from, folder_ / name, fs::copy_options::overwrite_existing);
  }

  // Ranks a request, a line of JSON, and writes NAME.case.
  void write_case(const std::string& name, const std::string& model_file, std::string_view line,
                  const std::vector<Attached>& attached = {}) const {
    augur_error error = {sizeof error, 0, ""};
    augur_model* opened = nullptr;
    check(augur_model_open_file((folder_ / model_file).c_str(), nullptr, &opened, &error),
          error.message);
    const std::unique_ptr<augur_model, CloseModel> model(opened);
    std::ofstream out(folder_ / (name + ".case"));
    out << "model " << model_file << '\n';
    for (const Attached& part : attached) {
      const std::string path = folder_ / part.file;
      augur_table_source source = {};
      source.struct_size = sizeof source;
      source.path = path.c_str();
      const auto attach = std::strcmp(part.what, "delta") == 0 ? augur_model_attach_delta
                                                               : augur_model_attach_table_from;
      check(attach(model.get(), part.table.c_str(), &source, &error), error.message);
      out << "attach " << part.what << ' ' << part.table << ' ' << part.file << '\n';
    }
    const requests::ModelFields fields = requests::declared_fields(*model);
    requests::Request request(fields);
    requests::parse_request(line, name, fields, request);
    write_answers(out, *model, request);
    if (!out.flush()) throw std::runtime_error("cannot write " + name);
  }

 private:
  static void write_answers(std::ostream& out, const augur_model& model,
                            const requests::Request& request) {
    augur_error error = {sizeof error, 0, ""};
    augur_session* created = nullptr;
    check(augur_session_create(&model, nullptr, nullptr, 0, &created, &error), error.message);
    const std::unique_ptr<augur_session, DestroySession> session(created);
    const auto check_call = [&session](augur_status status) {
      check(status, augur_session_error(session.get()));
    };
    for (const augur_column& column : request.features.columns())
      check_call(augur_session_set_feature(session.get(), &column));
    write_columns(out, "feature", request.features);
    for (const requests::RequestColumns& history : request.histories) {
      const std::string stack = stack_name(model, request, history);
      check_call(augur_session_set_history(session.get(), stack.c_str(), history.columns().data(),
                                           history.columns().size(), history.row_count()));
      write_columns(out, "history:" + stack, history);
    }
    write_columns(out, "candidates", request.candidates);

    const std::vector<augur_column>& columns = request.candidates.columns();
    const std::size_t count = request.candidates.row_count();
    std::vector<float> scores(count), logits(count);
    check_call(augur_rank(session.get(), columns.data(), columns.size(), count, scores.data(),
                          logits.data()));
    write_values(out, "scores", scores, bits);
    write_values(out << '\n', "logits", logits, bits);
    std::vector<std::size_t> top(count);
    std::size_t found = 0;
    check_call(augur_rank_top_k(session.get(), columns.data(), columns.size(), count, count,
                                top.data(), scores.data(), &found));
    write_values(out << '\n', "top", top, [](std::size_t i) { return std::to_string(i); });
    out << '\n';
    for (const requests::RequestColumns& history : request.histories) {
      const std::string stack = stack_name(model, request, history);
      std::vector<float> weights(augur_session_history_length(session.get(), stack.c_str()));
      std::size_t length = 0;
      if (augur_explain(session.get(), stack.c_str(), columns.data(), columns.size(), count, 0,
                        weights.data(), weights.size(), &length) != AUGUR_OK)
        continue;  // the stack has no attention
      write_values(out << "explain " << stack << ' ', "weights", weights, bits);
      out << '\n';
    }
  }

  static std::string stack_name(const augur_model& model, const requests::Request& request,
                                const requests::RequestColumns& history) {
    augur_stack_info info = {};
    info.struct_size = sizeof info;
    const auto index = static_cast<std::uint32_t>(&history - request.histories.data());
    check(augur_model_get_stack(&model, index, &info), "no such stack");
    return info.name;
  }

  fs::path folder_;
};

std::vector<std::string> lines_of(const fs::path& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);)
    lines.push_back(line);
  if (lines.empty()) throw std::runtime_error("no request in " + path.string());
  return lines;
}

// Keys that modified UTF-8 and texts that end with a zero byte would spoil.
const std::vector<std::string> kTextKeys = {std::string("a\0b", 3),
                                            "a",
                                            std::string("\0", 1),
                                            "zelt \xc3\xa4",
                                            "\xf0\x9f\x98\x80",
                                            "\xe2\x82\xac 5",
                                            "",
                                            "plain",
                                            "\xf0\x9f\x98\x80\xf0\x9d\x84\x9e"};

void write_models(const Fixtures& out) {
  out.write("dien.augur", packed(*small_dien()));
  out.write("kinds.augur", packed(*every_kind()));
  out.write("keyed.augur", packed(*keyed_dien()));
  const auto text = keyed_dien();
  add_vocabulary(*text->tables[1], kTextKeys, {9, 8, 7, 6, 5, 4, 3, 2, 1});
  out.write("text.augur", packed(*text));
  const auto overflowing = every_kind();
  overflowing->calibration = std::make_unique<fb::CalibrationT>();
  overflowing->calibration->scale = 1e6f;
  out.write("overflow.augur", packed(*overflowing));
  const auto newer = small_dien();
  newer->format = 99;
  newer->producer_version = "9.9";
  out.write("newer.augur", packed(*newer));
  DienSize size;
  size.history = 65536;
  out.write("long.augur", packed(*dien(size)));
  // As large as the shop's model of the demo.
  size.items = 3080;
  size.item_width = 18;
  size.category_width = 18;
  size.units = 36;
  size.history = 50;
  size.head_units = 80;
  out.write("shop.augur", packed(*dien(size)));
}

// small_dien() with its items' rows beside it, on two days.
void write_parted(const Fixtures& out) {
  const auto model = small_dien();
  fb::EmbeddingTableT& items = *model->tables[1];
  const std::string name = items.name;
  const std::unique_ptr<fb::TensorT> rows = std::move(items.weights);
  items.external = true;
  items.weights = reference::make_tensor(0, 3, {});
  const std::vector<std::uint8_t> file = convert::pack_model(*model, "fixtures", "1");
  out.write("parted.augur", file);
  fb::ModelT owner;
  owner.id = reference::unpack(file)->id;
  auto changed = std::make_unique<fb::TensorT>(*rows);
  changed->data[std::size_t{4} * 3 * sizeof(float) + 3] ^= 0x80;  // the sign of row 4's first value
  const convert::SidecarFile days[] = {
      {"before", convert::pack_table(owner, name, std::make_unique<fb::TensorT>(*rows))},
      {"after", convert::pack_table(owner, name, std::move(changed))}};
  out.write("before.augurtable", days[0].bytes);
  out.write("after.augurtable", days[1].bytes);
  out.write("day.augurdelta", convert::make_delta(days[0], days[1]).file);
  const char* request =
      R"({"id":"r","features":{"user":2},"history":{"item":[4,1],"category":[1,2]},)"
      R"("candidates":{"item":[4,9,0],"category":[3,0,1]}})";
  out.write_case("parted-before", "parted.augur", request, {{"table", name, "before.augurtable"}});
  out.write_case("parted-after", "parted.augur", request, {{"table", name, "after.augurtable"}});
  out.write_case("parted-delta", "parted.augur", request,
                 {{"table", name, "before.augurtable"}, {"delta", name, "day.augurdelta"}});
}

std::string shop_request(int candidates) {
  std::ostringstream items, categories, clicked, clicked_categories;
  for (int i = 0; i < candidates; ++i) {
    items << (i == 0 ? "" : ",") << i * 37 % 3080;
    categories << (i == 0 ? "" : ",") << i % 4;
  }
  for (int i = 0; i < 50; ++i) {
    clicked << (i == 0 ? "" : ",") << i * 59 % 3080;
    clicked_categories << (i == 0 ? "" : ",") << i % 3;
  }
  return R"({"id":"r","features":{"user":3},"history":{"item":[)" + clicked.str() +
         R"(],"category":[)" + clicked_categories.str() + R"(]},"candidates":{"item":[)" +
         items.str() + R"(],"category":[)" + categories.str() + "]}}";
}

void write_cases(const Fixtures& out, const fs::path& golden) {
  for (const char* name : {"format1", "format2", "format3", "format3_functions", "format4"}) {
    out.copy(golden / (std::string(name) + ".augur"), std::string(name) + ".augur");
    out.write_case(std::string("golden-") + name, std::string(name) + ".augur",
                   lines_of(golden / (std::string(name) + ".request.jsonl"))[0]);
  }
  out.write_case("dien", "dien.augur",
                 R"({"id":"r","features":{"user":4},"history":{"item":[3,9,1],"category":[1,3,2]},)"
                 R"("candidates":{"item":[7,8,0,9,2],"category":[2,2,1,0,3]}})");
  out.write_case("no-history", "dien.augur",
                 R"({"id":"r","features":{"user":0},"history":{},)"
                 R"("candidates":{"item":[7],"category":[2]}})");
  out.write_case(
      "kinds", "kinds.augur",
      R"({"id":"r","features":{"age":0.5,"tags":[1,2,3],"face":[0.25,-1,2]},)"
      R"("history":{"clicks":{"item":[1,2]},)"
      R"("skips":{"tags":[[1],[],[2,3]],"price":[1,2,-0.5],"look":[[0,1],[2,3],[4,5]]}},)"
      R"("candidates":{"item":[1,2,3],"tags":[[1,2],[],[3]],"price":[0.5,-0.25,8],)"
      R"("look":[[0,0],[1,-1],[0.5,2]]}})");
  out.write_case("keyed", "keyed.augur",
                 R"({"id":"r","features":{"user":9007199254740993},)"
                 R"("history":{"item":["tents-104","zelt ä"],"category":[1,3]},)"
                 R"("candidates":{"item":["","tents-6","sleeping-bags-17"],"category":[2,0,1]}})");
  out.write_case("text", "text.augur",
                 R"({"id":"r","features":{"user":-5},)"
                 R"("history":{"item":["a\u0000b","😀"],"category":[1,3]},)"
                 R"("candidates":{"item":["a","\u0000","","😀𝄞","€ 5","zelt ä","a\u0000b"],)"
                 R"("category":[2,0,1,1,1,1,1]}})");
  out.write_case("shop-100", "shop.augur", shop_request(100));
  out.write_case("shop-1000", "shop.augur", shop_request(1000));
}

}  // namespace
}  // namespace augur::tools_test

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: augur_jvm_fixtures GOLDEN-FOLDER FOLDER\n");
    return 2;
  }
  try {
    std::filesystem::create_directories(argv[2]);
    const augur::tools_test::Fixtures out(argv[2]);
    augur::tools_test::write_models(out);
    augur::tools_test::write_parted(out);
    augur::tools_test::write_cases(out, argv[1]);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "augur_jvm_fixtures: %s\n", error.what());
    return 1;
  }
}
