// What a checkpoint tells beside its tensors. augur_rank, which reads PyTorch's and Keras' files,
// writes it into the __metadata__ of its .safetensors under "augur.notes", as one JSON object.
// Every member may be missing:
//
//   {"file": "dien.h5",            the file from which the tensors come, for messages
//    "keras_names": true,          names are those in a HDF5 file of Keras: "gru1/gru1/kernel:0"
//    "idle_layers": ["hist_item"], Keras' layers without weights
//    "model_config": "{...}",      Keras' own text: the layers and their arguments
//    "layout": "deepctr-keras",    whose questions the answers answer
//    "answers": {"gru_type": "GRU"},
//    "told_by": "its model_config"}
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace augur::checkpoint {

struct FileNotes {
  std::string file;  // "": the tensors' own file
  bool has_keras_names = false;
  std::vector<std::string> idle_layers;
  std::string model_config;
  std::string layout;   // "": there are no answers
  std::string answers;  // the text of a JSON object
  std::string told_by;  // what in the file tells the answers, for messages
};

// Throws Error, which begins with `where`, if the text is not such an object. Unknown members are
// skipped, so that a later version may add some.
FileNotes parse_file_notes(std::string_view text, const std::string& where);

}  // namespace augur::checkpoint
