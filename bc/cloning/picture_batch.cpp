#include "bc/cloning/picture_batch.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace understudy {

void add_pictures(const CloningPairs& pairs, const std::vector<int>& rows, const VisionConfig& vision,
                  const AugmentationConfig& augmentation, int window, Rng* rng, WindowBatch& batch) {
  const auto fields = static_cast<std::size_t>(pairs.observations.cols());
  const auto pictures = static_cast<std::size_t>(cropped_numbers(vision));
  std::vector<float> seen(rows.size() * (fields + pictures));
  std::vector<std::uint8_t> bytes(PictureSource::step_bytes(vision.cameras));
  std::vector<PictureChange> changes(vision.cameras.size(), no_change(augmentation));
  const float* known = batch.observations.data();
  float* to = seen.data();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rng != nullptr && i % static_cast<std::size_t>(window) == 0) {
      for (PictureChange& change : changes) change = draw_change(augmentation, *rng);
    }
    to = std::copy_n(known + i * fields, fields, to);
    pairs.pictures->read(pairs.first_place + rows[i], bytes.data());
    const std::uint8_t* picture = bytes.data();
    for (std::size_t c = 0; c < changes.size(); ++c) {
      to = write_picture(picture, vision.cameras[c], vision.crop, changes[c], to);
      picture += vision.cameras[c].size();
    }
  }
  batch.observations = std::move(seen);
}

void expect_pictures(const CloningPairs& pairs, std::vector<int> rows) {
  for (int& row : rows) row += pairs.first_place;
  pairs.pictures->expect(std::move(rows));
}

}  // namespace understudy
