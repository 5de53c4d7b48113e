// An example of a page: converted, opened, ranked; see example.h.
#include "example.h"

#include <cmath>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>

#include "augur/augur.h"
#include "commands/run.h"
#include "requests/answer.h"
#include "requests/request.h"
#include "support/temp_folder.h"

namespace augur::docs {
namespace {

using convert::Json;

void write_text(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
}

// Every table of the pages has at least five rows.
Json made_up_value(const requests::DeclaredField& field, int row) {
  if (field.has_string_keys()) {
    const std::string key = "key-" + std::to_string(1 + row % 4);
    return field.kind == AUGUR_ID ? Json(key) : Json::array({key, "key-0"});
  }
  switch (field.kind) {
    case AUGUR_ID:
      return 1 + row % 4;
    case AUGUR_IDS:
      return Json::array({1 + row % 4, 0, 2});
    case AUGUR_NUMBER:
      return 0.5 - 0.3 * row;
    default: {
      Json values = Json::array();
      for (std::uint32_t i = 0; i < field.width; ++i)
        values.push_back(0.1 * static_cast<double>(i) + 0.2 * row);
      return values;
    }
  }
}

Json made_up_rows(const requests::DeclaredFields& group, int rows) {
  Json columns = Json::object();
  for (const requests::DeclaredField& field : group.fields) {
    Json column = Json::array();
    for (int row = 0; row < rows; ++row)
      column.push_back(made_up_value(field, row));
    columns[field.name] = std::move(column);
  }
  return columns;
}

// No events, one, several.
std::string made_up_requests(const requests::ModelFields& fields) {
  std::string lines;
  for (const int events : {0, 1, 7}) {
    Json request = {{"id", std::to_string(events)}, {"features", Json::object()}};
    for (const requests::DeclaredField& field : fields.features.fields)
      request["features"][field.name] = made_up_value(field, 2);
    for (const requests::DeclaredFields& stack : fields.sequences) {
      const std::string& name =
          fields.sequence_names[static_cast<std::size_t>(&stack - fields.sequences.data())];
      request["history"][name] = made_up_rows(stack, events);
    }
    request["candidates"] = made_up_rows(fields.candidates, 3);
    lines += request.dump() + "\n";
  }
  return lines;
}

std::vector<requests::Answer> rank(const std::string& path, const std::string& given) {
  augur_error error = {};
  error.struct_size = sizeof error;
  augur_model* opened = nullptr;
  if (augur_model_open_file(path.c_str(), nullptr, &opened, &error) != AUGUR_OK) {
    throw std::runtime_error(error.message);
  }
  const std::unique_ptr<augur_model, void (*)(augur_model*)> model(opened, augur_model_close);
  const requests::ModelFields fields = requests::declared_fields(*model);
  requests::RequestRanker scorer(*model, fields);
  requests::Request request(fields);
  std::vector<requests::Answer> answers;
  std::istringstream lines(given.empty() ? made_up_requests(fields) : given);
  std::string line;
  while (std::getline(lines, line)) {
    requests::parse_request(line, "request " + std::to_string(answers.size()), fields, request);
    answers.emplace_back();
    scorer.rank(request, answers.back());
  }
  return answers;
}

}  // namespace

void add_tensors(const std::string& block, convert::testing::TensorSet& tensors) {
  std::istringstream lines(block);
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string name, rest;
    words >> name;
    std::getline(words, rest);
    const std::size_t end = rest.find(']');
    if (end == std::string::npos) throw std::runtime_error("not a tensor: " + line);
    const auto shape = Json::parse(rest.substr(0, end + 1)).get<std::vector<std::int64_t>>();
    const bool positive = rest.find("positive", end) != std::string::npos;
    std::int64_t count = 1;
    for (const std::int64_t size : shape)
      count *= size;
    std::vector<float> values;
    for (std::int64_t i = 1; i <= count; ++i) {
      const double value = 0.5 * std::sin(static_cast<double>(i));
      values.push_back(static_cast<float>(positive ? value + 1 : value));
    }
    tensors.add(name, shape, std::move(values));
  }
}

Outcome run(const Example& example) {
  const testing::TempFolder folder;
  example.tensors.write_safetensors(folder.path("w.safetensors"));
  write_text(folder.path("model.json"), example.description.dump());
  for (const auto& [name, content] : example.files)
    write_text(folder.path(name), content);
  const std::vector<std::string> arguments = {"--weights", folder.path("w.safetensors"),
                                              "--model",   folder.path("model.json"),
                                              "--out",     folder.path("m.augur")};
  std::ostringstream out, err;
  Outcome outcome;
  outcome.status = convert::run_augur_convert(arguments, {out, err});
  outcome.messages = err.str();
  if (outcome.status == 0) outcome.answers = rank(folder.path("m.augur"), example.requests);
  return outcome;
}

}  // namespace augur::docs
