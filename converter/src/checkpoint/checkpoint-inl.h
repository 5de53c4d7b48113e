// Checkpoint's template: see checkpoint.h, which includes this file.
#pragma once

#include <algorithm>
#include <utility>

namespace augur::checkpoint {

template <typename Entry>
void Checkpoint::adopt(std::vector<Entry>& entries) {
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.info.name < b.info.name; });
  tensors_.reserve(entries.size());
  for (Entry& entry : entries)
    tensors_.push_back(std::move(entry.info));
  refuse_duplicates();
}

}  // namespace augur::checkpoint
