// The structs of augur.h 0.1, as an app compiled with that version has them. They must not be
// changed.
#pragma once

#include <cstddef>
#include <cstdint>

#include "augur/augur.h"

namespace augur::testing::v0_1 {

struct ErrorStruct {
  size_t struct_size;
  size_t required_bytes;
  char message[480];
};

struct ModelOptions {
  size_t struct_size;
  void* memory;
  size_t memory_bytes;
};

struct ModelInfo {
  size_t struct_size;
  const char* name;
  const char* producer;
  const char* producer_version;
  uint8_t id[32];
  uint32_t format;
  uint32_t feature_count;
  uint32_t candidate_field_count;
  uint32_t stack_count;
  uint32_t note_count;
  size_t file_bytes;
  size_t arena_bytes;
  size_t arena_used_bytes;
  float calibration_scale;
  float calibration_offset;
};

struct FieldInfo {
  size_t struct_size;
  const char* name;
  augur_field_kind kind;
  uint32_t width;
  const char* table;
  uint32_t table_rows;
  augur_out_of_table out_of_table;
};

struct StackInfo {
  size_t struct_size;
  const char* name;
  uint32_t max_history;
  uint32_t field_count;
};

struct SessionOptions {
  size_t struct_size;
  uint32_t max_history;
  uint32_t tile;
  uint32_t threads;
  uint32_t streaming;
};

struct Column {
  size_t struct_size;
  const char* name;
  const int64_t* ids;
  const float* values;
  const uint32_t* counts;
  size_t length;
};

}  // namespace augur::testing::v0_1
