// Compatibility of the C API's structs between versions of the library. Each struct begins with
// struct_size, which the caller sets to its own sizeof.
//
//   smaller than here   The caller was compiled with an older header. In structs that it gives,
//                       later members take their default (0). Structs that it receives are filled
//                       up to struct_size.
//   larger than here    The caller was compiled with a newer header. In structs that it gives, all
//                       bytes beyond the members known here must be zero. In structs that it
//                       receives, they are set to zero.
//
// A new member at the end of a struct needs no change here. No padding may stand before it, on
// 32-bit platforms either, because callers do not set padding to zero. A new struct needs a line
// below that names the last member of its first version; a smaller struct_size is an error.
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
AUGUR_FIRST_FORM(augur_content, content_hash);
AUGUR_FIRST_FORM(augur_table_source, memory_bytes);
AUGUR_FIRST_FORM(augur_model_info, calibration_offset);
AUGUR_FIRST_FORM(augur_field_info, out_of_table);
AUGUR_FIRST_FORM(augur_stack_info, field_count);
AUGUR_FIRST_FORM(augur_table_info, converted_rows_hash);
AUGUR_FIRST_FORM(augur_session_options, tile);
AUGUR_FIRST_FORM(augur_column, length);
AUGUR_FIRST_FORM(augur_restore_report, dropped_events);
AUGUR_FIRST_FORM(augur_each_options, statuses);

#undef AUGUR_FIRST_FORM

// Copies the caller's struct of `given->struct_size` bytes into *copy; members beyond that become
// 0. AUGUR_INVALID_ARGUMENT if it is smaller than the first form or absurdly large,
// AUGUR_UNSUPPORTED if a member that is not known here is not zero.
augur_status read_struct_bytes(const void* given, const char* name, std::size_t first_bytes,
                               void* copy, std::size_t bytes, Fault& error);
// Fills the caller's struct of out->struct_size bytes, and sets members that this library does not
// know to 0. struct_size itself stays. Returns false if it is smaller than the first form or
// absurdly large.
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
