// A catalogue that changes from day to day: for each day its sidecar, and the delta from the day
// before.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "augur_generated.h"
#include "reference/request.h"
#include "runtime/support/handles.h"

namespace augur::testing {

// The keys of a day, as text, with their rows.
using DayKeys = std::map<std::string, std::uint32_t>;

// A small random model whose item table is external. Every day two rows change, one of which is the
// newest, and one row is new.
//
// With keys, each row has one of its own, key_of(row). Further keys are aliases: one moves to
// another row on day 2, and each of three is removed on one of the days 1 to 3.
class CatalogueDays {
 public:
  static constexpr const char* kTable = "s0_f0";
  static constexpr const char* kMovedKey = "500";
  static constexpr const char* kRemovedKeys[] = {"601", "602", "603"};

  CatalogueDays(fb::TensorType type, std::size_t days, fb::KeyType keys = fb::KeyType::Row);

  static std::string key_of(std::uint32_t row) { return std::to_string(1000 + row); }
  // With keys: all of that day.
  DayKeys keys(std::size_t day) const;

  std::size_t days() const { return sidecars.size(); }
  // The logits of a model with the table of that day inside, for a request of that day.
  std::vector<float> expected(std::size_t day) const;
  // The same request, ranked by `opened`; with integer keys, by those.
  std::vector<float> logits(const augur_model* opened, std::size_t day) const;

  std::vector<std::uint8_t> model;
  std::vector<std::vector<std::uint8_t>> sidecars;  // [days]
  std::vector<std::vector<std::uint8_t>> deltas;    // [days - 1], from each day to the next

 private:
  reference::Request request(std::size_t day) const;

  std::vector<std::unique_ptr<fb::ModelT>> whole_;  // with the table inside, without keys
  fb::KeyType key_type_;
};

// These must succeed: std::runtime_error with the message if they do not.
ModelHandle open_model(const std::vector<std::uint8_t>& file,
                       const augur_model_options* options = nullptr);
void attach_sidecar(const ModelHandle& model, const std::vector<std::uint8_t>& sidecar);
void attach_delta(const ModelHandle& model, const std::vector<std::uint8_t>& delta);

augur_status try_delta(const ModelHandle& model, const std::vector<std::uint8_t>& delta,
                       augur_error* error = nullptr);

augur_table_info table_info(const ModelHandle& model, const std::string& table);

}  // namespace augur::testing
