// Plain loops and vector types that the compiler turns into code for several instruction
// sets; see bc/networks/network_loops.cpp.

#include "irl/couplings/coupling_loops.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "datasets/types/cpu_clones.h"

namespace understudy::kernels {
namespace {

/// Four doubles that the compiler keeps in one register or several, whatever the processor has.
using Doubles [[gnu::vector_size(4 * sizeof(double)), gnu::aligned(alignof(double)), gnu::may_alias]] =
    double;

[[gnu::always_inline]] inline const Doubles& doubles(const double* values) {
  return *reinterpret_cast<const Doubles*>(values);
}

/// Eight floats likewise.
using Floats [[gnu::vector_size(8 * sizeof(float)), gnu::aligned(alignof(float)), gnu::may_alias]] = float;

[[gnu::always_inline]] inline const Floats& floats(const float* values) {
  return *reinterpret_cast<const Floats*>(values);
}
[[gnu::always_inline]] inline Floats& floats(float* values) {
  return *reinterpret_cast<Floats*>(values);
}

/// e^x for x in [-700, 700]: x = k log 2 + r, |r| <= log(2) / 2, and Taylor's polynomial of degree 12 in r,
/// which errs by less than 2e-16.
[[gnu::always_inline]] inline double exponential(double x) {
  constexpr double kShift = 0x1.8p52;  // adding it leaves round(x / log 2) in the lowest bits
  const double shifted = x * 1.4426950408889634 + kShift;
  const double k = shifted - kShift;
  const double r = (x - k * 0.693147180369123816490) - k * 1.90821492927058770002e-10;
  double p = 1.0 / 479001600;
  p = p * r + 1.0 / 39916800;
  p = p * r + 1.0 / 3628800;
  p = p * r + 1.0 / 362880;
  p = p * r + 1.0 / 40320;
  p = p * r + 1.0 / 5040;
  p = p * r + 1.0 / 720;
  p = p * r + 1.0 / 120;
  p = p * r + 1.0 / 24;
  p = p * r + 1.0 / 6;
  p = p * r + 0.5;
  p = p * r + 1.0;
  p = p * r + 1.0;
  const std::uint64_t power = (std::bit_cast<std::uint64_t>(shifted) + 1023U) << 52U;
  return p * std::bit_cast<double>(power);
}

}  // namespace

UNDERSTUDY_CLONES double smallest_difference(const double* a, const double* b, std::size_t count) {
  constexpr double kNone = std::numeric_limits<double>::infinity();
  Doubles least[4] = {Doubles{} + kNone, Doubles{} + kNone, Doubles{} + kNone, Doubles{} + kNone};
  std::size_t i = 0;
  for (; i + 16 <= count; i += 16) {
#pragma GCC unroll 4
    for (std::size_t k = 0; k < 4; ++k) {
      const Doubles difference = doubles(a + i + 4 * k) - doubles(b + i + 4 * k);
      least[k] = difference < least[k] ? difference : least[k];
    }
  }
  double result = kNone;
  for (; i < count; ++i) result = std::min(result, a[i] - b[i]);
  for (const Doubles& lanes : least) {
    for (int k = 0; k < 4; ++k) result = std::min(result, lanes[k]);
  }
  return result;
}

UNDERSTUDY_CLONES double log_sum_exp(const double* __restrict potential, const double* __restrict cost,
                                     double epsilon, std::size_t count) {
  const double largest = -smallest_difference(cost, potential, count);
  const double inverse = 1 / epsilon;
  double sum[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    for (std::size_t k = 0; k < 8; ++k) {
      sum[k] += exponential(std::max(-700.0, (potential[i + k] - cost[i + k] - largest) * inverse));
    }
  }
  for (; i < count; ++i)
    sum[0] += exponential(std::max(-700.0, (potential[i] - cost[i] - largest) * inverse));
  const double total = ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
  return largest * inverse + std::log(total);
}

UNDERSTUDY_CLONES void gibbs(double offset, const double* __restrict potential, const double* __restrict cost,
                             double epsilon, double* __restrict mass, std::size_t count) {
  const double inverse = 1 / epsilon;
  for (std::size_t i = 0; i < count; ++i) {
    const double exponent = (offset + potential[i] - cost[i]) * inverse;
    mass[i] = exponential(std::min(700.0, std::max(-700.0, exponent)));
  }
}

UNDERSTUDY_CLONES void squared_distances(const float* __restrict atoms, const float* __restrict query,
                                         float* __restrict squared, std::size_t dim, std::size_t blocks) {
  static_assert(kAtomBlock == 32);
  for (std::size_t b = 0; b < blocks; ++b, squared += kAtomBlock) {
    Floats sum[8] = {};  // of even and odd entries: so many as hide the latency of a multiply-add
    std::size_t d = 0;
    for (; d + 2 <= dim; d += 2, atoms += 2 * kAtomBlock) {
#pragma GCC unroll 8
      for (std::size_t k = 0; k < 8; ++k) {
        const Floats difference = query[d + k / 4] - floats(atoms + 8 * k);
        sum[k] += difference * difference;
      }
    }
    if (d < dim) {
#pragma GCC unroll 4
      for (std::size_t k = 0; k < 4; ++k) {
        const Floats difference = query[d] - floats(atoms + 8 * k);
        sum[k] += difference * difference;
      }
      atoms += kAtomBlock;
    }
#pragma GCC unroll 4
    for (std::size_t k = 0; k < 4; ++k) floats(squared + 8 * k) = sum[k] + sum[k + 4];
  }
}

UNDERSTUDY_CLONES float smallest(const float* values, std::size_t count) {
  constexpr float kNone = std::numeric_limits<float>::infinity();
  Floats least[4] = {Floats{} + kNone, Floats{} + kNone, Floats{} + kNone, Floats{} + kNone};
  for (std::size_t i = 0; i < count; i += kAtomBlock) {
#pragma GCC unroll 4
    for (std::size_t k = 0; k < 4; ++k) {
      const Floats value = floats(values + i + 8 * k);
      least[k] = value < least[k] ? value : least[k];
    }
  }
  float result = kNone;
  for (const Floats& lanes : least) {
    for (int k = 0; k < 8; ++k) result = std::min(result, lanes[k]);
  }
  return result;
}

UNDERSTUDY_CLONES int lowest_rank(const float* __restrict values, const int* __restrict ranks, float value,
                                  std::size_t count) {
  int lowest = std::numeric_limits<int>::max();
  for (std::size_t i = 0; i < count; ++i) {
    const int rank = values[i] == value ? ranks[i] : std::numeric_limits<int>::max();
    lowest = rank < lowest ? rank : lowest;
  }
  return lowest;
}

}  // namespace understudy::kernels
