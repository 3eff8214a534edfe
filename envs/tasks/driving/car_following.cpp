#include "envs/tasks/driving/car_following.h"

#include <algorithm>
#include <cmath>

namespace understudy {

double following_acceleration(const CarFollowingOptions& options, double speed, double desired_speed,
                              double gap, double closing) {
  const double comfort = 2 * std::sqrt(options.acceleration * options.deceleration);
  const double wanted =
      options.standing_gap + std::max(0.0, speed * options.time_gap + speed * closing / comfort);
  const double crowding = wanted / std::max(gap, 0.01);
  return options.acceleration * (1 - std::pow(speed / desired_speed, 4) - crowding * crowding);
}

double equilibrium_gap(const CarFollowingOptions& options, double speed, double desired_speed) {
  return (options.standing_gap + speed * options.time_gap) /
         std::sqrt(1 - std::pow(speed / desired_speed, 4));
}

}  // namespace understudy
