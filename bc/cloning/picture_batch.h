#pragma once
/// \file Pictures beside the low-dimensional fields of a batch of windows.

#include <vector>

#include "bc/cloning/augmentation.h"
#include "bc/cloning/window_data.h"
#include "bc/designs/vision.h"

namespace understudy {

/// Makes of `batch`'s observations [B, window, fields] those with pictures, [B, window, fields + cropped_numbers].
/// `rows`: of `pairs`, for each of the B * window observations. All frames of a window are changed alike, by what `rng`
/// draws for each sample and camera; null: not at all.
void add_pictures(const CloningPairs& pairs, const std::vector<int>& rows, const VisionConfig& vision,
                  const AugmentationConfig& augmentation, int window, Rng* rng, WindowBatch& batch);

/// Tells the source of `pairs` that the pictures of these rows are wanted next.
void expect_pictures(const CloningPairs& pairs, std::vector<int> rows);

}  // namespace understudy
