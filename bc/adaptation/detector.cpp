#include "bc/adaptation/detector.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "bc/adaptation/adaptation_losses.h"
#include "bc/networks/divergence_error.h"
#include "datasets/types/error.h"
#include "datasets/types/rng_streams.h"

namespace understudy {
namespace {

constexpr int kCell = 8;                      // pixels
constexpr int kBatch = 16;                    // pictures
constexpr double kRate = 1e-3;                // Adam's
constexpr float kSpread = 0.7F;               // cells
constexpr float kGain = 0.3F, kShift = 0.2F;  // distortion of each channel

constexpr const char* kScript = R"(
def loss(self, x: Tensor, target: Tensor, total: float, batch: float, train: bool) -> Tensor:
    k = target.size(1) // 3
    found = self.detect(x)
    y = target[:, :k]
    d = (found[:, k:] - target[:, k:]).abs() * torch.cat([y, y], 1).eq(1.0)
    huber = torch.where(d < 1.0, 0.5 * d * d, d - 0.5).sum() / torch.clamp_min(y.eq(1.0).sum(), 1.0)
    return self.focal(y, found[:, :k]) + huber

def plan(self, x: Tensor) -> Tuple[Tensor, Tensor]:
    return self.detect(x), x[:1, :1, 0, 0]
)";

}  // namespace

std::vector<float> detector_target(ConstVectorRef places, int classes, int width, int height) {
  const int columns = width / kCell, rows = height / kCell;
  const auto cells = static_cast<std::size_t>(columns * rows);
  std::vector<float> target(3 * static_cast<std::size_t>(classes) * cells, 0.0F);
  for (int k = 0; k < classes; ++k) {
    const float x = places[2 * k] / kCell, y = places[2 * k + 1] / kCell;  // cells
    if (std::isnan(x)) continue;
    const int at_x = static_cast<int>(std::floor(x)), at_y = static_cast<int>(std::floor(y));
    float* heat = target.data() + static_cast<std::size_t>(k) * cells;
    float* across = target.data() + static_cast<std::size_t>(classes + k) * cells;
    float* down = target.data() + static_cast<std::size_t>(2 * classes + k) * cells;
    for (int row = 0; row < rows; ++row) {
      for (int column = 0; column < columns; ++column) {
        const auto cell = static_cast<std::size_t>(row * columns + column);
        const float dx = x - static_cast<float>(column) - 0.5F, dy = y - static_cast<float>(row) - 0.5F;
        across[cell] = dx;
        down[cell] = dy;
        const bool own = row == at_y && column == at_x;
        // Strictly below 1 elsewhere: the cell is told by its heat.
        heat[cell] = own ? 1 : std::min(0.95F, std::exp(-(dx * dx + dy * dy) / (2 * kSpread * kSpread)));
      }
    }
  }
  return target;
}

Detector::Detector(int classes, int width, int height, std::uint64_t seed)
    : classes_(classes),
      width_(width),
      height_(height),
      rng_(Rng::stream(seed, RngStream::kAdaptationDetector)),
      part_(detector_part(classes)),
      numbers_(drawn_numbers(part_, rng_)),
      gradient_(Vector::Zero(numbers_.size())),
      adam_(static_cast<int>(numbers_.size())),
      network_(make_script_network("detector", part_.source + adaptation_losses() + kScript,
                                   tensors_in(part_, numbers_), {})) {}

double Detector::step(const AdaptationFrames& frames) {
  const auto pixels = static_cast<std::size_t>(width_ * height_);
  std::vector<float> pictures(kBatch * 3 * pixels), targets;
  for (std::size_t i = 0; i < kBatch; ++i) {
    const int index = static_cast<int>(rng_.below(static_cast<std::uint64_t>(frames.count())));
    float* picture = pictures.data() + i * 3 * pixels;
    frames.write(index, picture);
    for (std::size_t c = 0; c < 3; ++c) {
      const auto gain = static_cast<float>(rng_.uniform(1 - kGain, 1 + kGain));
      const auto shift = static_cast<float>(rng_.uniform(-kShift, kShift));
      for (std::size_t p = 0; p < pixels; ++p, ++picture)
        *picture = std::clamp(gain * *picture + shift, -1.0F, 1.0F);
    }
    const Vector places = frames.places.row(index).transpose();
    const std::vector<float> target = detector_target(places, classes_, width_, height_);
    targets.insert(targets.end(), target.begin(), target.end());
  }
  gradient_.setZero();
  const double loss = network_->loss(
      {{.shape = {kBatch, 3, height_, width_}, .values = pictures.data()},
       {.shape = {kBatch, 3 * classes_, height_ / kCell, width_ / kCell}, .values = targets.data()}},
      1, kBatch, true, 0, gradient_.data());
  if (!std::isfinite(loss)) throw DivergenceError(adam_.steps + 1, "detector loss");
  adam_step({.learning_rate = kRate}, gradient_, adam_, numbers_);
  return loss;
}

Matrix Detector::find(const std::vector<float>& pictures) const {
  const std::size_t size = 3 * static_cast<std::size_t>(width_ * height_);
  const std::size_t cells = static_cast<std::size_t>(width_ / kCell * (height_ / kCell));
  const auto classes = static_cast<std::size_t>(classes_);
  Matrix places(static_cast<Eigen::Index>(pictures.size() / size), 2 * classes_);
  std::vector<float> found(3 * classes * cells), none(1);
  for (Eigen::Index i = 0; i < places.rows(); ++i) {
    network_->plan(
        {{.shape = {1, 3, height_, width_}, .values = pictures.data() + static_cast<std::size_t>(i) * size}},
        found, none);
    for (std::size_t k = 0; k < classes; ++k) {
      const float* heat = found.data() + k * cells;
      const auto cell = static_cast<std::size_t>(std::max_element(heat, heat + cells) - heat);
      const auto columns = static_cast<std::size_t>(width_ / kCell);
      const float x = static_cast<float>(cell % columns) + 0.5F + found[(classes + k) * cells + cell];
      const std::size_t row = cell / columns;
      const float y = static_cast<float>(row) + 0.5F + found[(2 * classes + k) * cells + cell];
      places(i, static_cast<Eigen::Index>(2 * k)) = kCell * x;
      places(i, static_cast<Eigen::Index>(2 * k + 1)) = kCell * y;
    }
  }
  return places;
}

}  // namespace understudy
