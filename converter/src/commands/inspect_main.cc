// main() of augur-inspect.
#include <iostream>

#include "commands/run.h"

int main(int argc, char** argv) {
  augur::prepare_standard_streams();
  return augur::convert::run_augur_inspect({argv + 1, argv + argc}, {std::cout, std::cerr});
}
