// Keeps the k best candidates of a call.
#pragma once

#include <cstddef>

namespace augur {

// Higher logits come first; of equal ones, the lower index. Logits are finite.
inline bool ranks_before(float logit_a, std::size_t index_a, float logit_b, std::size_t index_b) {
  return logit_a != logit_b ? logit_a > logit_b : index_a < index_b;
}

// A heap of the k best candidates with the worst of them on top, in two arrays of the caller's, of
// k elements each.
class TopK {
 public:
  TopK(std::size_t k, std::size_t* indices, float* logits)
      : k_(k), indices_(indices), logits_(logits) {}

  void offer(std::size_t index, float logit) {
    if (size_ < k_) {
      place(size_++, index, logit);
      for (std::size_t i = size_ - 1; i > 0 && worse(i, (i - 1) / 2); i = (i - 1) / 2)
        exchange(i, (i - 1) / 2);
    } else if (k_ > 0 && ranks_before(logit, index, logits_[0], indices_[0])) {
      place(0, index, logit);
      sink(size_);
    }
  }

  // Best first.
  std::size_t sort() {
    for (std::size_t last = size_; last > 1; --last) {
      exchange(0, last - 1);
      sink(last - 1);
    }
    return size_;
  }

 private:
  bool worse(std::size_t i, std::size_t j) const {
    return ranks_before(logits_[j], indices_[j], logits_[i], indices_[i]);
  }
  void place(std::size_t i, std::size_t index, float logit) {
    indices_[i] = index;
    logits_[i] = logit;
  }
  void exchange(std::size_t i, std::size_t j) {
    const std::size_t index = indices_[i];
    const float logit = logits_[i];
    place(i, indices_[j], logits_[j]);
    place(j, index, logit);
  }
  void sink(std::size_t size) {
    for (std::size_t i = 0;;) {
      std::size_t top = i;
      for (const std::size_t child : {2 * i + 1, 2 * i + 2}) {
        if (child < size && worse(child, top)) top = child;
      }
      if (top == i) return;
      exchange(i, top);
      i = top;
    }
  }

  std::size_t k_;
  std::size_t size_ = 0;
  std::size_t* indices_;
  float* logits_;
};

}  // namespace augur
