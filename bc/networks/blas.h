#pragma once
/// \file Matrix products by OpenBLAS, and its threads. LibTorch's own thread setting does not reach OpenBLAS,
/// and the two pools fight over the cores; so the program sets OpenBLAS's count itself.
///
/// OpenBLAS is loaded when the first of these functions is called, so that what needs no products
/// starts without it and its kernel can be chosen first (blas_kernel.h): the first call sets the variable
/// OPENBLAS_CORETYPE unless it is set, so it may not come while another thread reads the environment. All of
/// them throw Error when it cannot be loaded.

#include <string>

namespace understudy {

/// OpenBLAS's version, kernel and kind of threads, e.g. "OpenBLAS 0.3.21 (Zen, pthread)".
std::string blas_description();

/// The kernel in use, e.g. "Zen".
std::string blas_kernel();

/// What is wrong with that kernel, with the remedy, in one line: one that this processor outdoes by
/// far is in use because OPENBLAS_CORETYPE says so, or because OpenBLAS was built without the better
/// one. Empty when nothing is.
std::string blas_kernel_warning();

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
