// The key under which a bundle stores one slice of a partitioned tensor: name and extents in an
// encoding whose byte order is the order of the values (TensorFlow's OrderedCode).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace augur::checkpoint {

// One axis of a slice. A whole axis is start 0, length -1.
struct SliceExtent {
  int64_t start = 0;
  int64_t length = -1;
};

// The key of the slice of tensor `name`. It begins with a zero byte, as no tensor's name does.
std::string slice_key(std::string_view name, const std::vector<SliceExtent>& slice);

}  // namespace augur::checkpoint
