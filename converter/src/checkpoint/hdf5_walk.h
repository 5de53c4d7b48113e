// libhdf5's handles as objects, and the walk over a file's groups. For hdf5_reader.cc alone.
#pragma once

#include <hdf5.h>

#include <string>
#include <utility>
#include <vector>

namespace augur::checkpoint {

// Owns an identifier; negative when the call that made it failed.
class H5Handle {
 public:
  using Close = herr_t (*)(hid_t);
  H5Handle() = default;
  H5Handle(hid_t id, Close close) : id_(id), close_(close) {}
  H5Handle(H5Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  H5Handle& operator=(H5Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~H5Handle() {
    if (id_ >= 0) close_(id_);
  }
  hid_t get() const { return id_; }
  explicit operator bool() const { return id_ >= 0; }

 private:
  hid_t id_ = -1;
  Close close_ = nullptr;
};

// While it lives libhdf5 prints nothing to stderr.
class H5Quiet {
 public:
  H5Quiet();
  ~H5Quiet();
  H5Quiet(const H5Quiet&) = delete;
  H5Quiet& operator=(const H5Quiet&) = delete;

 private:
  H5E_auto2_t function_ = nullptr;
  void* data_ = nullptr;
};

// libhdf5's own words about its latest failure.
std::string h5_last_error();

// The objects that hard links lead to, by their paths without the leading slash.
struct H5Objects {
  std::vector<std::string> datasets;
  std::vector<std::string> empty_groups;
};

// Each group is entered once, to a depth of 100, so that links that go in circles end. Throws
// Error, naming `file_name`, if the file cannot be walked.
H5Objects list_objects(hid_t file, const std::string& file_name);

}  // namespace augur::checkpoint
