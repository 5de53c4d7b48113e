// The libraries, each from its own file.
#pragma once

#include <vector>

#include "libraries/library.h"

namespace augur::convert {

Library augur_reference();
Library deepctr_keras();
Library deepctr_torch();
Library dien_tf1();
Library fuxictr();
Library recbole();
Library torch_rechub();

inline std::vector<Library> all_libraries() {
  std::vector<Library> all;
  all.push_back(augur_reference());
  all.push_back(deepctr_keras());
  all.push_back(deepctr_torch());
  all.push_back(dien_tf1());
  all.push_back(fuxictr());
  all.push_back(recbole());
  all.push_back(torch_rechub());
  return all;
}

}  // namespace augur::convert
