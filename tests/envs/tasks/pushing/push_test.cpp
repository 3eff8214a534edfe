#include "envs/tasks/pushing/push.h"

#include <cmath>
#include <numbers>

#include "datasets/types/rng.h"
#include "envs/rollouts/rollout.h"
#include "envs/tasks/pushing/push_bodies.h"
#include "envs/tasks/pushing/push_plan.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

using namespace push;
using Eigen::Vector2d;

TEST_CASE("the fields of Push's observation are where the header says") {
  const Space space = make_push()->spec().observation;
  CHECK(space.size() == kObservationSize);
  CHECK(space.offset("pusher") == kPusher);
  CHECK(space.offset("pusher_vel") == kPusherVel);
  CHECK(space.offset("block") == kBlock);
  CHECK(space.offset("turn") == kTurn);
  CHECK(space.offset("pusher_in_block") == kPusherInBlock);
}

TEST_CASE("a block covers its goal as worked out by hand") {
  const TeePose goal{.place = {0.02, -0.05}, .heading = 0.4};
  const auto at = [&](double along_stem, double along_bar) {
    return TeePose{.place = goal.motion() * Vector2d(along_stem, along_bar), .heading = goal.heading};
  };
  CHECK(tee_coverage(goal, goal) == Approx(1).epsilon(1e-13));
  CHECK(tee_coverage(at(0.2, 0), goal) == 0);
  // Along the bar by half its length: half of the bar is left, and the stem (within the
  // bar's half) meets no stem.
  CHECK(tee_coverage(at(0, 0.06), goal) == Approx(0.06 * 0.03 / 0.0063));
  // Along the stem by the bar's width: the shifted bar lies over the stem's first 30 mm, the shifted stem
  // over the last 60 mm of the goal's.
  CHECK(tee_coverage(at(-0.03, 0), goal) == Approx((0.03 * 0.03 + 0.06 * 0.03) / 0.0063));
  // Upside down about the bar's middle: bar on bar, stem beside stem.
  const Vector2d bar_middle(kCentreDepth - kBarWidth / 2, 0);
  const TeePose flipped{.place = goal.motion() * (2 * bar_middle),
                        .heading = goal.heading + std::numbers::pi};
  CHECK(tee_coverage(flipped, goal) == Approx(0.12 * 0.03 / 0.0063));
  // A right angle about the bar's middle: the bars share a square of 30 mm, the goal's stem the 45 mm of the
  // turned bar that reach down it; the goal's bar likewise holds 45 mm of the turned stem.
  const TeePose turned{
      .place = goal.motion() * Vector2d(bar_middle + Vector2d(-bar_middle.y(), -bar_middle.x())),
      .heading = goal.heading + std::numbers::pi / 2};
  CHECK(tee_coverage(turned, goal) == Approx((0.03 * 0.03 + 2 * 0.045 * 0.03) / 0.0063));
}

TEST_CASE("coverage agrees with counting random points, and 1.8 mm or 2.4 degrees off is still success") {
  Rng rng(4);
  const TeePose goal = goal_pose();
  for (int i = 0; i < 10; ++i) {
    const TeePose block{.place = goal.place + Vector2d(rng.uniform(-0.03, 0.03), rng.uniform(-0.03, 0.03)),
                        .heading = rng.uniform(-3, 3)};
    const Eigen::Isometry2d to_block = block.motion().inverse(), to_goal = goal.motion().inverse();
    int goals = 0, both = 0;
    for (int k = 0; k < 40000; ++k) {
      const Vector2d point = goal.place + Vector2d(rng.uniform(-0.1, 0.1), rng.uniform(-0.1, 0.1));
      const bool on_goal = tee_distance(to_goal * point) < 0;
      goals += on_goal;
      both += on_goal && tee_distance(to_block * point) < 0;
    }
    // 6300 of 40000 points hit the goal: four standard deviations of the share are at most 0.026.
    CHECK(tee_coverage(block, goal) == Approx(static_cast<double>(both) / goals).margin(0.026));
  }
  for (int i = 0; i < 50; ++i) {
    const double way = rng.uniform(0, 2 * std::numbers::pi);
    TeePose block = goal;
    block.place += 0.0018 * Vector2d(std::cos(way), std::sin(way));
    CHECK(tee_coverage(block, goal) > kSuccessCoverage);
    block.place = goal.place;
    block.heading = goal.heading + (i % 2 == 0 ? 1 : -1) * 2.4 * std::numbers::pi / 180;
    CHECK(tee_coverage(block, goal) > kSuccessCoverage);
  }
}

TEST_CASE("the middle of the block's area is its bodies' centre of mass, and its outline encloses its area") {
  Vector2d moment(0, 0);
  double sum = 0;
  for (const TeeBox& box : tee_boxes()) {
    moment += 4 * box.half.prod() * box.centre;
    sum += 4 * box.half.prod();
  }
  CHECK(sum == Approx(kTeeArea));
  CHECK(moment.norm() < 1e-15);
  const auto& outline = tee_outline();
  CHECK(area(Polygon(outline.begin(), outline.end())) == Approx(kTeeArea));
  for (const Vector2d& corner : outline) CHECK(std::abs(tee_distance(corner)) < 1e-15);
}

/// Block and pusher in their world, without the task around them.
struct Bench {
  explicit Bench(const TeePose& block = {}, const Vector2d& pusher = {0.3, 0.3})
      : world(push_world()), bodies(world, block, pusher) {
    run(0.2);
  }
  void run(double seconds) {
    for (int i = 0; i < static_cast<int>(std::lround(seconds / world.time_step())); ++i) world.step();
  }
  BulletWorld world;
  PushBodies bodies;
};

TEST_CASE("a block that nobody pushes stays where it is for a minute") {
  Bench bench({.place = {0.05, -0.1}, .heading = 1});
  const TeePose before = bench.bodies.tee();
  bench.run(60);
  const TeePose after = bench.bodies.tee();
  CHECK((after.place - before.place).norm() < 1e-9);
  CHECK(std::abs(after.heading - before.heading) < 1e-9);
  CHECK(bench.bodies.block().getWorldTransform().getOrigin().z() == Approx(kTeeHeight / 2).margin(1e-6));
}

TEST_CASE("a sliding block stops after v² / 2 mu g, straight on") {
  const double speed = GENERATE(0.1, 0.3), direction = GENERATE(0.0, 0.7, 2.5);
  Bench bench;
  const TeePose before = bench.bodies.tee();
  bench.bodies.block().setLinearVelocity(
      btVector3(speed * std::cos(direction), speed * std::sin(direction), 0));
  bench.run(0.5);
  const TeePose after = bench.bodies.tee();
  const Vector2d slid = after.place - before.place;
  // Semi-implicit Euler loses up to one step's way against the parabola.
  CHECK(slid.norm() == Approx(speed * speed / (2 * kTableGrip * kGravity)).margin(speed * kPhysicsStep));
  CHECK(std::atan2(slid.y(), slid.x()) == Approx(direction).margin(0.01));
  CHECK(std::abs(after.heading - before.heading) < 0.01);
}

TEST_CASE("a turning block is braked by the friction of weight on its boxes' corners") {
  Bench bench;
  btRigidBody& block = bench.bodies.block();
  block.setAngularVelocity(btVector3(0, 0, 3));
  const double before = block.getAngularVelocity().z();
  bench.run(3 * kPhysicsStep);
  const double braking = (before - block.getAngularVelocity().z()) / (3 * kPhysicsStep);
  const double moment = braking / block.getInvInertiaDiagLocal().z();
  const double arm = moment / (kTableGrip * kBlockMass * kGravity);
  // Between the nearest corner (18 mm from the middle) and the furthest (81 mm). Which of the eight bear how
  // much is not determined: the planner's figure need only be near.
  CHECK(arm == Approx(0.0556).margin(0.001));
  CHECK(arm == Approx(kMomentArm).epsilon(0.25));
}

TEST_CASE("a pushed block stops within 2 mm of the pusher's stop, and is not dragged back") {
  // Against the stem's end, along the stem.
  Bench bench({}, {kCentreDepth - 0.12 - kPusherRadius - 0.005, 0});
  bench.bodies.drive({0.1, 0});
  bench.run(1);
  CHECK(bench.bodies.tee().place.x() == Approx(0.095).margin(0.002));
  bench.bodies.drive({0, 0});
  const double released = bench.bodies.tee().place.x();
  bench.run(0.5);
  const double rest = bench.bodies.tee().place.x();
  CHECK(rest - released < 0.002);
  bench.bodies.drive({-0.1, 0});
  bench.run(1);
  CHECK(bench.bodies.tee().place.x() == Approx(rest).margin(1e-6));
}

TEST_CASE("a push goes the way the planner's model says, nearly") {
  // Off the stem's axis it turns the block, to the side that the lever says; on it, not.
  for (const double y : {-0.05, -0.02, 0.0, 0.02, 0.05}) {
    CAPTURE(y);
    const Contact contact = nearest_contact({kCentreDepth + kPusherRadius, y});
    const Push push = push_at(contact);
    Bench bench({}, contact.pusher - 0.001 * contact.normal);
    const Vector2d begin = bench.bodies.pusher();
    bench.bodies.drive(0.05 * push.direction);
    bench.run(0.3);
    const double length = (bench.bodies.pusher() - begin).norm() - 0.001;
    const TeePose now = bench.bodies.tee();
    const Twist moved = twist_of({now.place, now.heading}) / length;
    CHECK(moved.x() == Approx(push.twist.x()).margin(0.3));
    CHECK(moved.y() == Approx(push.twist.y()).margin(0.2));
    CHECK(moved.z() == Approx(push.twist.z()).margin(0.25 + 0.75 * std::abs(push.twist.z())));
    if (y != 0) CHECK(moved.z() * y > 0);
  }
}

TEST_CASE("a full push moves the pusher at 0.3 m/s in any direction, and the range's end stops it") {
  const auto env = make_push();
  Vector o(kObservationSize), start(kObservationSize), action(2);
  env->reset(3, start);
  action << 1, 1;
  for (int t = 0; t < 2; ++t) env->step(action, o);
  CHECK(o.segment<2>(kPusherVel).norm() == Approx(0.3).margin(0.001));
  // Into a corner of the range, whatever is in the way.
  const Vector2d goal = goal_pose().place;
  for (int t = 0; t < 120; ++t) env->step(action, o);
  CHECK(o[kPusher] + goal.x() == Approx(kReach).margin(0.001));
  CHECK(o[kPusher + 1] + goal.y() == Approx(kReach).margin(0.001));
  CHECK(o.segment<2>(kPusherVel).norm() < 0.001F);
}

TEST_CASE("starts lie in PushT's ranges, and pusher and block are apart") {
  const auto env = make_push();
  Vector o(kObservationSize);
  const TeePose goal = goal_pose();
  double furthest = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    env->reset(seed, o);
    CAPTURE(seed);
    const TeePose block{.place = goal.place + o.segment<2>(kBlock).cast<double>(),
                        .heading = goal.heading + std::atan2(o[kTurn + 1], o[kTurn])};
    const Vector2d origin = block.motion() * Vector2d(kCentreDepth, 0);
    const Vector2d pusher = goal.place + o.segment<2>(kPusher).cast<double>();
    CHECK(origin.cwiseAbs().maxCoeff() < 0.1561);
    CHECK(pusher.cwiseAbs().maxCoeff() < 0.2061);
    CHECK(tee_distance(block.motion().inverse() * pusher) > kPusherRadius + 0.0049);
    // The two places of the pusher are one.
    CHECK((block.motion() * o.segment<2>(kPusherInBlock).cast<double>() - pusher).norm() < 1e-6);
    furthest = std::max(furthest, origin.norm());
  }
  CHECK(furthest > 0.15);
}

TEST_CASE(
    "the expert's episodes end with the goal covered, rewards being the coverage over 0.95 until then") {
  const auto env = make_environment("Push");
  const auto expert = make_expert("Push");
  const Episode episode = rollout(*env, *expert, GENERATE(31, 32, 33));
  REQUIRE(episode.success);
  CHECK(episode.terminated);
  const TeePose goal = goal_pose();
  for (int t = 1; t <= episode.length(); ++t) {
    const auto o = episode.observations.row(t);
    const TeePose block{.place = goal.place + o.segment<2>(kBlock).transpose().cast<double>(),
                        .heading = goal.heading + std::atan2(o[kTurn + 1], o[kTurn])};
    const double coverage = tee_coverage(block, goal);
    const double reward = episode.rewards[static_cast<std::size_t>(t - 1)];
    CHECK(reward == Approx(std::min(1.0, coverage / 0.95)).margin(1e-5));
    if (t < episode.length()) CHECK(coverage < 0.95 + 1e-5);
  }
  CHECK(episode.rewards.back() == 1);
}

TEST_CASE("the expert still gets there with its eyes a tenth of a second behind its hand") {
  const auto env = make_environment("Push");
  const auto expert = make_expert("Push");
  const std::uint64_t seed = GENERATE(41, 42, 43);
  constexpr int kDelay = 2;  // steps
  Vector o(kObservationSize);
  env->reset(seed, o);
  Matrix seen(1, kObservationSize), actions = Matrix::Zero(kDelay + 1, 2), latest(1, 2);
  StepResult result;
  while (!result.terminated && !result.truncated) {
    seen.row(0) = o.transpose();
    expert->act(seen, latest);
    for (int k = 0; k < kDelay; ++k) actions.row(k) = actions.row(k + 1).eval();
    actions.row(kDelay) = latest.row(0);
    result = env->step(actions.row(0).transpose(), o);
  }
  CHECK(result.success);
}

TEST_CASE("the expert has an action in [-1, 1] for any observation, the pusher inside the block included") {
  Rng rng(8);
  const auto expert = make_expert("Push");
  Matrix seen(500, kObservationSize), actions(500, 2);
  for (Eigen::Index row = 0; row < seen.rows(); ++row) {
    const double size = row % 5 == 0 ? 0.01 : 0.5;
    for (float& value : seen.row(row)) value = static_cast<float>(rng.uniform(-size, size));
    if (row % 7 == 0) seen.row(row).setZero();
  }
  expert->act(seen, actions);
  CHECK(actions.allFinite());
  CHECK(actions.cwiseAbs().maxCoeff() <= 1);
}

TEST_CASE("the logarithm of a pose gives the pose back, and pushes do what it says") {
  Rng rng(9);
  for (int i = 0; i < 100; ++i) {
    const double angle = rng.uniform(-3.1, 3.1), x = rng.uniform(-0.3, 0.3), y = rng.uniform(-0.3, 0.3);
    const Twist twist = twist_of({.place = {x, y}, .rotation = angle});
    // A thousandth of the twist, a thousand times.
    Eigen::Isometry2d pose = Eigen::Isometry2d::Identity();
    const Eigen::Isometry2d part =
        TeePose{.place = twist.head<2>() / 1000, .heading = twist.z() / 1000}.motion();
    for (int k = 0; k < 1000; ++k) pose = pose * part;
    CHECK((pose.translation() - Vector2d(x, y)).norm() < 2e-3);
    CHECK(twist.z() == Approx(angle));
  }
}

TEST_CASE("the pusher's way leads round the block, never through it") {
  Rng rng(10);
  const TeePose block;
  int bent = 0;
  for (int i = 0; i < 500; ++i) {
    CAPTURE(i);
    const auto draw = [&] {
      Vector2d point;
      do {
        point = {rng.uniform(-0.2, 0.2), rng.uniform(-0.2, 0.2)};
      } while (tee_distance(point) < (kPusherRadius + kClearance) * 1.5);
      return point;
    };
    const Vector2d from = draw(), to = draw();
    Vector2d at = from;
    double walked = 0, length = 0;
    for (int leg = 0; leg < 20 && (at - to).norm() > 1e-9; ++leg) {
      const auto way = PushPaths(at, block).way_to(to);
      REQUIRE(way);
      if (leg == 0) length = way->length;
      for (int k = 0; k <= 20; ++k) {
        CHECK(tee_distance(at + (way->next - at) * k / 20) > kPusherRadius + kClearance - 2e-3);
      }
      walked += (way->next - at).norm();
      at = way->next;
    }
    CHECK((at - to).norm() < 1e-9);
    CHECK(walked == Approx(length).margin(5e-3));
    bent += length > (to - from).norm() + 1e-6;
  }
  CHECK(bent > 100);
}

}  // namespace
}  // namespace understudy
