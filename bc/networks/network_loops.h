#pragma once
/// \file The element-wise sweeps behind training and acting, compiled for several instruction sets and chosen
/// at run time, so that one portable binary uses AVX2 or AVX-512 where the processor has them. Raw pointers
/// to contiguous rows, no Eigen: code built for one instruction set must not leak into another through
/// templates.

#include <cstddef>

namespace understudy::kernels {

/// values <- tanh(values). Rational minimax approximation of degree 11/6 on [-8.5, 8.5] (fitted by Lawson's
/// iteration), beyond it +-1: within 5e-7 of the true value relative to it, never above 1 in magnitude.
void tanh_in_place(float* values, std::size_t count);

/// values <- max(0, values); NaN stays.
void relu_in_place(float* values, std::size_t count);
/// values[r, c] <- row[c].
void fill_rows(float* values, const float* row, std::size_t rows, std::size_t columns);

/// gradient <- gradient * (1 - output^2), and bias_gradient[c] <- its sum over the rows.
void tanh_backward(float* gradient, const float* output, float* bias_gradient, std::size_t rows,
                   std::size_t columns);
/// gradient <- output > 0 ? gradient : 0, and bias_gradient[c] <- its sum over the rows.
void relu_backward(float* gradient, const float* output, float* bias_gradient, std::size_t rows,
                   std::size_t columns);
/// gradient <- gradient * (1 - output^2).
void tanh_chain(float* gradient, const float* output, std::size_t count);
/// gradient <- output > 0 ? gradient : 0.
void relu_chain(float* gradient, const float* output, std::size_t count);
/// bias_gradient[c] <- sum over the rows of gradient[r, c].
void sum_rows(const float* gradient, float* bias_gradient, std::size_t rows, std::size_t columns);

/// Widths that `affine` takes are multiples of this.
inline constexpr std::size_t kLanes = 8;

/// Columns that `affine` sums at a time while there are as many left; then kLanes at a time.
inline constexpr std::size_t kWideBlock = 8 * kLanes;

/// output[o] <- bias[o] + sum_i input[i] weight[i, o], `outputs` a multiple of kLanes. `weight` is stored in
/// blocks of columns (kWideBlock, at the end kLanes wide), each block `[inputs, width]` row-major, so that
/// memory is read from front to back.
void affine(const float* weight, const float* bias, const float* input, float* output, std::size_t inputs,
            std::size_t outputs);

/// What one Adam step needs beside the vectors.
struct AdamStep {
  float beta1 = 0;
  float beta2 = 0;
  float step_size = 0;          ///< learning rate / (1 - beta1^t)
  float second_correction = 0;  ///< 1 / sqrt(1 - beta2^t)
  float epsilon = 0;
  float shrink = 1;  ///< 1 - learning rate * weight decay
};
void adam(const AdamStep& step, const float* gradient, float* first, float* second, float* parameters,
          std::size_t count);

/// target <- target + rate * (source - target).
void polyak(float rate, const float* source, float* target, std::size_t count);

/// Sum of squares, in eight interleaved single-precision sums added up in double every 1024 entries.
double sum_of_squares(const float* values, std::size_t count);

}  // namespace understudy::kernels
