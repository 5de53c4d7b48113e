// main() of each command; AUGUR_RUN_COMMAND is its function (run.h).
#include <iostream>

#include "commands/run.h"

int main(int argc, char** argv) {
  augur::prepare_standard_streams();
  return augur::convert::AUGUR_RUN_COMMAND({argv + 1, argv + argc}, {std::cout, std::cerr});
}
