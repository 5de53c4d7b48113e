// The app's own part in a program that contains a second, complete XNNPACK with pthreadpool and
// cpuinfo: every name of theirs is there twice. FlatBuffers' inline functions are, too.
#include <augur_generated.h>
#include <cpuinfo.h>
#include <pthreadpool.h>
#include <xnnpack.h>

#include <fstream>
#include <iterator>
#include <string>

#include "app.h"

namespace {

void count(void* counts, size_t index) {
  static_cast<int*>(counts)[index] += 1;
}

}  // namespace

int app_works(const char* model_file) {
  if (xnn_initialize(nullptr) != xnn_status_success || !cpuinfo_initialize()) return 0;
  int counts[4] = {};
  pthreadpool_parallelize_1d(nullptr, count, counts, 4, 0);
  for (const int one : counts) {
    if (one != 1) return 0;
  }
  std::ifstream file(model_file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  flatbuffers::Verifier verifier(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  return augur::fb::VerifyModelBuffer(verifier) ? 1 : 0;
}
