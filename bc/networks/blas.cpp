#include "bc/networks/blas.h"

#include <cblas.h>
#include <dlfcn.h>

#include <algorithm>
#include <filesystem>
#include <vector>

namespace understudy {
namespace {

/// The shared library whose `cblas_sgemm` this process calls; empty when it cannot be told.
std::string library_path() {
  Dl_info info{};
  void* symbol = dlsym(RTLD_DEFAULT, "cblas_sgemm");
  if (symbol == nullptr || dladdr(symbol, &info) == 0 || info.dli_fname == nullptr) return "";
  std::error_code error;
  const auto resolved = std::filesystem::canonical(info.dli_fname, error);
  return error ? info.dli_fname : resolved.string();
}

/// OpenBLAS packs into buffers of its own and prefetches beyond what it has packed. Until those pages have been written
/// once, every prefetch misses the page tables, and products of 256 columns run at a quarter of their speed. One product
/// that fills the buffers cures that; threads that multiply at the same time have a buffer each.
bool touch_buffers() {
  constexpr int kRows = 512, kColumns = 2048, kInner = 512;
  const std::vector<float> a(kRows * kInner), b(kInner * kColumns);
  std::vector<float> c(kRows * kColumns);
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, kRows, kColumns, kInner, 1, a.data(), kInner,
              b.data(), kColumns, 0, c.data(), kColumns);
  return true;
}

}  // namespace

std::string blas_description() {
  const std::string path = library_path();
  if (!path.empty() && path.find("openblas") == std::string::npos) {
    return std::filesystem::path(path).filename().string();
  }
  // openblas_get_config is "OpenBLAS 0.3.21 DYNAMIC_ARCH ... MAX_THREADS=64": its first two words suffice.
  std::string config = openblas_get_config();
  const std::size_t end = config.find(' ', config.find(' ') + 1);
  if (end != std::string::npos) config.resize(end);
  const int parallel = openblas_get_parallel();
  return config + " (" + openblas_get_corename() + ", " +
         (parallel == 0   ? "no threads"
          : parallel == 1 ? "pthread"
                          : "OpenMP") +
         ")";
}

bool blas_is_reference() {
  const std::string path = library_path();
  const std::string file = std::filesystem::path(path).filename().string();
  return path.find("openblas") == std::string::npos &&
         (file.rfind("libblas.", 0) == 0 || file.rfind("libcblas.", 0) == 0);
}

void set_blas_threads(int threads) {
  openblas_set_num_threads(std::max(threads, 1));
}

int blas_threads() {
  return openblas_get_num_threads();
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
  cblas_sgemm(CblasRowMajor, p.transpose_a ? CblasTrans : CblasNoTrans,
              p.transpose_b ? CblasTrans : CblasNoTrans, p.rows, p.columns, p.inner, p.alpha, p.a, p.a_stride,
              p.b, p.b_stride, p.beta == 0 ? 1 : p.beta, p.c, p.c_stride);
}

}  // namespace understudy
