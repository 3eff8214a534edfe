#include "bc/networks/blas_kernel.h"

#include <cstdlib>

#include "bc/networks/blas.h"
#include "tests/support/catch.h"

namespace understudy {

TEST_CASE("kernels of OpenBLAS are ordered by their instructions, whatever the case of their names", "[bc]") {
  using enum BlasKernelClass;
  for (const char* name : {"Prescott", "prescott", "CORE2", "Nehalem", "Barcelona"}) {
    CAPTURE(name);
    CHECK(blas_kernel_class(name) == kSse);
  }
  for (const char* name : {"Sandybridge", "Bulldozer"}) CHECK(blas_kernel_class(name) == kAvx);
  for (const char* name : {"Haswell", "Zen", "zen"}) CHECK(blas_kernel_class(name) == kAvx2);
  for (const char* name : {"SkylakeX", "Cooperlake", "SapphireRapids", "ARMV8"}) {
    CAPTURE(name);
    CHECK(blas_kernel_class(name) == kAvx512);
  }
  CHECK((kSse < kAvx && kAvx < kAvx2 && kAvx2 < kAvx512));
}

TEST_CASE("a kernel that the user has chosen stays, and one is chosen where there was none", "[bc]") {
  const char* const variable = "OPENBLAS_CORETYPE";
  blas_kernel();  // loads OpenBLAS, which reads the variable once: what follows does not reach it
  const char* const before = std::getenv(variable);
  const std::string saved = before == nullptr ? "" : before;

  setenv(variable, "Nehalem", 1);
  choose_blas_kernel();
  CHECK(std::string(std::getenv(variable)) == "Nehalem");

  unsetenv(variable);
  choose_blas_kernel();
  const char* const chosen = std::getenv(variable);
  CHECK(std::string(chosen == nullptr ? "" : chosen) == best_blas_kernel());

  if (saved.empty()) {
    unsetenv(variable);
  } else {
    setenv(variable, saved.c_str(), 1);
  }
}

TEST_CASE("the kernel in use is no lesser one than this processor can run, unless the user chose it",
          "[bc]") {
  if (best_blas_kernel().empty()) return;
  const bool lesser = blas_kernel_class(blas_kernel()) < blas_kernel_class(best_blas_kernel());
  CHECK(lesser == !blas_kernel_warning().empty());
}

}  // namespace understudy
