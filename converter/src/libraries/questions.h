// The questions of a layout that are still open, as a file to be filled in (augur-convert --ask):
//
//   {
//     "layout": "deepctr-torch",
//     "gru_type": null,
//     "?gru_type": {"question": "...", "type": "choice", "choices": ["GRU", ...],
//                   "meanings": {"GRU": "...", ...}, "default": null, "required": true,
//                   "where": "DIEN(..., gru_type=)"},
//     "task": "binary",
//     "?task": {..., "default": "binary", "required": false, ...},
//     "max_history": 50
//   }
//
// It is the file of answers itself: an answer that was given stands there as it was given, a
// default is filled in, and null is what nobody has answered. What the checkpoint tells is not
// there, but for lists that the user may want to complete; "told_by" says what tells them.
#pragma once

#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "description/node.h"
#include "libraries/library.h"

namespace augur::convert {

struct Questions {
  std::string checkpoint;             // its file, as messages call it
  Json file;                          // to be filled in; see above
  std::vector<std::string> required;  // those without which the checkpoint does not convert
  size_t optional = 0;                // the others that are open
};

// The questions that this checkpoint and the answers in `given`, an object, leave open. Questions
// that every layout has (name, notes, ...) are not among them: no conversion needs them. Throws
// Error if the library does not recognise the checkpoint, or an answer is wrong.
Questions open_questions(const Library& library, const checkpoint::Checkpoint& checkpoint,
                         const Node& given);

// A file of answers without what --ask wrote for its reader: the keys that begin with "?", and,
// where there is such a key, an answer that was left as it was written, null or the default. These
// count as not given.
Json without_questions(Json answers, const Library& library);

}  // namespace augur::convert
