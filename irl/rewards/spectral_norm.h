#pragma once
/// \file Spectral normalisation (Miyato et al. 2018, "Spectral Normalization for Generative Adversarial Networks"): every
/// layer computes with W / sigma(W), sigma being the largest singular value, so that the network's slope is bounded by
/// the product of its activations' (1 with tanh and relu) however long it learns.
///
/// sigma = u' W v with u, v from the power iteration (their algorithm 1), one step an update; the gradient (eq. 12)
/// takes u and v as given.

#include <vector>

#include "bc/networks/mlp.h"
#include "datasets/storage/archive.h"

namespace understudy {

class SpectralNorm {
 public:
  /// For parameters of the network's shape. Begins at random vectors; kFirstSteps of the iteration before they are used.
  SpectralNorm(const Mlp& network, ConstVectorRef parameters, Rng& rng);

  /// One more step of the iteration: the parameters have changed.
  void follow(ConstVectorRef parameters);

  /// What the network is to compute with: every W over its sigma, biases as they are. `[parameter_count]` both.
  void normalise(ConstVectorRef parameters, VectorRef normalised) const;

  /// In place, dL/dparameters from dL/dnormalised: dL/dW = (G - <G, W / sigma> u v') / sigma.
  void backward(ConstVectorRef normalised, VectorRef gradient) const;

  double sigma(int layer) const {
    return static_cast<double>(layers_[static_cast<std::size_t>(layer)].sigma);
  }

  void serialise(Archive& archive);

 private:
  static constexpr int kFirstSteps = 50;
  struct Layer {
    int offset;  ///< of W in the parameters
    int in, out;
    Vector u, v;  ///< [in], [out], of norm 1
    float sigma;
  };
  std::vector<Layer> layers_;
};

}  // namespace understudy
