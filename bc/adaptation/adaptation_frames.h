#pragma once
/// \file Pictures of one side of an adaptation, in memory, with what simulation knows of them.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "datasets/types/matrix.h"

namespace understudy {

/// Where a picture stands in a dataset.
struct FramePlace {
  int episode = 0;
  int row = 0;
};

struct AdaptationFrames {
  int width = 0;                         ///< pixels, divisible by 8, at least 32
  int height = 0;                        ///< likewise
  std::vector<std::uint8_t> pictures{};  ///< [count, height, width, 3]
  std::vector<std::uint8_t>
      masks{};       ///< [count, height, width]: 1 where what is seen moves; GraspGAN's, else none
  Matrix actions{};  ///< [count, act_dim] that were taken next; likewise
  Matrix
      places{};  ///< [count, 2 classes], pixels across and down of each object; NaN where it is not in the picture

  int count() const;
  /// Picture `index` to [3, height, width] in [-1, 1].
  void write(int index, float* to) const;
};

/// From [-1, 1].
std::uint8_t picture_byte(float value);

/// The places of at most `most` of the dataset's pictures, evenly spread over all rows that have an action.
std::vector<FramePlace> spread_frames(const std::filesystem::path& file, int most);

/// Reads what `camera` sees at `places`; `content`: masks and actions too. Throws Error naming the file when it has no
/// such pictures, their sides do not divide by 8, or the segmentation that masks are made of is not there.
AdaptationFrames read_frames(const std::filesystem::path& file, const std::string& camera,
                             const std::vector<FramePlace>& places, bool content);

}  // namespace understudy
