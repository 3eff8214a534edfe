#pragma once
/// \file What training does to pictures, so that the policy does not hang on where exactly they were cut or how bright
/// they were: random crops (Laskin et al. 2020; Mandlekar et al. 2021), brightness and colour.

#include <cstdint>
#include <vector>

#include "datasets/types/rng.h"
#include "datasets/types/sight.h"

namespace understudy {

struct AugmentationConfig {
  int crop = 8;           ///< pixels cut off width and height, >= 0
  double brightness = 0;  ///< every picture times a factor from 1 - this to 1 + this, in [0, 1)
  double colour = 0;      ///< red, green and blue each times a factor of their own, likewise
};

/// What is done to one picture.
struct PictureChange {
  int left = 0, top = 0;  ///< pixels cut off there; the others of the crop on the other side
  float gain[3] = {1, 1, 1};
};

/// Draws nothing for what is switched off.
PictureChange draw_change(const AugmentationConfig& config, Rng& rng);

/// What is done when acting: the middle, as it is.
PictureChange no_change(const AugmentationConfig& config);

/// Writes the picture [height, width, 3] as `change` says, [height - crop, width - crop, 3] from 0 to 255, and returns
/// the end of what was written.
float* write_picture(const std::uint8_t* picture, const SightCamera& camera, int crop,
                     const PictureChange& change, float* out);

/// Applies each augmentation to a probe picture as training will, and throws Error unless it does to it what `config`
/// says: the crop shows nothing but the picture, at more than one place, and factors lie in their range, vary, and are
/// the same for all colours or not. To be called before training.
void check_augmentation(const AugmentationConfig& config, const SightCamera& camera);

}  // namespace understudy
