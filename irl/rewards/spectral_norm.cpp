#include "irl/rewards/spectral_norm.h"

#include <algorithm>

namespace understudy {
namespace {

/// A layer of zeros stays one.
constexpr float kLeastSigma = 1e-12F;

}  // namespace

SpectralNorm::SpectralNorm(const Mlp& network, ConstVectorRef parameters, Rng& rng) {
  for (int l = 0; l < network.layers(); ++l) {
    Layer layer{.offset = network.weight_offset(l),
                .in = network.width(l),
                .out = network.width(l + 1),
                .u = {},
                .v = {},
                .sigma = 1};
    layer.u.resize(layer.in);
    layer.v.setZero(layer.out);
    for (float& x : layer.u) x = static_cast<float>(rng.normal());
    layer.u.normalize();
    layers_.push_back(std::move(layer));
  }
  for (int i = 0; i < kFirstSteps; ++i) follow(parameters);
}

void SpectralNorm::follow(ConstVectorRef parameters) {
  for (Layer& layer : layers_) {
    const Eigen::Map<const Matrix> weights(parameters.data() + layer.offset, layer.in, layer.out);
    layer.v = (weights.transpose() * layer.u).normalized();
    const Vector image = weights * layer.v;
    layer.sigma = std::max(image.norm(), kLeastSigma);
    layer.u = image / layer.sigma;
  }
}

void SpectralNorm::normalise(ConstVectorRef parameters, VectorRef normalised) const {
  normalised = parameters;
  for (const Layer& layer : layers_) normalised.segment(layer.offset, layer.in * layer.out) /= layer.sigma;
}

void SpectralNorm::backward(ConstVectorRef normalised, VectorRef gradient) const {
  for (const Layer& layer : layers_) {
    const int size = layer.in * layer.out;
    Eigen::Map<Matrix> g(gradient.data() + layer.offset, layer.in, layer.out);
    const float along = normalised.segment(layer.offset, size).dot(gradient.segment(layer.offset, size));
    g = (g - along * layer.u * layer.v.transpose()) / layer.sigma;
  }
}

void SpectralNorm::serialise(Archive& archive) {
  for (Layer& layer : layers_) {
    archive("spectral u", layer.u);
    archive.want_finite(layer.u);
    archive("spectral v", layer.v);
    archive.want_finite(layer.v);
    auto sigma = static_cast<double>(layer.sigma);
    archive("spectral norm", sigma);
    layer.sigma = std::max(static_cast<float>(sigma), kLeastSigma);
  }
}

}  // namespace understudy
