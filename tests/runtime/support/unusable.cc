// Candidates that cannot be used.
#include "runtime/support/unusable.h"

#include <cstring>
#include <limits>
#include <stdexcept>

#include "reference/random_model.h"

namespace augur::testing {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::string name_of(std::size_t candidate_field) {
  return "c" + std::to_string(candidate_field);
}

reference::ModelSpec with_fields(reference::ModelSpec spec) {
  spec.candidate.push_back({fb::FieldKind::Vector, 6});
  spec.candidate.push_back({fb::FieldKind::Id, 3});
  spec.slots.clear();  // the head reads every field
  return spec;
}

const fb::EmbeddingTableT& table_of(const fb::ModelT& model, const std::string& name) {
  for (const auto& table : model.tables) {
    if (table->name == name) return *table;
  }
  throw std::out_of_range("no table " + name);
}

std::unique_ptr<fb::ModelT> with_bad_row(std::unique_ptr<fb::ModelT> model,
                                         const std::string& name) {
  auto& data = table_of(*model, name).weights->data;
  std::memcpy(data.data() + data.size() - sizeof(kNan), &kNan, sizeof(kNan));
  return model;
}

}  // namespace

UnusableModel::UnusableModel(reference::ModelSpec spec)
    : TestModel(with_bad_row(reference::random_model(with_fields(spec)),
                             name_of(spec.candidate.size() + 1))),
      vector_(name_of(spec.candidate.size())),
      id_(name_of(spec.candidate.size() + 1)) {}

std::int64_t UnusableModel::bad_row() const {
  return table_of(parts(), id_).weights->shape[0] - 1;
}

reference::Request UnusableModel::request(std::uint64_t seed, std::size_t events,
                                          std::size_t candidates) const {
  reference::Generator generator(seed);
  reference::Request request = reference::random_request(parts(), generator, events, candidates);
  for (reference::Cell& cell : request.candidates.columns.at(id_))
    cell.ids[0] %= bad_row();
  return request;
}

void UnusableModel::use_unknown_id(reference::Rows& candidates, std::size_t row) const {
  candidates.columns.at(id_).at(row).ids = {1000};
}

void UnusableModel::use_bad_number(reference::Rows& candidates, std::size_t row) const {
  candidates.columns.at(vector_).at(row).values[3] = kNan;
}

void UnusableModel::use_bad_row(reference::Rows& candidates, std::size_t row) const {
  candidates.columns.at(id_).at(row).ids = {bad_row()};
}

void UnusableModel::overflow(reference::Rows& candidates, std::size_t row) const {
  candidates.columns.at(vector_).at(row).values = {3e38f, -3e38f, 3e38f, -3e38f, 3e38f, -3e38f};
}

void UnusableModel::spoil(reference::Rows& candidates, std::size_t row, std::size_t choice) const {
  switch (choice % 4) {
    case 0:
      return use_unknown_id(candidates, row);
    case 1:
      return use_bad_number(candidates, row);
    case 2:
      return use_bad_row(candidates, row);
    default:
      return overflow(candidates, row);
  }
}

EachAnswer rank_each(augur_session* session, const fb::ModelT& model,
                     const reference::Rows& candidates) {
  const ColumnSet columns(model.candidate, candidates);
  const std::size_t count = candidates.count;
  EachAnswer answer = {AUGUR_OK, std::vector<augur_status>(count, AUGUR_UNSUPPORTED),
                       std::vector<float>(count), std::vector<float>(count)};
  const augur_each_options options = {sizeof(options), answer.statuses.data()};
  answer.status = augur_rank_each(session, columns.data(), columns.size(), count,
                                  answer.scores.data(), answer.logits.data(), &options);
  return answer;
}

TopAnswer top_k_each(augur_session* session, const fb::ModelT& model,
                     const reference::Rows& candidates, std::size_t k) {
  const ColumnSet columns(model.candidate, candidates);
  TopAnswer answer = {AUGUR_OK, std::vector<augur_status>(candidates.count, AUGUR_UNSUPPORTED),
                      std::vector<std::size_t>(k), std::vector<float>(k)};
  const augur_each_options options = {sizeof(options), answer.statuses.data()};
  std::size_t count = k;
  answer.status =
      augur_rank_top_k_each(session, columns.data(), columns.size(), candidates.count, k,
                            answer.indices.data(), answer.scores.data(), &count, &options);
  answer.indices.resize(count);
  answer.scores.resize(count);
  return answer;
}

}  // namespace augur::testing
