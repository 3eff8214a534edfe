#include "envs/tasks/driving/drive_track.h"

#include <cmath>
#include <numbers>

#include "envs/tasks/driving/drive_kerb.h"
#include "envs/tasks/driving/drive_lidar.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

constexpr double kPi = std::numbers::pi;

DriveTrack track_of(std::uint64_t seed) {
  Rng rng(seed);
  return DriveTrack::draw(rng);
}

TEST_CASE("every track is one closed turn within the lengths and radii it is drawn for") {
  int clockwise = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    CAPTURE(seed);
    const DriveTrack track = track_of(seed);
    REQUIRE(track.length() >= track.options().min_length);
    REQUIRE(track.length() <= track.options().max_length);
    const double step = 0.05;
    const int n = static_cast<int>(track.length() / step);
    double turned = 0, travelled = 0;
    for (int i = 0; i < n; ++i) {
      const double s = track.length() * i / n, next = track.length() * (i + 1) / n;
      REQUIRE(std::abs(track.curvature(s)) <= 1 / track.options().min_radius + 1e-6);
      turned += track.curvature(s) * track.length() / n;
      travelled += (track.position(next) - track.position(s)).norm();
    }
    // A simple closed curve turns once around (Hopf 1935); a figure of eight would not.
    REQUIRE(std::abs(turned) == Approx(2 * kPi).epsilon(1e-3));
    REQUIRE(travelled == Approx(track.length()).epsilon(1e-3));
    clockwise += turned < 0;
  }
  CHECK(clockwise > 25);
  CHECK(clockwise < 75);
}

TEST_CASE("heading is the direction of travel and curvature its rate of change") {
  const DriveTrack track = track_of(GENERATE(1, 2, 3));
  for (double s = 0; s < track.length(); s += 0.37) {
    const Eigen::Vector2d along = track.position(s + 0.5) - track.position(s - 0.5);
    CHECK(std::abs(wrap_angle(std::atan2(along.y(), along.x()) - track.heading(s))) < 0.01);
    CHECK(std::abs(wrap_angle(track.heading(s + 0.5) - track.heading(s - 0.5)) - track.curvature(s)) < 0.01);
  }
}

TEST_CASE("locating a point beside the centreline gives back where it was put") {
  const DriveTrack track = track_of(GENERATE(4, 5, 6));
  Rng rng(9);
  for (int i = 0; i < 300; ++i) {
    const double s = rng.uniform(0, track.length()), offset = rng.uniform(-3.5, 3.5);
    const Eigen::Vector2d point = track.beside(s, offset);
    const DriveTrack::Place place = track.locate(point, -1);
    CHECK(std::abs(std::remainder(place.s - s, track.length())) < 0.1);
    CHECK(place.offset == Approx(offset).margin(0.02));
    const DriveTrack::Place again = track.locate(point, place.sample);
    CHECK(again.s == place.s);
  }
}

TEST_CASE("the lidar sees the edge where the distance from the centreline says that it is") {
  const DriveTrack track = track_of(GENERATE(7, 8));
  const int rays = 17;
  const DriveLidar lidar({.rays = rays, .first = -kPi / 2, .spacing = kPi / (rays - 1), .range = 20});
  Rng rng(10);
  for (int i = 0; i < 20; ++i) {
    const Eigen::Vector2d position = track.beside(rng.uniform(0, track.length()), rng.uniform(-2.5, 2.5));
    const DriveTrack::Place place = track.locate(position, -1);
    const double yaw = track.heading(place.s) + rng.uniform(-0.5, 0.5);
    Vector distances(rays);
    lidar.cast(track, position, yaw, {}, distances);
    for (int ray = 0; ray < rays; ++ray) {
      // An independent way to the same number: walk along the ray until the track's edge is passed.
      const double angle = yaw - kPi / 2 + ray * kPi / (rays - 1);
      const Eigen::Vector2d direction(std::cos(angle), std::sin(angle));
      double walked = 0;
      int sample = place.sample;
      while (walked < 20) {
        const DriveTrack::Place here = track.locate(position + walked * direction, sample);
        if (std::abs(here.offset) > track.options().half_width) break;
        sample = here.sample;
        walked += 0.01;
      }
      CAPTURE(i, ray);
      // A grazing ray meets the edge's chords up to about a decimetre early.
      CHECK(distances[ray] == Approx(std::min(walked, 20.0)).margin(0.25));
    }
  }
}

TEST_CASE("the lidar stops at a cone and only in the direction of the cone") {
  const DriveTrack track = track_of(1);
  const DriveLidar lidar({.rays = 3, .first = -0.5, .spacing = 0.5, .range = 20, .cone_radius = 0.2});
  const Eigen::Vector2d position = track.position(0);
  const double yaw = track.heading(0);
  const Eigen::Vector2d ahead(std::cos(yaw), std::sin(yaw));
  Vector without(3), with(3), behind(3);
  lidar.cast(track, position, yaw, {}, without);
  lidar.cast(track, position, yaw, {position + 2.0 * ahead}, with);
  lidar.cast(track, position, yaw, {position - 2.0 * ahead}, behind);
  REQUIRE(without[1] > 3);
  CHECK(with[1] == Approx(1.8));
  CHECK(with[0] == without[0]);
  CHECK(with[2] == without[2]);
  CHECK(behind == without);
}

TEST_CASE("kerbs lie along the edges, flat outside and raised in the middle") {
  const DriveTrack track = track_of(2);
  const Kerbs kerbs = make_kerbs(track);
  REQUIRE(kerbs.left.size() == static_cast<std::size_t>(3 * kerbs.stations));
  CHECK(kerbs.stations % 2 == 0);
  const double offsets[] = {3.0, 3.25, 3.5};
  for (std::size_t i = 0; i < kerbs.left.size(); ++i) {
    CHECK(track.locate(kerbs.left[i].head<2>(), -1).offset == Approx(offsets[i % 3]).margin(0.02));
    CHECK(track.locate(kerbs.right[i].head<2>(), -1).offset == Approx(-offsets[i % 3]).margin(0.02));
    CHECK(kerbs.left[i].z() == (i % 3 == 1 ? kKerbHeight : 0));
  }
}

TEST_CASE("options that no track can meet are refused") {
  Rng rng(1);
  CHECK_THROWS_WITH(DriveTrack::draw(rng, {.min_length = 40, .max_length = 50}),
                    ContainsSubstring("no track fits"));
}

}  // namespace
}  // namespace understudy
