// What augur-bench asks the system about its own process, and the cores that it may run on.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace augur::bench {

// "0,4-7" gives 0, 4, 5, 6, 7, each number once, in ascending order. Throws UsageError.
std::vector<unsigned> parse_cores(const std::string& text);

// Binds the calling thread, and the threads that it will start, to these cores. Throws Error if
// the system does not give all of them.
void bind_to_cores(const std::vector<unsigned>& cores);

// The process's resident memory in bytes; nothing where the system does not tell it.
std::optional<size_t> resident_bytes();

// The names of the instruction sets whose kernels can run here, the best first.
std::vector<std::string> isa_names();

// Runs the kernels of this name from now on; models must be opened afterwards. Throws UsageError,
// with the names that there are.
void use_isa(const std::string& name);

// The name of the one in use.
std::string isa_in_use();

// The operating system and the processor's architecture, such as "Android" and "arm64-v8a".
std::string system_name();
std::string abi_name();

}  // namespace augur::bench
