#pragma once
/// \file The array types that cross every boundary: row-major, time first, `float` for what actors see and
/// do, `double` for simulator state. Eigen is the only third-party library in Understudy's lower headers.

#include <Eigen/Core>

namespace understudy {

/// Row-major float matrix; rows are time or batch, columns are entries of a Space.
/// `[T, dim]` or `[batch, dim]`.
using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
/// One observation or action. `[dim]`.
using Vector = Eigen::VectorXf;
/// Simulator states over time. `[T + 1, state_dim]`.
using StateMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
/// One simulator state. `[state_dim]`.
using State = Eigen::VectorXd;

// Contiguous views, so that a row of a Matrix, a Vector or a mapped buffer pass without a copy.
using VectorRef = Eigen::Ref<Vector>;
using ConstVectorRef = const Eigen::Ref<const Vector>&;
using MatrixRef = Eigen::Ref<Matrix>;
using ConstMatrixRef = const Eigen::Ref<const Matrix>&;
using StateRef = Eigen::Ref<State>;
using ConstStateRef = const Eigen::Ref<const State>&;

}  // namespace understudy
