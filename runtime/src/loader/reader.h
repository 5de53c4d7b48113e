// Reads tensors of a verified file with checked shapes, gives weights in the form that the kernels
// take, and makes messages that say where in the model something is wrong.
#pragma once

#include <cstdint>

#include "augur_generated.h"
#include "common/build_choices.h"
#include "common/error.h"
#include "common/span.h"
#include "kernels/stored_rows.h"
#include "kernels/weight_matrix.h"
#include "memory/arena.h"

namespace augur {

struct Shape {
  std::uint32_t rows = 0;
  std::uint32_t columns = 0;
};

class Reader {
 public:
  // verifying: the hashes of vocabularies are compared with their content.
  Reader(Arena& arena, Fault& error, bool verifying = false)
      : arena_(arena), error_(error), verifying_(verifying) {}

  Arena& arena() { return arena_; }
  Fault& error() { return error_; }
  bool verifying() const { return verifying_; }

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

  // `has`: whether this build of libaugur has the word of the list. If not: AUGUR_UNSUPPORTED.
  augur_status need(bool has, const build::Choice& choice, const char* word) {
    if (has) return AUGUR_OK;
    build::lacks(choice, word, part_, error_);
    return AUGUR_UNSUPPORTED;  // a constant, so that the compiler leaves out what follows
  }
  augur_status expect(bool condition, const char* what);
  augur_status check_count(std::size_t count, const char* what);

  // Rank 2, both sizes within limits, and exactly as many bytes as the shape and the type need.
  augur_status matrix_shape(const fb::Tensor* tensor, const char* name, Shape* shape);
  // As matrix_shape(), and gives a table's rows, which are read in place. Values are not checked.
  augur_status rows(const fb::Tensor* tensor, const char* name, StoredRows* rows) {
    AUGUR_TRY(stored_rows(tensor, name, rows));
    return need_type<build::kTables>(tensor);
  }
  // The values as f32 [rows, columns], whatever their type in the file; the shape must be exactly
  // `expected`. Not-a-number and infinity are refused. f32 values stay in the file; others are
  // expanded into `memory`, which has room for weight_bytes(shape).
  augur_status read_matrix(const fb::Tensor* tensor, const char* name, Shape expected, void* memory,
                           const float** values);
  // Weights of exactly this shape for a product: int8, and int4 that int8 holds exactly, with a
  // scale for each output; every other type as f32. Not-a-number and infinity are refused. f32
  // stays in the file; all other types go into `memory`, which has room for weight_bytes(shape).
  // int8 is copied there, too, because XNNPACK reads past its end, where the file may end.
  augur_status weights(const fb::Tensor* tensor, const char* name, Shape expected, void* memory,
                       WeightMatrix* matrix);
  static std::size_t weight_bytes(Shape shape) {
    return std::size_t{shape.rows} * shape.columns * sizeof(float) + kReadPastEnd;
  }
  // f32 values [size] in the arena; an absent tensor gives nullptr if that is allowed.
  augur_status vector(const fb::Tensor* tensor, const char* name, std::uint32_t size,
                      const float** out);
  augur_status optional_vector(const fb::Tensor* tensor, const char* name, std::uint32_t size,
                               const float** out);
  // A vector of ones [size] in the arena.
  augur_status ones(std::uint32_t size, const float** out);

 private:
  // The tensor must have been checked.
  template <const build::Choice& kList>
  augur_status need_type(const fb::Tensor* tensor) {
    constexpr bool kF32 = kList.has("f32");
    constexpr bool kF16 = kList.has("fp16");
    constexpr bool kI8 = kList.has("int8");
    constexpr bool kI4 = kList.has("int4");
    if constexpr (kF32 && kF16 && kI8 && kI4) return AUGUR_OK;
    switch (tensor->type()) {
      case fb::TensorType::F32:
        return need(kF32, kList, "f32");
      case fb::TensorType::F16:
        return need(kF16, kList, "fp16");
      case fb::TensorType::I8:
        return need(kI8, kList, "int8");
      case fb::TensorType::I4:
        return need(kI4, kList, "int4");
    }
    return AUGUR_OK;
  }
  augur_status stored_rows(const fb::Tensor* tensor, const char* name, StoredRows* rows);
  augur_status exact_rows(const fb::Tensor* tensor, const char* name, Shape expected,
                          StoredRows* stored);
  augur_status check_matrix(const fb::Tensor* tensor, const char* name);
  augur_status check_bytes(const char* name, const char* part, std::uint64_t found,
                           std::uint64_t expected);
  augur_status integer_weights(const StoredRows& rows, const char* name, void* memory,
                               WeightMatrix* matrix);
  augur_status check_finite(const char* name, const float* values, std::size_t count);

  Arena& arena_;
  Fault& error_;
  bool verifying_;
  char part_[192] = "";
};

}  // namespace augur
