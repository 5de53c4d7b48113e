// Which set of kernels is chosen.
#include <doctest/doctest.h>

#if defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

#include "kernels/kernel_set.h"

namespace augur {
namespace {

TEST_CASE("the best set of kernels is chosen, and plain loops are the last") {
  REQUIRE(kernel_set(0) != nullptr);
  CHECK(&kernels() == kernel_set(0));
  std::size_t count = 1;
  while (kernel_set(count) != nullptr)
    ++count;
  CHECK(kernel_set(count - 1) == &kReferenceKernels);
}

#if defined(__aarch64__) && defined(__linux__)
TEST_CASE("int8 kernels are chosen where Linux says that the processor has dot products") {
  const bool has_dot_products = (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
  REQUIRE(kernel_set(1) != nullptr);  // NEON at least, and plain loops
  CHECK(kernels().integer_products == has_dot_products);
}
#endif

}  // namespace
}  // namespace augur
