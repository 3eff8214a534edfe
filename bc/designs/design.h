#pragma once
/// \file A network that plans actions from a window of observations, as numbers to train and as the TorchScript that
/// computes with them. The same text trains it (its loss, differentiated by LibTorch), acts, and stands in the
/// policy's file for Python, so that there is one description of each network and not three.

#include <cstdint>
#include <string>
#include <vector>

namespace understudy {

/// A tensor to train. Every entry is drawn from [centre - bound, centre + bound) at first, the last `shifted` with
/// `shift` added to it.
struct DesignTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  float bound = 0;
  float centre = 0;
  std::int64_t shifted = 0;
  float shift = 0;
};

/// Sizes are counted in steps of the task.
struct SequenceDesign {
  std::vector<DesignTensor> tensors;
  /// Two methods, and what they call. B samples, O and A the sizes of observation and action; observations are raw,
  /// `self.mean` and `self.scale` normalise them.
  ///   def loss(self, observations: Tensor, actions: Tensor, weights: Tensor, noise: Tensor, total: float,
  ///            batch: float, train: bool) -> Tensor
  /// of [B, window, O], [B, targets, A], [B, targets] and [B, loss_noise]: a scalar, these samples' part of the mean
  /// over `batch` samples, or over steps weighing `total`. `train`: with dropout.
  ///   def plan(self, observations: Tensor, state: Tensor, noise: Tensor) -> Tuple[Tensor, Tensor]
  /// of [B, history, O], [B, max(state, 1)] and [B, max(plan_noise, 1)], standard normal: actions [B, planned, A] in
  /// [-1, 1], and the next state. The state begins as zeros.
  std::string source;

  int history = 1;      ///< observations that a plan is made from, the present one last
  int planned = 1;      ///< actions of a plan, the next one first
  int executed = 1;     ///< of them that are carried out before there is a new plan
  double ensemble = 0;  ///< > 0: plans at every step and averages what all plans say of it (Zhao et al. 2023)
  int state = 0;        ///< numbers kept from plan to plan
  bool doubts = false;  ///< the state after a plan is how far what speaks for it disagrees
  int plan_noise = 0;   ///< random numbers that a plan takes
  int loss_noise = 0;   ///< that the loss takes for a sample
  int window = 1;       ///< observations of a training sample
  int before = 0;       ///< of them that lie before the sample's own step
  int targets = 1;      ///< actions of a training sample
  int first_target = 0;     ///< place in the window of the observation that the first belongs to
  bool pads_count = false;  ///< whether repetitions of an episode's last action count as targets
};

/// Collects tensors and methods. All functions return an expression of what they add.
class DesignBuilder {
 public:
  /// Uniform within 1 / sqrt(fan_in) as PyTorch's layers are (He et al. 2015, with a = sqrt 5).
  std::string weight(const std::string& name, std::vector<std::int64_t> shape, int fan_in);
  std::string constant(const std::string& name, std::vector<std::int64_t> shape, float value);
  /// `x` [..., in] to [..., out]. A single row is left as a vector, for which no library rearranges the weights.
  std::string linear(const std::string& x, const std::string& name, int in, int out);
  /// The last tensor's last `count` entries begin with `shift` added.
  void shift_last(std::int64_t count, float shift);
  /// Over the last dimension.
  std::string layer_norm(const std::string& x, const std::string& name, int width);
  void method(const std::string& text) { source_ += text; }

  std::vector<DesignTensor> tensors() const { return tensors_; }
  std::string source() const;
  /// The methods alone, to be added to another builder's source.
  const std::string& methods() const { return source_; }

 private:
  std::vector<DesignTensor> tensors_;
  std::string source_;
};

/// `text` with each `{name}` replaced by what `values` say of it.
std::string filled(std::string text, const std::vector<std::pair<std::string, std::string>>& values);

/// Shortest text that reads as this number in TorchScript.
std::string number(double value);
inline std::string number(int value) {
  return std::to_string(value);
}

}  // namespace understudy
