#pragma once
/// \file Trains generators, discriminators and, in GraspGAN, the task's network: one step after the other.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bc/adaptation/adaptation_config.h"
#include "bc/adaptation/adaptation_frames.h"
#include "bc/adaptation/adaptation_networks.h"
#include "bc/adaptation/detector.h"
#include "bc/networks/adam.h"

namespace understudy {

class Archive;

/// Fakes of earlier steps, half of which discriminators see in place of the present ones (Shrivastava et al. 2017, as
/// CycleGAN has it): each comes in, and once the pool is full goes out at once or in exchange for one that is there.
class FakePool {
 public:
  explicit FakePool(int size) : size_(size) {}
  /// Replaces `picture` [numbers] by one that the discriminator is to see.
  void exchange(float* picture, std::size_t numbers, Rng& rng);
  void serialise(Archive& archive, const std::string& name);

 private:
  int size_;
  std::vector<Vector> kept_;
};

class Adapter {
 public:
  /// `sim`, `real` and `detector`, which stays as it is, must outlive this. Throws UsageError like validate.
  Adapter(const AdaptationConfig& config, const AdaptationFrames& sim, const AdaptationFrames& real,
          const Detector& detector, std::uint64_t seed);
  ~Adapter();

  /// Names of the numbers that a step gives, in their order.
  const std::vector<std::string>& loss_names() const { return names_; }
  /// One step of the generators, then one of the discriminators. Throws DivergenceError naming the loss.
  std::vector<double> step();
  int steps_done() const { return static_cast<int>(generator_adam_.steps); }

  /// Pictures of simulation, adapted: [count, 3, height, width] likewise.
  std::vector<float> adapted(const std::vector<float>& pictures) const;
  /// A row of eight pictures each, from both sides: x, G(x) and F(G(x)); y and F(y). Without F: x, G(x); y. RGB bytes
  /// [rows * height, 8 * width, 3].
  std::vector<std::uint8_t> sheet(int& rows) const;

  /// Generator G alone and its numbers, to be kept.
  AdaptationPart generator() const;
  Vector generator_numbers() const;

  /// Everything that the next step depends on.
  void serialise(Archive& archive);

 private:
  void draw(const AdaptationFrames& frames, std::vector<int>& rows, std::vector<float>& pictures);
  void step_generators();
  void step_discriminators();
  double rate() const;
  void run(const char* method, const std::vector<float>& from, std::vector<float>& to) const;

  AdaptationConfig config_;
  const AdaptationFrames& sim_;
  const AdaptationFrames& real_;
  const Detector& detector_;
  bool two_way_;  ///< with F, from real to simulated
  int channels_;  ///< that G gives
  std::vector<std::string> names_;
  Rng rng_;
  AdaptationPart generators_, discriminators_;
  Vector generator_numbers_, discriminator_numbers_, generator_gradient_, discriminator_gradient_;
  AdamState generator_adam_, discriminator_adam_;
  FakePool pool_y_, pool_x_;

  // Of the present step.
  std::vector<int> x_rows_, y_rows_;
  std::vector<float> x_, y_, fake_y_, fake_x_, masks_, actions_;
  std::vector<float> parts_;  ///< of the generators' loss
  double discriminator_loss_ = 0;

  std::unique_ptr<ScriptNetwork> generator_network_, discriminator_network_, forward_, backward_;
};

}  // namespace understudy
