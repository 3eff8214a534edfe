#include "bc/networks/blas.h"

#include <cblas.h>
#include <dlfcn.h>

#include <algorithm>
#include <string>
#include <vector>

#include "bc/networks/blas_kernel.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

/// Under this name every version since 2011 is installed.
constexpr const char* kLibrary = "libopenblas.so.0";

/// What is used of OpenBLAS.
struct OpenBlas {
  decltype(&cblas_sgemm) sgemm;
  decltype(&openblas_get_config) config;
  decltype(&openblas_get_corename) core_name;
  decltype(&openblas_get_parallel) parallel;
  decltype(&openblas_set_num_threads) set_threads;
  decltype(&openblas_get_num_threads) threads;
};

template <class Function>
void find(void* library, const char* name, Function& function) {
  void* symbol = dlsym(library, name);
  if (symbol == nullptr) {
    throw Error(std::string(kLibrary) + ": want OpenBLAS, found a library without " + name +
                "; install libopenblas0-pthread");
  }
  function = reinterpret_cast<Function>(symbol);
}

OpenBlas load() {
  choose_blas_kernel();
  void* library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    throw Error(std::string("matrix products: want OpenBLAS, found none: ") + dlerror() +
                "; install libopenblas0-pthread");
  }
  OpenBlas blas{};
  find(library, "cblas_sgemm", blas.sgemm);
  find(library, "openblas_get_config", blas.config);
  find(library, "openblas_get_corename", blas.core_name);
  find(library, "openblas_get_parallel", blas.parallel);
  find(library, "openblas_set_num_threads", blas.set_threads);
  find(library, "openblas_get_num_threads", blas.threads);
  return blas;
}

const OpenBlas& open_blas() {
  static const OpenBlas blas = load();
  return blas;
}

/// OpenBLAS packs into buffers of its own and prefetches beyond what it has packed. Until those pages
/// have been written once, every prefetch misses the page tables, and products of 256 columns run at a
/// quarter of their speed. One product that fills the buffers cures that; threads that multiply at the
/// same time have a buffer each.
bool touch_buffers() {
  constexpr int kRows = 512, kColumns = 2048, kInner = 512;
  const std::vector<float> a(kRows * kInner), b(kInner * kColumns);
  std::vector<float> c(kRows * kColumns);
  open_blas().sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, kRows, kColumns, kInner, 1, a.data(), kInner,
                    b.data(), kColumns, 0, c.data(), kColumns);
  return true;
}

}  // namespace

std::string blas_description() {
  // "OpenBLAS 0.3.21 DYNAMIC_ARCH ... MAX_THREADS=64": the first two words suffice.
  std::string config = open_blas().config();
  const std::size_t end = config.find(' ', config.find(' ') + 1);
  if (end != std::string::npos) config.resize(end);
  const int parallel = open_blas().parallel();
  return config + " (" + blas_kernel() + ", " +
         (parallel == 0   ? "no threads"
          : parallel == 1 ? "pthread"
                          : "OpenMP") +
         ")";
}

std::string blas_kernel() {
  return open_blas().core_name();
}

std::string blas_kernel_warning() {
  const std::string best = best_blas_kernel();
  const std::string kernel = blas_kernel();
  if (best.empty() || blas_kernel_class(kernel) >= blas_kernel_class(best)) return "";
  return "OpenBLAS runs its kernel " + kernel + ", where " + best +
         " would be faster on this processor; set OPENBLAS_CORETYPE=" + best +
         ", or unset it, or install a newer libopenblas0-pthread";
}

void set_blas_threads(int threads) {
  open_blas().set_threads(std::max(threads, 1));
}

int blas_threads() {
  return open_blas().threads();
}

void multiply(const Product& p) {
  static thread_local const bool touched = touch_buffers();
  static_cast<void>(touched);
  // OpenBLAS scales C in a pass of its own, which for 0 takes several times as long as clearing it does.
  if (p.beta == 0) {
    for (int row = 0; row < p.rows; ++row) {
      std::fill_n(p.c + static_cast<std::ptrdiff_t>(row) * p.c_stride, p.columns, 0.0F);
    }
  }
  open_blas().sgemm(CblasRowMajor, p.transpose_a ? CblasTrans : CblasNoTrans,
                    p.transpose_b ? CblasTrans : CblasNoTrans, p.rows, p.columns, p.inner, p.alpha, p.a,
                    p.a_stride, p.b, p.b_stride, p.beta == 0 ? 1 : p.beta, p.c, p.c_stride);
}

}  // namespace understudy
