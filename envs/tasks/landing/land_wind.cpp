#include "envs/tasks/landing/land_wind.h"

#include <cmath>
#include <numbers>

namespace understudy {
namespace {

Eigen::Vector3d draw(Rng& rng, const WindOptions& options) {
  const double x = rng.normal(), y = rng.normal(), z = rng.normal();
  return {options.level_gust * x, options.level_gust * y, options.vertical_gust * z};
}

}  // namespace

Wind::Wind(Rng rng, const WindOptions& options) : rng_(rng), options_(options) {
  const double speed = rng_.uniform(0, options.max_mean);
  const double direction = rng_.uniform(-std::numbers::pi, std::numbers::pi);
  mean_ = {speed * std::cos(direction), speed * std::sin(direction), 0};
  gust_ = draw(rng_, options_);
}

void Wind::advance(double seconds) {
  const double kept = std::exp(-seconds / options_.correlation_time);
  gust_ = kept * gust_ + std::sqrt(1 - kept * kept) * draw(rng_, options_);
}

}  // namespace understudy
