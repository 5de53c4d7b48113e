// A catalogue that changes from day to day: for each day its sidecar, and the delta from the day
// before.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "augur_generated.h"
#include "runtime/support/handles.h"

namespace augur::testing {

// A small random model whose item table is external. Every day two rows change, one of which is the
// newest, and one row is new.
class CatalogueDays {
 public:
  static constexpr const char* kTable = "s0_f0";

  CatalogueDays(fb::TensorType type, std::size_t days);

  std::size_t days() const { return sidecars.size(); }
  // The logits of a model with the table of that day inside, for a request of that day.
  std::vector<float> expected(std::size_t day) const;
  // The same request, ranked by `opened`.
  std::vector<float> logits(const augur_model* opened, std::size_t day) const;

  std::vector<std::uint8_t> model;
  std::vector<std::vector<std::uint8_t>> sidecars;  // [days]
  std::vector<std::vector<std::uint8_t>> deltas;    // [days - 1], from each day to the next

 private:
  std::vector<std::unique_ptr<fb::ModelT>> whole_;  // with the table inside
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
