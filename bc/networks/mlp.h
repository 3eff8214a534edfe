#pragma once
/// \file Multi-layer perceptrons with hand-written gradients over one flat parameter vector.
///
/// Layer l computes h_l = f(h_{l-1} W_l + b_l), h_0 the input; the last layer has no f. With `layer_norm`
/// hidden layers compute f(N(h_{l-1} W_l + b_l)), where N subtracts a row's mean and divides by its deviation
/// (Ba, Kiros, Hinton 2016), without a scale and shift of its own. Networks of this size are bound by
/// overhead rather than arithmetic, so there is no graph and no allocation in a pass: matrix products go to
/// BLAS, everything else is fused into one sweep per layer, but for N, which takes sweeps of its own.

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bc/networks/mlp_device.h"
#include "datasets/types/matrix.h"
#include "datasets/types/rng.h"

namespace understudy {

enum class Activation { kTanh, kRelu };

/// "tanh", "relu".
std::string activation_name(Activation activation);
/// Throws UsageError that lists the known names.
Activation parse_activation(const std::string& name);

struct MlpSpec {
  int inputs = 0;
  std::vector<int> hidden;  ///< widths of the hidden layers; none: a linear map
  int outputs = 0;
  Activation activation = Activation::kTanh;  ///< of the hidden layers
  bool layer_norm = false;                    ///< as above

  bool operator==(const MlpSpec&) const = default;
};

/// What a pass keeps: the outputs of every layer and their gradients. Grows to the largest batch it has seen;
/// passes of that size or less allocate nothing on the CPU.
class MlpWorkspace {
 public:
  /// For passes on `device`, as far as it takes them, else on the CPU; null: all on the CPU. What hidden
  /// layers keep may not be looked at.
  explicit MlpWorkspace(std::shared_ptr<MlpDevice> device = nullptr) : device_(std::move(device)) {}
  /// For passes on the CPU whose hidden layers may be looked at.
  static MlpWorkspace with_hidden_layers();

  /// Raw outputs of the last forward pass `[batch, outputs]`.
  Eigen::Map<Matrix> outputs();
  /// Gradient of the loss with respect to `outputs()` `[batch, outputs]`; the caller writes it before
  /// backward.
  Eigen::Map<Matrix> output_gradient();
  /// h of layer `layer` in [0, layers()) `[batch, width(layer + 1)]`, after forward. Wants a workspace
  /// with_hidden_layers.
  Eigen::Map<const Matrix> activations(int layer) const;
  /// dL/dz of that layer, z = h_{l-1} W_l + b_l, after backward or backward_inputs. Same shape, same want.
  Eigen::Map<const Matrix> gradients(int layer) const;

 private:
  friend class Mlp;
  int batch_ = 0;
  int capacity_ = 0;
  std::vector<int> widths_;          ///< of layers 1..L
  std::vector<Vector> activations_;  ///< h_1..h_L, row-major [capacity, width]
  std::vector<Vector> gradients_;    ///< dL/dh_l, then dL/dz_l in place
  std::vector<Vector> normalised_;   ///< N(z_l) of hidden layers, like activations_; empty without layer_norm
  std::vector<Vector> precisions_;   ///< [capacity] one over the deviations that they were divided by
  std::vector<int> rows_;            ///< of the batch that backward_inputs goes through; room for capacity
  bool keeps_hidden_layers_ = false;
  std::shared_ptr<MlpDevice> device_;
  std::unique_ptr<MlpDevicePass> device_pass_;  ///< null before the first pass on the device
  bool on_device_ = false;                      ///< the last forward pass was
};

/// The shape of a network, immutable; parameters and workspace are the caller's.
/// The flat vector holds, layer by layer, W_l `[in, out]` row-major and then b_l `[out]`.
class Mlp {
 public:
  /// Throws Error when a width is not positive, UsageError for 2^31 parameters or more.
  explicit Mlp(MlpSpec spec);

  const MlpSpec& spec() const { return spec_; }
  /// Number of affine maps: hidden layers plus one.
  int layers() const { return static_cast<int>(sizes_.size()) - 1; }
  /// Width of layer boundary `layer`: 0 is the input, layers() the output.
  int width(int layer) const { return sizes_[static_cast<std::size_t>(layer)]; }
  int parameter_count() const { return parameter_count_; }
  /// First entry of W_l and of b_l in the flat vector; `layer` in [0, layers()).
  int weight_offset(int layer) const { return weight_offsets_[static_cast<std::size_t>(layer)]; }
  int bias_offset(int layer) const;

  /// Orthogonal weights (Saxe, McClelland, Ganguli 2014), gain 1 for tanh, sqrt 2 for relu, `output_gain`
  /// for the last layer; zero biases. `[parameter_count]`
  Vector initial_parameters(Rng& rng, double output_gain) const;

  /// Writes workspace.outputs() for inputs `[batch, inputs]`. `parameters` `[parameter_count]`.
  void forward(ConstVectorRef parameters, ConstMatrixRef inputs, MlpWorkspace& workspace) const;

  /// After forward with the same parameters and inputs, and output_gradient() filled in: overwrites
  /// `gradient`
  /// `[parameter_count]` with dL/dparameters. Destroys output_gradient().
  void backward(ConstVectorRef parameters, ConstMatrixRef inputs, MlpWorkspace& workspace,
                VectorRef gradient) const;

  /// After forward with the same parameters and inputs: writes tangents.outputs(), the derivative J v of the
  /// outputs along the direction v in parameter space, `direction` `[parameter_count]`. Wants a network
  /// without layer_norm.
  void forward_tangent(ConstVectorRef parameters, ConstVectorRef direction, ConstMatrixRef inputs,
                       const MlpWorkspace& workspace, MlpWorkspace& tangents) const;

  /// After forward with the same parameters, and output_gradient() filled in: overwrites `input_gradient`
  /// `[batch, columns]` with dL/d(input columns `first_column` on), without the parameters' gradient.
  /// Destroys output_gradient() and, unless the workspace is one with_hidden_layers, what it keeps of them:
  /// rows without a gradient are then left out of the work.
  void backward_inputs(ConstVectorRef parameters, MlpWorkspace& workspace, int first_column,
                       MatrixRef input_gradient) const;

 private:
  /// Turns dL/dh of a layer into dL/dz; for hidden layers through the activation.
  void backward_activation(MlpWorkspace& workspace, int layer, float* bias_gradient) const;
  /// values <- values * f'(z), of `count` entries of a hidden layer whose outputs are `output`.
  void chain(float* values, const float* output, std::size_t count) const;
  /// dL/dh of the layer below from dL/dz of `layer`, or of the input columns from `first_column` on.
  void backward_product(ConstVectorRef parameters, MlpWorkspace& workspace, int layer, int first_column,
                        int columns, float* below, int below_stride) const;
  void prepare(MlpWorkspace& workspace, int batch) const;
  /// Moves the rows with an output gradient, which it lists in workspace.rows_, to the front of all that
  /// backward_inputs reads.
  void gather_rows_with_gradient(MlpWorkspace& workspace) const;
  /// values <- f(values).
  void activate(float* values, std::size_t count) const;
  /// h <- f(N(h)) of a hidden layer's h = z.
  void normalise(MlpWorkspace& workspace, int layer) const;
  /// In place: dL/dz from dL/dN(z).
  void normalise_backward(MlpWorkspace& workspace, int layer) const;
  bool forward_on_device(ConstVectorRef parameters, ConstMatrixRef inputs, MlpWorkspace& workspace) const;

  MlpSpec spec_;
  std::vector<int> sizes_;
  std::vector<int> weight_offsets_;
  int parameter_count_ = 0;
};

}  // namespace understudy
