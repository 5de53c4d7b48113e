// Which set of kernels is chosen.
#include <doctest/doctest.h>

#include <string>

#if defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

#include "kernels/isa.h"
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

TEST_CASE("every set can be chosen by its name, and no other") {
  const std::string best = augur_internal_isa(0);
  CHECK(best == augur_internal_isa_in_use());
  for (unsigned i = 0; augur_internal_isa(i) != nullptr; ++i) {
    REQUIRE(augur_internal_use_isa(augur_internal_isa(i)) == 1);
    CHECK(std::string(augur_internal_isa_in_use()) == augur_internal_isa(i));
    CHECK(&kernels() == kernel_set(i));
  }
  REQUIRE(augur_internal_use_isa(best.c_str()) == 1);
  CHECK(augur_internal_use_isa("unknown") == 0);
  CHECK(augur_internal_isa_in_use() == best);
}

#if defined(__aarch64__) && defined(__linux__)
TEST_CASE("int8 kernels are chosen where Linux says that the processor has dot products") {
  const bool has_dot_products = (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
  REQUIRE(kernel_set(1) != nullptr);  // NEON at least, and plain loops
  CHECK((kernels().integers != IntegerPath::kNone) == has_dot_products);
}
#endif

}  // namespace
}  // namespace augur
