// What a layer needs to load itself from a verified file: checked shapes, weights as f32, and
// messages that say where in the model something is wrong.
#pragma once

#include <cstdint>

#include "augur_generated.h"
#include "common/error.h"
#include "common/span.h"
#include "memory/arena.h"

namespace augur {

struct Shape {
  std::uint32_t rows = 0;
  std::uint32_t columns = 0;
};

class Reader {
 public:
  Reader(Arena& arena, Error& error) : arena_(arena), error_(error) {}

  Arena& arena() { return arena_; }
  Error& error() { return error_; }

  // Names the part that is being read, for as long as it lives: "stack 'clicks': extractor 0: ...".
  class Part {
   public:
    Part(Reader& reader, const char* format, ...) AUGUR_PRINTF(3, 4);
    ~Part();
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;

   private:
    Reader& reader_;
    std::size_t length_before_;
  };

  // AUGUR_BAD_MODEL with the part's name in front.
  augur_status bad(const char* format, ...) AUGUR_PRINTF(2, 3);
  augur_status no_memory();

  augur_status expect(bool condition, const char* what);
  augur_status check_count(std::size_t count, const char* what);

  // Rank 2, both sizes within limits, and exactly as many bytes as they need.
  augur_status matrix_shape(const fb::Tensor* tensor, const char* name, Shape* shape);
  // f32 values [rows, columns] into `out`; the shape must be exactly that. Not-a-number and
  // infinity are refused.
  augur_status read_matrix(const fb::Tensor* tensor, const char* name, Shape expected, float* out);
  // f32 values [size] in the arena; an absent tensor gives nullptr if that is allowed.
  augur_status vector(const fb::Tensor* tensor, const char* name, std::uint32_t size,
                      const float** out);
  augur_status optional_vector(const fb::Tensor* tensor, const char* name, std::uint32_t size,
                               const float** out);

 private:
  augur_status check_data(const fb::Tensor* tensor, const char* name, std::uint64_t values);
  augur_status read_values(const fb::Tensor* tensor, const char* name, std::size_t values,
                           float* out);

  Arena& arena_;
  Error& error_;
  char part_[192] = "";
};

}  // namespace augur
