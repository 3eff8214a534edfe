#pragma once
/// \file A small detector of what a task is about: a heat map and offsets on cells of 8 pixels. Its labels are free in
/// simulation. It learns once and then tells whether adapted pictures still show things where they were.

#include <cstdint>
#include <memory>
#include <vector>

#include "bc/adaptation/adaptation_frames.h"
#include "bc/adaptation/adaptation_networks.h"
#include "bc/networks/adam.h"

namespace understudy {

class Detector {
 public:
  /// For pictures of this size; first numbers and batches by `seed`.
  Detector(int classes, int width, int height, std::uint64_t seed);

  /// One step of Adam (1e-3) on the focal and the offsets' loss of 16 pictures, their colours distorted; the loss.
  /// Throws DivergenceError.
  double step(const AdaptationFrames& frames);

  /// Where each object is most likely, [count, 2 classes], pixels, for pictures [count, 3, height, width].
  Matrix find(const std::vector<float>& pictures) const;

  int classes() const { return classes_; }
  const AdaptationPart& part() const { return part_; }
  const Vector& numbers() const { return numbers_; }
  /// Numbers that were trained before. Their size must fit.
  void set_numbers(const Vector& numbers) { numbers_ = numbers; }

 private:
  int classes_, width_, height_;
  Rng rng_;
  AdaptationPart part_;
  Vector numbers_;
  Vector gradient_;
  AdamState adam_;
  std::unique_ptr<ScriptNetwork> network_;
};

/// What the detector is to give for objects at `places` [2 classes]: heat [classes, height / 8, width / 8], a Gaussian of
/// 0.7 cells that is 1 in the object's cell, then offsets likewise, across and down, in cells from the cell's middle.
/// NaN: no heat.
std::vector<float> detector_target(ConstVectorRef places, int classes, int width, int height);

}  // namespace understudy
