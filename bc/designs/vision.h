#pragma once
/// \file How a network sees: each camera's picture goes through a convolutional network of its own to a few numbers,
/// which stand beside the low-dimensional fields in every kind's observation. Frames of a window share the weights.
///
/// Networks: "cnn", small, ours; "resnet18" (He et al. 2016) with group norm of 16 channels a group in place of batch
/// norm (Wu, He 2018; Chi et al. 2023). Both end in a spatial softmax (Finn et al. 2016): of each map the mean place
/// under its softmax, so that what is kept of a picture is where things are.

#include <string>
#include <vector>

#include "bc/designs/design.h"
#include "datasets/types/sight.h"

namespace understudy {

struct VisionConfig {
  std::vector<SightCamera> cameras{};  ///< none: it sees no pictures
  std::string network = "cnn";
  int crop = 8;  ///< pixels cut off width and height: anywhere in training, equally on both sides when acting
  int keypoints = 32;  ///< maps, each of which gives a place
  int features = 64;   ///< numbers that are left of a picture
};

/// "cnn", "resnet18"
const std::vector<std::string>& vision_networks();

/// Numbers of all pictures of an observation, and of those that training cuts out.
int picture_numbers(const VisionConfig& vision);
int cropped_numbers(const VisionConfig& vision);

/// Throws UsageError naming what, its range and the finding.
void check_vision(const VisionConfig& vision);

/// Adds `see(self, observations: Tensor) -> Tensor`: [B, window, O] to [B, window, fields + cameras * features], raw
/// to normalised. O is `fields` + picture_numbers, or + cropped_numbers. Nothing without cameras.
void add_vision(SequenceDesign& design, const VisionConfig& vision, int fields);

}  // namespace understudy
