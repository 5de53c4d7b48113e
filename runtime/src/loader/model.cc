// Loads the model part by part.
#include <cmath>
#include <cstdio>
#include <cstring>

#include "loader/layers.h"

namespace augur {
namespace {

const char* text(const flatbuffers::String* string) {
  return string == nullptr ? "" : string->c_str();
}

augur_status load_info(Reader& reader, const fb::Model* file, ModelInfo* info) {
  info->name = text(file->name());
  info->producer = text(file->producer());
  info->producer_version = text(file->producer_version());
  info->format = file->format();
  if (file->id()->size() != sizeof(info->id)) {
    return reader.bad("its id has %u bytes, expected %zu", file->id()->size(), sizeof(info->id));
  }
  std::memcpy(info->id, file->id()->data(), sizeof(info->id));
  const std::uint32_t notes = file->notes() == nullptr ? 0 : file->notes()->size();
  info->notes = reader.arena().array<const char*>(notes);
  if (info->notes.size() != notes) return reader.no_memory();
  for (std::uint32_t i = 0; i < notes; ++i)
    info->notes[i] = file->notes()->Get(i)->c_str();
  return AUGUR_OK;
}

augur_status load_tables(Reader& reader, const fb::Model* file, Span<EmbeddingTable>* tables) {
  const std::uint32_t count = file->tables() == nullptr ? 0 : file->tables()->size();
  AUGUR_TRY(reader.check_count(count, "tables"));
  *tables = reader.arena().array<EmbeddingTable>(count);
  if (tables->size() != count) return reader.no_memory();
  for (std::uint32_t i = 0; i < count; ++i) {
    EmbeddingTable& table = (*tables)[i];
    AUGUR_TRY(load_table(reader, file->tables()->Get(i), &table));
    for (std::uint32_t j = 0; j < i; ++j) {
      if (std::strcmp(table.name, (*tables)[j].name) == 0)
        return reader.bad("table '%s' is declared twice", table.name);
    }
  }
  return link_vocabularies(reader, file, *tables);
}

augur_status load_sequences(Reader& reader, const fb::Model* file, Model* model) {
  const std::uint32_t count = file->stacks() == nullptr ? 0 : file->stacks()->size();
  AUGUR_TRY(reader.check_count(count, "stacks"));
  const Span<Sequence> sequences = reader.arena().array<Sequence>(count);
  if (sequences.size() != count) return reader.no_memory();
  for (std::uint32_t i = 0; i < count; ++i) {
    AUGUR_TRY(load_sequence(reader, file->stacks()->Get(i), model->tables, model->candidate,
                            &sequences[i]));
    for (std::uint32_t j = 0; j < i; ++j) {
      if (std::strcmp(sequences[i].name, sequences[j].name) == 0)
        return reader.bad("stack '%s' is declared twice", sequences[i].name);
    }
  }
  model->sequences = sequences;
  return AUGUR_OK;
}

}  // namespace

augur_status load_model(Reader& reader, const fb::Model* file, Model* model) {
  AUGUR_TRY(load_info(reader, file, &model->info));
  AUGUR_TRY(load_tables(reader, file, &model->tables));
  {
    const Reader::Part part(reader, "features");
    AUGUR_TRY(load_fields(reader, file->features(), model->tables, &model->features));
    std::snprintf(model->features.description, sizeof(model->features.description), "features");
  }
  {
    const Reader::Part part(reader, "candidate");
    AUGUR_TRY(load_fields(reader, file->candidate(), model->tables, &model->candidate));
    AUGUR_TRY(reader.expect(!model->candidate.fields.empty(), "has no fields"));
    std::snprintf(model->candidate.description, sizeof(model->candidate.description), "candidates");
  }
  AUGUR_TRY(load_sequences(reader, file, model));
  AUGUR_TRY(load_head(reader, file->head(), *model, &model->head));

  Calibration& calibration = model->calibration;
  if (file->calibration() != nullptr) {
    calibration = {file->calibration()->scale(), file->calibration()->offset()};
    if (!std::isfinite(calibration.scale) || !std::isfinite(calibration.offset)) {
      return reader.bad("the calibration is not finite");
    }
  }
  switch (file->output()) {
    case fb::OutputKind::Sigmoid:
      model->output = OutputKind::kSigmoid;
      return AUGUR_OK;
    case fb::OutputKind::Identity:
      model->output = OutputKind::kIdentity;
      return AUGUR_OK;
  }
  return reader.bad("unknown kind of output %u", static_cast<unsigned>(file->output()));
}

}  // namespace augur
