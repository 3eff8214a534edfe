// Spectral normalisation: its norm beside Eigen's singular values, its gradient beside differences.

#include "irl/rewards/spectral_norm.h"

#include <Eigen/SVD>

#include "tests/support/catch.h"

namespace understudy {
namespace {

const Mlp& network() {
  static const Mlp mlp({.inputs = 5, .hidden = {7, 4}, .outputs = 1});
  return mlp;
}

Vector random_parameters(Rng& rng) {
  Vector parameters(network().parameter_count());
  for (float& x : parameters) x = static_cast<float>(rng.normal());
  return parameters;
}

float largest_singular_value(const Vector& parameters, int layer) {
  const Eigen::Map<const Matrix> weights(parameters.data() + network().weight_offset(layer),
                                         network().width(layer), network().width(layer + 1));
  return Eigen::JacobiSVD<Eigen::MatrixXf>(weights).singularValues()(0);
}

}  // namespace

TEST_CASE("the norm is the largest singular value, and follows it as weights change slowly", "[irl]") {
  Rng rng(1);
  Vector parameters = random_parameters(rng);
  SpectralNorm norm(network(), parameters, rng);
  for (int update = 0; update < 100; ++update) {
    for (float& x : parameters) x += 1e-3F * static_cast<float>(rng.normal());
    norm.follow(parameters);
  }
  Vector normalised(parameters.size());
  norm.normalise(parameters, normalised);
  for (int layer = 0; layer < network().layers(); ++layer) {
    CHECK(norm.sigma(layer) == Approx(largest_singular_value(parameters, layer)).epsilon(1e-3));
    CHECK(largest_singular_value(normalised, layer) == Approx(1).epsilon(1e-3));
    const int bias = network().bias_offset(layer);
    CHECK(normalised(bias) == parameters(bias));
  }
}

TEST_CASE("the gradient through the norm is that of the normalised weights' differences", "[irl]") {
  Rng rng(2);
  const Vector parameters = random_parameters(rng);
  const Vector slope = random_parameters(rng);  // of a loss that is linear in what the network computes with
  const SpectralNorm norm(network(), parameters, rng);
  Vector normalised(parameters.size()), gradient = slope;
  norm.normalise(parameters, normalised);
  norm.backward(normalised, gradient);
  const auto loss = [&](Vector moved) {
    double sum = 0;
    for (int layer = 0; layer < network().layers(); ++layer) {
      const int first = network().weight_offset(layer);
      const int size = network().width(layer) * network().width(layer + 1);
      sum += static_cast<double>(moved.segment(first, size).dot(slope.segment(first, size))) /
             static_cast<double>(largest_singular_value(moved, layer));
    }
    return sum;
  };
  constexpr float kStep = 1e-2F;
  for (int layer = 0; layer < network().layers(); ++layer) {
    for (int i = 0; i < 4; ++i) {
      const int at = network().weight_offset(layer) + i;
      Vector up = parameters, down = parameters;
      up(at) += kStep;
      down(at) -= kStep;
      CHECK(static_cast<double>(gradient(at)) ==
            Approx((loss(up) - loss(down)) / (2 * static_cast<double>(kStep))).margin(5e-3));
    }
    CHECK(gradient(network().bias_offset(layer)) == slope(network().bias_offset(layer)));
  }
}

}  // namespace understudy
