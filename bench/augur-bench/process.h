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

// The operating system and the processor's architecture, such as "Android" and "arm64-v8a".
std::string system_name();
std::string abi_name();

}  // namespace augur::bench
