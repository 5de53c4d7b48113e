// Loading the network part by part.
#include "model/network.h"

#include <cmath>
#include <cstdio>
#include <cstring>

#include "kernels/elementary.h"

namespace augur {

augur_status Network::load(Reader& reader, const fb::Model* file) {
  const std::uint32_t table_count = file->tables() == nullptr ? 0 : file->tables()->size();
  AUGUR_TRY(reader.check_count(table_count, "tables"));
  tables = reader.arena().array<Table>(table_count);
  if (tables.size != table_count) return reader.no_memory();
  for (std::uint32_t i = 0; i < table_count; ++i) {
    AUGUR_TRY(tables[i].load(reader, file->tables()->Get(i)));
    for (std::uint32_t j = 0; j < i; ++j) {
      if (std::strcmp(tables[i].name(), tables[j].name()) == 0) {
        return reader.bad("table '%s' is declared twice", tables[i].name());
      }
    }
  }
  {
    const Reader::Part part(reader, "features");
    AUGUR_TRY(features.load(reader, file->features(), tables));
    std::snprintf(features.description, sizeof(features.description), "features");
  }
  {
    const Reader::Part part(reader, "candidate");
    AUGUR_TRY(candidate.load(reader, file->candidate(), tables));
    AUGUR_TRY(reader.expect(!candidate.fields.empty(), "has no fields"));
    std::snprintf(candidate.description, sizeof(candidate.description), "candidates");
  }

  const std::uint32_t stack_count = file->stacks() == nullptr ? 0 : file->stacks()->size();
  AUGUR_TRY(reader.check_count(stack_count, "stacks"));
  stacks = reader.arena().array<Stack>(stack_count);
  if (stacks.size != stack_count) return reader.no_memory();
  for (std::uint32_t i = 0; i < stack_count; ++i) {
    AUGUR_TRY(stacks[i].load(reader, file->stacks()->Get(i), tables, candidate));
    for (std::uint32_t j = 0; j < i; ++j) {
      if (std::strcmp(stacks[i].name(), stacks[j].name()) == 0) {
        return reader.bad("stack '%s' is declared twice", stacks[i].name());
      }
    }
  }
  AUGUR_TRY(head.load(reader, file->head(), features, candidate, stacks));

  if (file->calibration() != nullptr) {
    calibration = {file->calibration()->scale(), file->calibration()->offset()};
    if (!std::isfinite(calibration.scale) || !std::isfinite(calibration.offset)) {
      return reader.bad("the calibration is not finite");
    }
  }
  switch (file->output()) {
    case fb::OutputKind::Sigmoid:
      output = OutputKind::kSigmoid;
      return AUGUR_OK;
    case fb::OutputKind::Identity:
      output = OutputKind::kIdentity;
      return AUGUR_OK;
  }
  return reader.bad("unknown kind of output %u", static_cast<unsigned>(file->output()));
}

float Network::score_of(float logit) const {
  return output == OutputKind::kIdentity ? logit : sigmoid_f32(logit);
}

}  // namespace augur
