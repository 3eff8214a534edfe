#pragma once
/// \file The networks of an adaptation as TorchScript, which bc/networks/script_network.h computes and
/// differentiates. Pictures are [batch, 3, height, width] in [-1, 1], sides divisible by 8.

#include <cstdint>
#include <string>
#include <vector>

#include "bc/networks/script_network.h"
#include "datasets/types/matrix.h"
#include "datasets/types/rng.h"

namespace understudy {

/// Numbers that are trained together, and the methods that compute with them.
struct AdaptationPart {
  struct Tensor {
    std::string name;
    std::vector<std::int64_t> shape;
    double deviation = 0;  ///< of the normal distribution that it is first drawn from; 0: zeros
  };
  std::vector<Tensor> tensors{};
  std::string source{};

  std::int64_t size() const;
  void add(const AdaptationPart& other);
};

/// `{name}(self, x) -> Tensor`: [B, 3, H, W] to [B, outputs, H, W]; the first three in [-1, 1] (tanh), those after them
/// as they are. N(0, 0.02) at first (Zhu et al. 2017).
AdaptationPart generator_part(const std::string& name, int outputs = 3);
/// `{name}(self, x) -> Tensor`: [B, 3, H, W] to scores of patches of 22 pixels [B, 1, H', W']; 1 means real.
AdaptationPart discriminator_part(const std::string& name);
/// `detect(self, x) -> Tensor`: [B, 3, H, W] to [B, 3 classes, H / 8, W / 8]: logits of each class's heat, then where in
/// the cell it is, across for all classes and then down, in cells from its middle.
AdaptationPart detector_part(int classes);
/// `features(self, x) -> Tensor`: places of 32 maps [B, 64]; `act(self, features) -> Tensor`: [B, actions].
AdaptationPart task_part(int actions);

/// First numbers, one tensor after the other.
Vector drawn_numbers(const AdaptationPart& part, Rng& rng);
/// The part's tensors, lying in `numbers`.
std::vector<ScriptTensor> tensors_in(const AdaptationPart& part, const Vector& numbers);

}  // namespace understudy
