// An example of a page: converted by the command, opened by the runtime, ranked.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "converter/support/tensor_set.h"
#include "description/node.h"
#include "requests/answer.h"

namespace augur::docs {

struct Example {
  std::string title;  // for messages
  convert::Json description;
  convert::testing::TensorSet tensors;
  std::map<std::string, std::string> files;  // beside the description: name -> content
  std::string requests;                      // JSON lines; empty: some are made up
};

// Adds the tensors of a block: a name, a shape, and perhaps the word "positive" in each line. The
// values are sin(1)/2, sin(2)/2, ..., plus 1 where they must be positive, as
// docs/description-examples.md says.
void add_tensors(const std::string& block, convert::testing::TensorSet& tensors);

struct Outcome {
  int status = 0;
  std::string messages;  // what augur-convert said on standard error
  std::vector<requests::Answer> answers;
};

// Runs augur-convert with --model, and ranks with what comes out.
Outcome run(const Example& example);

}  // namespace augur::docs
