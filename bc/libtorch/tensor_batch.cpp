#include "bc/libtorch/tensor_batch.h"

#include <ATen/ATen.h>

#include <sstream>

#include "datasets/types/error.h"

namespace understudy {
namespace {

/// The tensor as contiguous float32 on the CPU, once its type and shape are as wanted.
at::Tensor checked(const at::Tensor& tensor, const std::vector<std::int64_t>& shape,
                   const std::string& place) {
  if (!tensor.defined() || tensor.scalar_type() != at::kFloat || tensor.sizes() != at::IntArrayRef(shape)) {
    std::ostringstream line;
    line << place << ": want float32 " << at::IntArrayRef(shape) << ", found ";
    if (tensor.defined()) {
      line << tensor.dtype().name() << ' ' << tensor.sizes();
    } else {
      line << "nothing";
    }
    throw Error(line.str());
  }
  return tensor.detach().to(at::kCPU).contiguous();
}

}  // namespace

at::Tensor to_tensor(ConstMatrixRef matrix) {
  const Matrix dense = matrix;
  return at::from_blob(const_cast<float*>(dense.data()), {dense.rows(), dense.cols()}, at::kFloat).clone();
}

at::Tensor vector_to_tensor(ConstVectorRef vector) {
  return at::from_blob(const_cast<float*>(vector.data()), {vector.size()}, at::kFloat).clone();
}

Matrix to_matrix(const at::Tensor& tensor, int rows, int cols, const std::string& place) {
  const at::Tensor dense = checked(tensor, {rows, cols}, place);
  return Eigen::Map<const Matrix>(dense.data_ptr<float>(), rows, cols);
}

Vector to_vector(const at::Tensor& tensor, int size, const std::string& place) {
  const at::Tensor dense = checked(tensor, {size}, place);
  return Eigen::Map<const Vector>(dense.data_ptr<float>(), size);
}

}  // namespace understudy
