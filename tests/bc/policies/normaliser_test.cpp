#include "bc/policies/normaliser.h"

#include <cmath>

#include "datasets/types/error.h"
#include "datasets/types/rng.h"
#include "tests/support/catch.h"

namespace understudy {

TEST_CASE("normalised training data have mean 0 and deviation 1", "[bc]") {
  Rng rng(1);
  Matrix data(5000, 3);
  for (int r = 0; r < data.rows(); ++r) {
    data(r, 0) = static_cast<float>(100 + rng.normal());  // an offset far from zero
    data(r, 1) = static_cast<float>(20 * rng.normal());
    data(r, 2) = static_cast<float>(0.05 * rng.uniform());
  }
  fit_normaliser(data).apply(data);
  const Eigen::RowVectorXd mean = data.cast<double>().colwise().mean();
  const Eigen::RowVectorXd square = data.cast<double>().array().square().colwise().mean();
  CHECK(mean.cwiseAbs().maxCoeff() < 1e-4);
  CHECK((square.array() - 1).abs().maxCoeff() < 1e-3);
}

TEST_CASE("an entry that hardly moves is not blown up", "[bc]") {
  Matrix data = Matrix::Zero(100, 1);
  for (int r = 0; r < 100; ++r) data(r, 0) = r % 2 == 0 ? 1e-4F : -1e-4F;  // deviation 1e-4 counts as 1e-2
  CHECK(fit_normaliser(data).scale(0) == Approx(100.0F));
}

TEST_CASE("an entry that never moved stays out of the policy whatever it does later", "[bc]") {
  Matrix data = Matrix::Constant(100, 2, 7.5F);
  data.col(1).setLinSpaced(0, 1);
  const Normaliser normaliser = fit_normaliser(data);
  CHECK(normaliser.scale(0) == 0.0F);
  Matrix later(2, 2);
  later << 7.5F, 0.5F, 1000.0F, 0.5F;
  normaliser.apply(later);
  CHECK(later(0, 0) == 0.0F);
  CHECK(later.row(0) == later.row(1));
}

TEST_CASE("the identity leaves observations as they are", "[bc]") {
  Matrix data = Matrix::Random(5, 4);
  const Matrix before = data;
  identity_normaliser(4).apply(data);
  CHECK(data == before);
}

TEST_CASE("statistics of nothing are refused", "[bc]") {
  CHECK_THROWS_AS(fit_normaliser(Matrix(0, 3)), Error);
}

}  // namespace understudy
