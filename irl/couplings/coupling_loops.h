#pragma once
/// \file The sweeps behind couplings and rewards, compiled for several instruction sets like bc/networks/network_loops.h.
/// Raw pointers to contiguous numbers.

#include <cstddef>

namespace understudy::kernels {

/// Smallest of a[k] - b[k]; +infinity for none.
double smallest_difference(const double* a, const double* b, std::size_t count);

/// log sum_k exp((potential[k] - cost[k]) / epsilon), by the largest term; count >= 1. Terms below e^-700
/// times the largest count as that. Relative error of a term 1e-14.
double log_sum_exp(const double* potential, const double* cost, double epsilon, std::size_t count);

/// mass[k] <- exp((offset + potential[k] - cost[k]) / epsilon), the exponent cut to [-700, 700].
void gibbs(double offset, const double* potential, const double* cost, double epsilon, double* mass,
           std::size_t count);

/// Atoms lie in blocks of this many, each block `[dim, kAtomBlock]` row-major.
inline constexpr std::size_t kAtomBlock = 32;

/// squared[s] <- sum_d (query[d] - atom s [d])^2 for all atoms of the first `blocks` blocks. An atom's sum is
/// the same in whatever slot it lies.
void squared_distances(const float* atoms, const float* query, float* squared, std::size_t dim,
                       std::size_t blocks);

/// Smallest of `values`, NaN left aside; +infinity for none. `count` is a multiple of kAtomBlock.
float smallest(const float* values, std::size_t count);

/// Lowest of the ranks whose value equals `value`; the largest int when none does.
int lowest_rank(const float* values, const int* ranks, float value, std::size_t count);

}  // namespace understudy::kernels
