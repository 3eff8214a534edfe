#include "envs/tasks/driving/drive_kerb.h"

#include <cmath>

namespace understudy {

Kerbs make_kerbs(const DriveTrack& track) {
  Kerbs kerbs;
  kerbs.stations = 2 * static_cast<int>(std::lround(track.length() / 2));
  const double outer = track.options().half_width;
  const double inner = outer - track.options().kerb_width;
  const double offsets[3] = {inner, (inner + outer) / 2, outer};
  const double heights[3] = {0, kKerbHeight, 0};
  for (int station = 0; station < kerbs.stations; ++station) {
    const double s = track.length() * station / kerbs.stations;
    for (int ring = 0; ring < 3; ++ring) {
      const Eigen::Vector2d left = track.beside(s, offsets[ring]), right = track.beside(s, -offsets[ring]);
      kerbs.left.emplace_back(left.x(), left.y(), heights[ring]);
      kerbs.right.emplace_back(right.x(), right.y(), heights[ring]);
    }
  }
  return kerbs;
}

}  // namespace understudy
