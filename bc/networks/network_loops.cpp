// Plain loops that the compiler vectorises once per instruction set. bc/networks/CMakeLists.txt gives this file alone
// -O3, contraction to fused multiply-adds and no errno, without which square roots do not vectorise.

#include "bc/networks/network_loops.h"

#include <algorithm>
#include <cmath>

#include "datasets/types/cpu_clones.h"

namespace understudy::kernels {
namespace {

/// x P(x^2) / Q(x^2); see the header.
[[gnu::always_inline]] inline float rational_tanh(float value) {
  const float x = std::min(std::max(value, -8.5F), 8.5F);
  const float u = x * x;
  const float p =
      ((((2.0724042419636613e-11F * u - 1.3718978778395654e-08F) * u + 9.573756618073466e-06F) * u +
        0.002953879385834473F) *
           u +
       0.12949892706730115F) *
          u +
      0.9999999657099276F;
  const float q =
      ((0.00023270347078620623F * u + 0.023898306297559044F) * u + 0.4628319603800613F) * u + 1.0F;
  return std::min(std::max(x * p / q, -1.0F), 1.0F);
}

/// Eight floats that the compiler keeps in one register or several, whatever the processor has.
using Lanes [[gnu::vector_size(8 * sizeof(float)), gnu::aligned(alignof(float)), gnu::may_alias]] = float;

[[gnu::always_inline]] inline const Lanes& lanes(const float* values) {
  return *reinterpret_cast<const Lanes*>(values);
}
[[gnu::always_inline]] inline Lanes& lanes(float* values) {
  return *reinterpret_cast<Lanes*>(values);
}

}  // namespace

UNDERSTUDY_CLONES void tanh_in_place(float* __restrict values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) values[i] = rational_tanh(values[i]);
}

UNDERSTUDY_CLONES void relu_in_place(float* __restrict values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) values[i] = values[i] < 0.0F ? 0.0F : values[i];
}

UNDERSTUDY_CLONES void fill_rows(float* __restrict values, const float* __restrict row, std::size_t rows,
                                 std::size_t columns) {
  for (std::size_t r = 0; r < rows; ++r, values += columns) {
    for (std::size_t c = 0; c < columns; ++c) values[c] = row[c];
  }
}

UNDERSTUDY_CLONES void tanh_backward(float* __restrict gradient, const float* __restrict output,
                                     float* __restrict bias_gradient, std::size_t rows, std::size_t columns) {
  for (std::size_t c = 0; c < columns; ++c) bias_gradient[c] = 0;
  for (std::size_t r = 0; r < rows; ++r, gradient += columns, output += columns) {
    for (std::size_t c = 0; c < columns; ++c) {
      gradient[c] *= 1.0F - output[c] * output[c];
      bias_gradient[c] += gradient[c];
    }
  }
}

UNDERSTUDY_CLONES void relu_backward(float* __restrict gradient, const float* __restrict output,
                                     float* __restrict bias_gradient, std::size_t rows, std::size_t columns) {
  for (std::size_t c = 0; c < columns; ++c) bias_gradient[c] = 0;
  for (std::size_t r = 0; r < rows; ++r, gradient += columns, output += columns) {
    for (std::size_t c = 0; c < columns; ++c) {
      const float g = output[c] > 0.0F ? gradient[c] : 0.0F;
      gradient[c] = g;
      bias_gradient[c] += g;
    }
  }
}

UNDERSTUDY_CLONES void tanh_chain(float* __restrict gradient, const float* __restrict output,
                                  std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) gradient[i] *= 1.0F - output[i] * output[i];
}

UNDERSTUDY_CLONES void relu_chain(float* __restrict gradient, const float* __restrict output,
                                  std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) gradient[i] = output[i] > 0.0F ? gradient[i] : 0.0F;
}

UNDERSTUDY_CLONES void sum_rows(const float* __restrict gradient, float* __restrict bias_gradient,
                                std::size_t rows, std::size_t columns) {
  for (std::size_t c = 0; c < columns; ++c) bias_gradient[c] = 0;
  for (std::size_t r = 0; r < rows; ++r, gradient += columns) {
    for (std::size_t c = 0; c < columns; ++c) bias_gradient[c] += gradient[c];
  }
}

UNDERSTUDY_CLONES void affine(const float* __restrict weight, const float* __restrict bias,
                              const float* __restrict input, float* __restrict output, std::size_t inputs,
                              std::size_t outputs) {
  std::size_t o = 0;
  // Wide blocks: as many sums as hide the latency of one multiply-add.
  for (; o + kWideBlock <= outputs; o += kWideBlock) {
    Lanes sum[8];
#pragma GCC unroll 8
    for (std::size_t k = 0; k < 8; ++k) sum[k] = lanes(bias + o + k * kLanes);
    const float* row = weight + o * inputs;
    for (std::size_t i = 0; i < inputs; ++i, row += kWideBlock) {
#pragma GCC unroll 8
      for (std::size_t k = 0; k < 8; ++k) sum[k] += input[i] * lanes(row + k * kLanes);
    }
#pragma GCC unroll 8
    for (std::size_t k = 0; k < 8; ++k) lanes(output + o + k * kLanes) = sum[k];
  }
  // Narrow ones: four sums over every fourth input instead.
  for (; o < outputs; o += kLanes) {
    Lanes sum[4] = {lanes(bias + o), {}, {}, {}};
    const float* row = weight + o * inputs;
    std::size_t i = 0;
    for (; i + 4 <= inputs; i += 4, row += 4 * kLanes) {
#pragma GCC unroll 4
      for (std::size_t k = 0; k < 4; ++k) sum[k] += input[i + k] * lanes(row + k * kLanes);
    }
    for (; i < inputs; ++i, row += kLanes) sum[0] += input[i] * lanes(row);
    lanes(output + o) = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  }
}

UNDERSTUDY_CLONES void adam(const AdamStep& step, const float* __restrict gradient, float* __restrict first,
                            float* __restrict second, float* __restrict parameters, std::size_t count) {
  const AdamStep s = step;
  const float keep1 = 1.0F - s.beta1;
  const float keep2 = 1.0F - s.beta2;
  for (std::size_t i = 0; i < count; ++i) {
    const float g = gradient[i];
    const float m = s.beta1 * first[i] + keep1 * g;
    const float v = s.beta2 * second[i] + keep2 * g * g;
    first[i] = m;
    second[i] = v;
    parameters[i] =
        parameters[i] * s.shrink - s.step_size * m / (std::sqrt(v) * s.second_correction + s.epsilon);
  }
}

UNDERSTUDY_CLONES void polyak(float rate, const float* __restrict source, float* __restrict target,
                              std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) target[i] += rate * (source[i] - target[i]);
}

UNDERSTUDY_CLONES double sum_of_squares(const float* __restrict values, std::size_t count) {
  double total = 0;
  while (count > 0) {
    const std::size_t chunk = std::min<std::size_t>(count, 1024);
    float sum[8] = {};
    std::size_t i = 0;
    for (; i + 8 <= chunk; i += 8) {
      for (std::size_t k = 0; k < 8; ++k) sum[k] += values[i + k] * values[i + k];
    }
    for (; i < chunk; ++i) sum[0] += values[i] * values[i];
    for (std::size_t k = 0; k < 8; ++k) total += static_cast<double>(sum[k]);
    values += chunk;
    count -= chunk;
  }
  return total;
}

}  // namespace understudy::kernels
