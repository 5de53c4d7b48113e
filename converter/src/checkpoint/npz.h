// NumPy's .npz: a zip file of .npy arrays.
#pragma once

#include <memory>

#include "checkpoint/byte_source.h"
#include "checkpoint/checkpoint.h"

namespace augur::checkpoint {

// Reads the directory and each array's header (names without ".npy"); the values are inflated when
// a tensor is read, and their CRC-32 is checked then. Takes over the source. Error on anything
// malformed; a tensor whose data expands suspiciously (over 200 times, to more than 256 MiB) is
// refused when read.
std::unique_ptr<Checkpoint> open_npz(std::unique_ptr<ByteSource> source);

}  // namespace augur::checkpoint
