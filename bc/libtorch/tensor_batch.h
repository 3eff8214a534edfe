#pragma once
/// \file Eigen matrices as tensors and back, with type and shape checked.

#include <string>
#include <vector>

#include "datasets/types/matrix.h"

namespace at {
class Tensor;
}

namespace understudy {

/// A new float32 CPU tensor `[rows, cols]` with a copy of `matrix`.
at::Tensor to_tensor(ConstMatrixRef matrix);

/// A new float32 CPU tensor `[size]` with a copy of `vector`.
at::Tensor vector_to_tensor(ConstVectorRef vector);

/// A copy of a float32 tensor `[rows, cols]`. Throws Error beginning with `place` when the tensor is of
/// another type or shape.
Matrix to_matrix(const at::Tensor& tensor, int rows, int cols, const std::string& place);

/// A copy of a float32 tensor `[size]`; throws like to_matrix.
Vector to_vector(const at::Tensor& tensor, int size, const std::string& place);

}  // namespace understudy
