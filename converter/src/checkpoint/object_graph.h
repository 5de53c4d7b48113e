// The object graph of a TensorFlow 2 checkpoint, which says what the variables behind its keys
// (layer_with_weights-0/embeddings/.ATTRIBUTES/VARIABLE_VALUE) were called in the program.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace augur::checkpoint {

// Checkpoint key -> the variable's full name, as TrackableObjectGraph has them; variables without a
// full name are left out. `stored` are the bytes of the string tensor _CHECKPOINTABLE_OBJECT_GRAPH
// in its data file. Error, which begins with `where`, if they do not match their checksums or are
// no such graph. Memory is bounded by the size of `stored`.
std::map<std::string, std::string> parse_object_graph(std::string_view stored, uint32_t masked_crc,
                                                      const std::string& where);

}  // namespace augur::checkpoint
