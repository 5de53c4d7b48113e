// Any bytes as an HDF5 file: listed, and every tensor of moderate size read. libhdf5 wants a file,
// and crashes on some; that must be an Error here.
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "checkpoint/checkpoint.h"
#include "checkpoint/hdf5.h"

namespace {

constexpr uint64_t kMostBytes = uint64_t{1} << 20;

// One file for the process, written anew for each input and gone at the end.
class ScratchFile {
 public:
  ScratchFile()
      : path_(std::filesystem::temp_directory_path() /
              ("augur_fuzz_hdf5." + std::to_string(getpid()) + ".h5")) {}
  ~ScratchFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }

  const std::filesystem::path& write(const uint8_t* data, size_t size) const {
    std::ofstream out(path_, std::ios::binary | std::ios::trunc);
    out.write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    return path_;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const ScratchFile file;
  try {
    const auto weights = augur::checkpoint::open_hdf5(file.write(data, size));
    for (const auto& tensor : weights->tensors()) {
      if (tensor.bytes > kMostBytes) continue;
      try {
        if (weights->read(tensor).size() != tensor.count()) std::abort();
      } catch (const augur::Error&) {  // refused, as it may be
      }
    }
  } catch (const augur::Error&) {
  }
  return 0;
}
