// The structs of the C API between versions: each begins with struct_size, the caller's sizeof.
//
//   the caller's is smaller   an older caller. What it gives lacks the members that came later,
//                             which take their default (0); what it gets is filled as far as it
//                             goes.
//   the caller's is larger    a newer caller. What it gives must be zero in what is not known here;
//                             what it gets is zero there.
//
// A member added at a struct's end needs nothing here, but no padding may come before it, on 32
// bits either: nobody sets padding to zero. Only a new struct does: its line below, with its last
// member when it first appeared. Smaller ones than that there never were.
#pragma once

#include <cstddef>

#include "common/error.h"

namespace augur {

template <typename Struct>
struct FirstForm;

#define AUGUR_FIRST_FORM(Struct, last_member)                        \
  template <>                                                        \
  struct FirstForm<Struct> {                                         \
    static constexpr const char* kName = #Struct;                    \
    static constexpr std::size_t kBytes =                            \
        offsetof(Struct, last_member) + sizeof(Struct::last_member); \
  }

AUGUR_FIRST_FORM(augur_error, required_bytes);
AUGUR_FIRST_FORM(augur_model_options, memory_bytes);
AUGUR_FIRST_FORM(augur_table_source, memory_bytes);
AUGUR_FIRST_FORM(augur_model_info, calibration_offset);
AUGUR_FIRST_FORM(augur_field_info, out_of_table);
AUGUR_FIRST_FORM(augur_stack_info, field_count);
AUGUR_FIRST_FORM(augur_table_info, converted_rows_hash);
AUGUR_FIRST_FORM(augur_session_options, tile);
AUGUR_FIRST_FORM(augur_column, length);

#undef AUGUR_FIRST_FORM

// The caller's struct of `given->struct_size` bytes into *copy, whose members beyond that become 0.
// AUGUR_INVALID_ARGUMENT if it is smaller than the first form or absurdly large, AUGUR_UNSUPPORTED
// if a member that is not known here is not zero.
augur_status read_struct_bytes(const void* given, const char* name, std::size_t first_bytes,
                               void* copy, std::size_t bytes, Fault& error);
// What is known into the caller's struct of out->struct_size bytes, which stays; false if that is
// smaller than the first form or absurdly large.
bool write_struct_bytes(const void* filled, std::size_t bytes, std::size_t first_bytes, void* out);

template <typename Struct>
augur_status read_struct(const Struct* given, Struct* copy, Fault& error) {
  using First = FirstForm<Struct>;
  return read_struct_bytes(given, First::kName, First::kBytes, copy, sizeof(Struct), error);
}

template <typename Struct>
bool write_struct(const Struct& filled, Struct* out) {
  return write_struct_bytes(&filled, sizeof(Struct), FirstForm<Struct>::kBytes, out);
}

}  // namespace augur
