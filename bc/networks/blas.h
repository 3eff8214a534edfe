#pragma once
/// \file The matrix-product library in use and its threads. LibTorch's own thread setting does not reach
/// OpenBLAS, and the two pools fight over the cores; so the program sets OpenBLAS's count itself.

#include <string>

namespace understudy {

/// Which library answers matrix products in this process, e.g. "OpenBLAS 0.3.21 (Zen, pthread)"; the file's
/// name when it is not OpenBLAS.
std::string blas_description();

/// True when that is the unoptimised reference library, some 20 times slower than OpenBLAS.
bool blas_is_reference();

/// Threads that one matrix product may use; at least 1. Small products run fastest on one.
void set_blas_threads(int threads);
int blas_threads();

/// C = alpha op(A) op(B) + beta C in row-major order, `op` being the transpose when asked for. C is
/// `[rows, columns]`, op(A) `[rows, inner]`, op(B) `[inner, columns]`; each stride is the distance between
/// two rows in memory. C must not overlap A or B.
struct Product {
  int rows = 0;
  int columns = 0;
  int inner = 0;
  const float* a = nullptr;
  int a_stride = 0;
  bool transpose_a = false;
  const float* b = nullptr;
  int b_stride = 0;
  bool transpose_b = false;
  float* c = nullptr;
  int c_stride = 0;
  float alpha = 1;
  float beta = 0;
};
/// A thread's first product costs some 10 ms more: see the source.
void multiply(const Product& product);

}  // namespace understudy
