#pragma once
/// \file Which of OpenBLAS's kernels this processor should run.
///
/// OpenBLAS chooses kernels by a list of processors that ends with its release date: on newer ones it
/// falls back to SSE3 ("Prescott"), at a quarter of their speed. The instructions that a processor has
/// say better what it can run.

#include <string>

namespace understudy {

/// What a kernel's inner loop is written in, the lesser first.
enum class BlasKernelClass { kSse, kAvx, kAvx2, kAvx512 };

/// The class of one of OpenBLAS's kernels by its name, in any case: "Prescott", "Zen", "SkylakeX". Names that
/// are not known here, ARM's say, count as the greatest.
BlasKernelClass blas_kernel_class(const std::string& name);

/// The kernel that this processor runs fastest, by its instructions: "SkylakeX", "Zen", "Haswell";
/// empty when it has none of theirs, or when the operating system does not save their registers:
/// OpenBLAS then knows best.
std::string best_blas_kernel();

/// Sets OPENBLAS_CORETYPE, which OpenBLAS reads once when it is loaded, to best_blas_kernel() unless the
/// user has set it. To be called before that; it changes the environment of the process, so not while
/// another thread reads that.
void choose_blas_kernel();

}  // namespace understudy
