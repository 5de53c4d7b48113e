// A model opened from the bytes of its file, through the C API.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "augur/augur.h"
#include "convert/conversion.h"

namespace augur::convert {

class OpenModel {
 public:
  // `file` and the sidecars must outlive it. Throws Error, with the file's name in front, unless
  // the runtime opens and attaches the bytes.
  OpenModel(const std::vector<uint8_t>& file, const std::string& name,
            const std::vector<Sidecar>& sidecars = {});
  ~OpenModel() { augur_model_close(model_); }
  OpenModel(const OpenModel&) = delete;
  OpenModel& operator=(const OpenModel&) = delete;

  const augur_model& get() const { return *model_; }

 private:
  augur_model* model_ = nullptr;
};

}  // namespace augur::convert
