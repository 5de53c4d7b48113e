// What stands in for hdf5.cc in a build without libhdf5.
#include "checkpoint/hdf5.h"

namespace augur::checkpoint {

bool has_hdf5() {
  return false;
}

std::unique_ptr<Checkpoint> open_hdf5(const std::filesystem::path& path) {
  throw Error(path.string() +
              ": is an HDF5 file (Keras), and this build has no libhdf5; install it (on Debian: "
              "libhdf5-dev) and configure with -DAUGUR_WITH_HDF5=ON, or save the weights in Python "
              "with numpy.savez");
}

}  // namespace augur::checkpoint
