#pragma once
/// \file The kerbs of a track, as vertices that physics and picture share.

#include <Eigen/Core>
#include <vector>

#include "envs/tasks/driving/drive_track.h"

namespace understudy {

inline constexpr double kKerbHeight = 0.03;  ///< m, of the ridge in the middle of a kerb

/// Both kerbs cut into stations about one metre apart. At each station a kerb has three vertices: inner edge
/// on the ground, ridge in the middle, outer edge on the ground.
struct Kerbs {
  int stations = 0;
  std::vector<Eigen::Vector3d> left;   ///< [3 * stations], towards the outside of the track
  std::vector<Eigen::Vector3d> right;  ///< the same for the right kerb
};

/// An even number of stations, so that two colours can alternate around the lap.
Kerbs make_kerbs(const DriveTrack& track);

}  // namespace understudy
