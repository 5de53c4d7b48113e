// Writes a TensorFlow V2 bundle from an .npz, for the layouts' tests: npz_to_bundle IN.npz PREFIX.
// float32 alone. The last tensor, by name, goes to a second data file if there is more than one.
#include <cstdio>
#include <fstream>

#include "checkpoint/checkpoint.h"
#include "checkpoint/tf_bundle.h"
#include "converter/checkpoint/bundle_writer.h"

namespace augur::checkpoint::test {
namespace {

void write(const std::string& path, const Bytes& bytes) {
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
  if (!out.flush()) throw Error(path + ": cannot be written");
}

void run(const char* npz, const std::string& prefix) {
  const std::unique_ptr<Checkpoint> weights = open_checkpoint(npz);
  std::vector<BundleTensor> tensors;
  for (const TensorInfo& info : weights->tensors()) {
    tensors.push_back({info.name, 1, info.shape, bytes_of(weights->read(info)), 0});
  }
  const uint32_t shards = tensors.size() > 1 ? 2 : 1;
  tensors.back().shard = shards - 1;
  const Bundle bundle = bundle_of(tensors, shards);
  write(prefix + ".index", bundle.index);
  for (uint32_t shard = 0; shard < shards; ++shard) {
    write(shard_name(prefix, shard, shards), bundle.data[shard]);
  }
}

}  // namespace
}  // namespace augur::checkpoint::test

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: npz_to_bundle IN.npz PREFIX\n");
    return 2;
  }
  try {
    augur::checkpoint::test::run(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "npz_to_bundle: %s\n", error.what());
    return 1;
  }
  return 0;
}
