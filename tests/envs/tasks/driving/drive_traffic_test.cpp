#include "envs/tasks/driving/drive_traffic.h"
#include "datasets/types/rng_streams.h"

#include <cmath>
#include <numbers>

#include "envs/rollouts/rollout.h"
#include "envs/tasks/driving/car_following.h"
#include "envs/tasks/driving/drive_lane.h"
#include "envs/tasks/driving/drive_road.h"
#include "envs/tasks/driving/drive_traffic_cars.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

using namespace drive;

const CarFollowingOptions kFollowing;

/// Six other cars on a track, and nobody else.
struct Road {
  explicit Road(std::uint64_t seed) {
    Rng rng = Rng::stream(seed, RngStream::kDrive);
    track = DriveTrack::draw(rng);
    kerbs = make_kerbs(track);
    crossing = 0.5 * track.length();
    road = add_road(world, kerbs);
    cars = std::make_unique<TrafficCars>(world, road, track, draw_traffic(rng, track.length(), crossing),
                                         crossing);
  }
  void run(const RoadUser& actor) {
    cars->decide(actor, 1.0 / 30);
    for (int i = 0; i < 8; ++i) {
      cars->before_step();
      world.step();
    }
  }
  double lane_error(int i) const { return cars->user(i).offset - cars->direction(i) * kLane; }

  BulletWorld world;
  DriveTrack track;
  Kerbs kerbs;
  std::vector<const btCollisionObject*> road;
  double crossing = 0;
  std::unique_ptr<TrafficCars> cars;
};

constexpr RoadUser kNobody{0, 50, 0};

TEST_CASE("the fields of DriveTraffic's observation are Drive's and four more") {
  const Space space = make_drive_traffic()->spec().observation, drives = make_drive()->spec().observation;
  CHECK(space.size() == kTrafficObservationSize);
  for (const Field& field : drives.fields()) CHECK(space.offset(field.name) == drives.offset(field.name));
  CHECK(space.offset("lead_gap") == kLeadGap);
  CHECK(space.offset("lead_closing") == kLeadClosing);
  CHECK(space.offset("oncoming_gap") == kOncomingGap);
  CHECK(space.offset("oncoming_closing") == kOncomingClosing);
}

TEST_CASE("on a free road the driver model accelerates by a (1 - (v / v0)^4)") {
  CHECK(following_acceleration(kFollowing, 0, 10, 1e9, 0) == Approx(kFollowing.acceleration));
  CHECK(following_acceleration(kFollowing, 10, 10, 1e9, 0) == Approx(0).margin(1e-12));
  // 1 - 1/16
  CHECK(following_acceleration(kFollowing, 5, 10, 1e9, 0) == Approx(0.9375 * kFollowing.acceleration));
}

TEST_CASE("behind a car of the same speed nothing changes at the equilibrium gap") {
  const double speed = GENERATE(0.0, 2.0, 5.0, 7.9);
  const double gap = equilibrium_gap(kFollowing, speed, 8);
  CHECK(following_acceleration(kFollowing, speed, 8, gap, 0) == Approx(0).margin(1e-12));
  CHECK(following_acceleration(kFollowing, speed, 8, 0.9 * gap, 0) < 0);
  CHECK(following_acceleration(kFollowing, speed, 8, 1.1 * gap, 0) > 0);
  if (speed == 0) CHECK(gap == kFollowing.standing_gap);
  // (2 + 5 * 1.2) / sqrt(1 - (5/8)^4)
  if (speed == 5) CHECK(gap == Approx(8.690).epsilon(1e-3));
}

TEST_CASE("driving up to a car that stands, the model stops a standing gap behind it, without braking hard") {
  double gap = 60, speed = 8, hardest = 0;
  for (int i = 0; i < 240 * 60; ++i) {
    const double acceleration = following_acceleration(kFollowing, speed, 8, gap, speed);
    hardest = std::min(hardest, acceleration);
    speed = std::max(0.0, speed + acceleration / 240);
    gap -= speed / 240;
  }
  CHECK(gap == Approx(kFollowing.standing_gap).margin(0.1));
  CHECK(hardest > -1.6 * kFollowing.deceleration);
}

TEST_CASE("the pedal for an acceleration gives the car just that") {
  const double wanted = GENERATE(-5.0, -2.0, -0.3, 0.5, 2.0);
  BulletWorld world;
  auto& plane = world.keep(std::make_unique<btStaticPlaneShape>(btVector3(0, 0, 1), 0));
  const btRigidBody& ground =
      world.add_body(plane, btTransform::getIdentity(), {.mass = 0, .group = kRoadBit});
  DriveCar car(world, {&ground}, btVector3(0, 0, 0), 0);
  const auto run = [&](double seconds, double acceleration) {
    for (int i = 0; i < static_cast<int>(seconds * 240); ++i) {
      car.command(0, pedal_for(car.options(), acceleration, car.forward_speed()));
      car.before_step();
      world.step();
    }
  };
  run(1.5, 2);
  const double before = car.forward_speed();
  run(0.5, wanted);
  CHECK((car.forward_speed() - before) / 0.5 == Approx(wanted).margin(0.12));
}

TEST_CASE("who travels the other way sees the road's left as right and its bends mirrored") {
  Rng rng(4);
  const DriveTrack track = DriveTrack::draw(rng);
  for (const double s : {10.0, 50.0, 100.0}) {
    const DriveTrack::Place place = track.locate(track.beside(s, 1.2), -1);
    const RoadView along = view_road(track, place, track.heading(place.s), 1);
    const RoadView against = view_road(track, place, track.heading(place.s) + std::numbers::pi, -1);
    CHECK(along.offset == Approx(1.2).margin(0.02));
    CHECK(against.offset == -along.offset);
    CHECK(std::abs(against.heading_error) < 1e-9);
    CHECK(against.curvatures[0] == -along.curvatures[0]);
    CHECK(against.curvatures[2] == Approx(-track.curvature(place.s - kPreviewDistances[2])));
  }
}

TEST_CASE("alone with one another the cars keep lane and speed, never touch, and all stop at the crossing") {
  const std::uint64_t seed = GENERATE(1, 2, 3);
  CAPTURE(seed);
  Road road(seed);
  std::vector<double> slowest(kTrafficCars, 1e9), furthest_off(kTrafficCars, 0.0), fastest(kTrafficCars, 0.0);
  for (int t = 0; t < 30 * 60; ++t) {
    road.run(kNobody);
    for (int i = 0; i < kTrafficCars; ++i) {
      const auto k = static_cast<std::size_t>(i);
      const RoadUser user = road.cars->user(i);
      furthest_off[k] = std::max(furthest_off[k], std::abs(road.lane_error(i)));
      fastest[k] = std::max(fastest[k], user.speed);
      const double line = road.crossing - road.cars->direction(i) * 3.2;
      if (std::abs(user.s - line) < 1.2) slowest[k] = std::min(slowest[k], user.speed);
      for (int j = 0; j < i; ++j) {
        const btVector3 apart = road.cars->car(i).chassis().getWorldTransform().getOrigin() -
                                road.cars->car(j).chassis().getWorldTransform().getOrigin();
        // Abreast in neighbouring lanes they are 3 m apart, in one lane a standing gap and a length.
        REQUIRE(apart.length() > 1.8);
      }
    }
  }
  for (std::size_t i = 0; i < kTrafficCars; ++i) {
    CAPTURE(i);
    // Tyres reach 0.72 m to the side, the lane 1.5 m.
    CHECK(furthest_off[i] < 0.75);
    CHECK(slowest[i] < 0.3);
    CHECK(fastest[i] > 4);
    CHECK(fastest[i] < 7);
  }
}

TEST_CASE("a car in a lane is waited for by who follows in that lane, and by nobody else") {
  Road road(5);
  // Parked in the right lane, 8 m ahead of the first car's start; the next is at least 15 m ahead of it.
  const double s = road.cars->user(0).s + 8;
  const RoadUser parked{s - road.track.length() * std::floor(s / road.track.length()), kLane, 0};
  double nearest = 1e9;
  double oncoming = 0;
  for (int t = 0; t < 30 * 75; ++t) {
    road.run(parked);
    for (int i = 0; i < kTrafficEachWay; ++i) {
      const double ahead = distance_ahead(road.cars->user(i).s, parked.s, 1, road.track.length());
      nearest = std::min(nearest, std::min(ahead, road.track.length() - ahead));
    }
    oncoming = std::max(oncoming, road.cars->user(kTrafficEachWay).speed);
  }
  // A length and a standing gap between the centres.
  CHECK(nearest == Approx(2.4 + kFollowing.standing_gap).margin(0.3));
  for (int i = 0; i < kTrafficEachWay; ++i) CHECK(road.cars->user(i).speed < 0.1);
  CHECK(oncoming > 4);
}

TEST_CASE("the lidar meets a car's sides where geometry says") {
  const DriveLidar lidar(
      {.rays = 3, .first = -std::numbers::pi / 2, .spacing = std::numbers::pi / 2, .range = 20});
  Vector distances = Vector::Constant(3, 20);
  const double yaw = GENERATE(0.0, 0.7, -2.0);
  const Eigen::Vector2d eye(3, -1), forward(std::cos(yaw), std::sin(yaw)), left(-forward.y(), forward.x());
  // 8 m ahead and lengthways; 5 m to the left and across; to the right nothing.
  lidar.cast_boxes(
      eye, yaw,
      {{eye + 8 * forward, yaw, 1.2, 0.55}, {eye + 5 * left, yaw + std::numbers::pi / 2, 1.2, 0.55}},
      distances);
  CHECK(distances[0] == 20);
  CHECK(distances[1] == Approx(8 - 1.2));
  CHECK(distances[2] == Approx(5 - 1.2));
  // Nearer things keep their distance.
  distances.setConstant(2);
  lidar.cast_boxes(eye, yaw, {{eye + 8 * forward, yaw, 1.2, 0.55}}, distances);
  CHECK(distances[1] == 2);
}

TEST_CASE("who does not look at the others runs into one: no success, the penalty paid, no gap left") {
  // The expert, told that the road is free.
  const auto env = make_drive_traffic();
  const auto expert = make_drive_traffic_expert();
  Vector o(kTrafficObservationSize);
  Matrix seen(1, kTrafficObservationSize), chosen(1, 2);
  int collisions = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    env->reset(seed, o);
    StepResult result;
    for (int t = 0; t < 1200 && !result.terminated; ++t) {
      seen.row(0) = o.transpose();
      seen(0, kLeadGap) = static_cast<float>(kTrafficSight);
      seen(0, kLeadClosing) = 0;
      expert->act(seen, chosen);
      result = env->step(chosen.row(0).transpose(), o);
    }
    REQUIRE(result.terminated);
    if (result.success) continue;
    ++collisions;
    CHECK(result.cause == "collision");
    CHECK(result.reward < -4);
    // Its bumper is at the other's, along a road that may bend.
    CHECK(o[kLeadGap] == Approx(0).margin(1));
    CHECK(o[kLidar + kRays / 2] < 2);
  }
  CHECK(collisions >= 6);
}

TEST_CASE("the gap to the car ahead shrinks as fast as the closing speed says") {
  const auto env = make_drive_traffic();
  const auto expert = make_drive_traffic_expert();
  Vector o(kTrafficObservationSize), next(kTrafficObservationSize);
  Matrix seen(1, kTrafficObservationSize), chosen(1, 2);
  env->reset(7, o);
  int compared = 0;
  for (int t = 0; t < 600; ++t) {
    seen.row(0) = o.transpose();
    expert->act(seen, chosen);
    REQUIRE_FALSE(env->step(chosen.row(0).transpose(), next).terminated);
    for (const int gap : {kLeadGap, kOncomingGap}) {
      const bool same = o[gap] < 39 && next[gap] < 39 && o[gap] > 0 && std::abs(next[gap] - o[gap]) < 2;
      if (!same) continue;
      ++compared;
      // In bends the lanes are up to a sixth longer or shorter than the centreline.
      const float slack = 0.05F + 0.25F * std::abs(o[kSpeed]) / 30 + 0.25F * 7 / 30;
      CHECK(o[gap] - next[gap] == Approx((o[gap + 1] + next[gap + 1]) / 60).margin(slack));
    }
    o = next;
  }
  CHECK(compared > 100);
}

TEST_CASE("an expert's lap among the others earns a tenth of its length plus five, and ends in its lane") {
  const auto env = make_environment("DriveTraffic");
  const auto expert = make_expert("DriveTraffic");
  const Episode episode = rollout(*env, *expert, GENERATE(21, 22), {.keep_states = true});
  REQUIRE(episode.success);
  double sum = 0;
  for (const float r : episode.rewards) sum += r;
  CHECK(sum > 13 + 5 - 0.5);
  CHECK(sum < 19.1 + 5);
  CHECK((episode.observations.col(kLateralOffset).array() - static_cast<float>(kLane)).abs().maxCoeff() <
        0.6F);
  CHECK(episode.observations.col(kLeadGap).minCoeff() > 0.8F);
}

}  // namespace
}  // namespace understudy
