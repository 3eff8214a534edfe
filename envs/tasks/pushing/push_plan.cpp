#include "envs/tasks/pushing/push_plan.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "envs/tasks/pushing/push.h"

namespace understudy::push {
namespace {

using Eigen::Vector2d, Eigen::Vector3d;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Everything below is ours, found by trying; times are what the expert's speeds come to.
constexpr double kWaySpeed = 0.25;    // m/s on the way to a contact
constexpr double kPushSpeed = 0.15;   // m/s while pushing
constexpr double kContactTime = 1.1;  // s to approach a contact and to slow down at a push's end
// What a plan leaves over costs nothing up to kFreeRest, then kRestPrice, but no more than new pushes would.
constexpr double kFreeRest = 0.0012;  // m
constexpr double kRestPrice = 2000;   // s/m
constexpr double kRestTime = 3;       // s
constexpr double kRestSpeed = 0.05;   // m/s
/// m per rad: rotations and translations of this ratio take about the same from the coverage.
constexpr double kRestArm = 0.05;
constexpr double kLargeTurn = 0.2;    // rad: beyond, the order of turning and moving matters
constexpr double kEdge = 0.2;         // m from the middle of the workspace: further out there is no way round
constexpr double kEdgePrice = 200;    // s/m beyond
constexpr double kLikedTurn = 0.4;    // rad from the shortest turn to the other way round, by side
constexpr double kSidePrice = 1.0;    // s for beginning at a contact on the other side, by side
constexpr double kFine = 0.04;        // m that is left to do, below which there is no other side
constexpr double kCoarse = 0.10;      // m from where on it costs all of that
constexpr double kTouching = 0.001;   // m from pusher to block
constexpr double kShortest = 0.0002;  // m: a push shorter than this is none
constexpr double kLeastVolume = 0.02;  // m, of three twists: below, lengths blow up

/// Rotations in metres, so that lengths of twists mean something.
Vector3d weighed(const Twist& twist) {
  return {twist.x(), twist.y(), kRestArm * twist.z()};
}

double price(const Rest& rest) {
  const double turn = std::abs(std::remainder(rest.rotation, 2 * std::numbers::pi));
  const double size = rest.place.norm() + kRestArm * turn;
  return std::min(kRestPrice * std::max(0.0, size - kFreeRest), kRestTime + size / kRestSpeed);
}

double push_time(double length) {
  return kContactTime + length / kPushSpeed;
}

}  // namespace

PushPlanner::PushPlanner(double preferred_side) : side_(preferred_side) {
  constexpr double kTop = kCentreDepth, kInner = kTop - kBarWidth, kEnd = kInner - kStemLength;
  constexpr double kBar = kBarLength / 2, kStem = kStemWidth / 2, kR = kPusherRadius;
  std::size_t count = 0;
  const auto add = [&](double x, double y, double nx, double ny) {
    contacts_[count++] = {.pusher = {x, y}, .normal = {nx, ny}};
  };
  for (const double y : {-0.054, -0.036, -0.018, 0.0, 0.018, 0.036, 0.054}) add(kTop + kR, y, -1, 0);
  for (const double side : {-1.0, 1.0}) {
    for (const double x : {0.004, 0.015, 0.026}) add(kTop - x, side * (kBar + kR), 0, -side);
    for (const double y : {0.042, 0.049, 0.056}) add(kInner - kR, side * y, 1, 0);
    for (const double x : {0.026, 0.045, 0.065, 0.085}) add(kInner - x, side * (kStem + kR), 0, -side);
  }
  add(kEnd - kR, 0, 1, 0);

  for (std::size_t i = 0; i < kContacts; ++i) pushes_[i] = push_at(contacts_[i]);
  for (std::size_t i = 0; i < kContacts; ++i) {
    const PushPaths paths(contacts_[i].pusher, TeePose{});
    for (std::size_t j = 0; j < kContacts; ++j) {
      ways_[i][j] = paths.way_to(approach(contacts_[j]))->length / kWaySpeed;
    }
  }
  for (int i = 0; i < kContacts; ++i) {
    for (int j = 0; j < i; ++j) {
      for (int k = 0; k < j; ++k) {
        Triple triple{.contact = {i, j, k}, .inverse = {}};
        Eigen::Matrix3d twists;
        for (int column = 0; column < 3; ++column) {
          twists.col(column) =
              pushes_[static_cast<std::size_t>(triple.contact[static_cast<std::size_t>(column)])].twist;
        }
        if (std::abs(twists.determinant()) * kRestArm < kLeastVolume) continue;
        triple.inverse = twists.inverse();
        triples_.push_back(triple);
      }
    }
  }
}

/// One search for the best plan. Contact kHere is where the pusher touches now.
class PushPlanner::Search {
 public:
  Search(const PushPlanner& planner, const PushSituation& situation);
  PlannedPush run();

 private:
  static constexpr int kHere = kContacts;

  const Push& push(int i) const {
    return i == kHere ? here_push_ : planner_.pushes_[static_cast<std::size_t>(i)];
  }
  double begin(int i) const { return begin_[static_cast<std::size_t>(i)]; }
  double way(int from, int to) const {
    return from == kHere ? begin(to)
                         : planner_.ways_[static_cast<std::size_t>(from)][static_cast<std::size_t>(to)];
  }
  /// How far the block is from the middle of the workspace along either axis when `rest` is left to do, m.
  double from_middle(const Rest& rest) const {
    const Vector2d to_goal = Eigen::Rotation2Dd(goal_.heading - rest.rotation) * rest.place;
    return (goal_.place - to_goal).cwiseAbs().maxCoeff();
  }
  void offer(const std::array<int, 3>& order, const Vector3d& lengths, int count);
  void try_one(const Twist& error, int i);
  void try_two(const Twist& error, int i, int j);
  void try_three(const Vector3d& lengths, const std::array<int, 3>& contacts);
  void try_all(const Twist& error);

  const PushPlanner& planner_;
  TeePose goal_;
  Rest rest_;
  double edge_ = 0;  // m: no push shall take the block further out
  Vector2d pusher_;
  Contact here_;
  Push here_push_;
  bool touching_ = false;
  std::array<Way, kContacts> ways_;
  std::array<double, kContacts + 1> begin_;  // s until each push can begin
  PlannedPush best_;
  int first_ = kHere;
};

PushPlanner::Search::Search(const PushPlanner& planner, const PushSituation& situation)
    : planner_(planner), goal_(situation.goal) {
  const Eigen::Isometry2d motion = situation.block.motion(), to_block = motion.inverse();
  pusher_ = to_block * situation.pusher;
  rest_ = {
      .place = to_block * situation.goal.place,
      .rotation = std::remainder(situation.goal.heading - situation.block.heading, 2 * std::numbers::pi)};
  const double from_liked = rest_.rotation - kLikedTurn * planner.side_;
  if (std::abs(from_liked) > std::numbers::pi)
    rest_.rotation -= std::copysign(2 * std::numbers::pi, from_liked);
  edge_ = std::max(kEdge, from_middle(rest_));
  here_ = nearest_contact(pusher_);
  here_push_ = push_at(here_);
  touching_ = (here_.pusher - pusher_).dot(here_.normal) < kTouching;
  const PushPaths paths(pusher_, situation.block);
  // Corrections are made wherever they are shortest.
  const double left = rest_.place.norm() + kRestArm * std::abs(rest_.rotation);
  const double other_side =
      kSidePrice * std::abs(planner.side_) * std::clamp((left - kFine) / (kCoarse - kFine), 0.0, 1.0);
  begin_.fill(kInfinity);
  if (touching_) begin_[kHere] = -kContactTime;
  for (std::size_t i = 0; i < kContacts; ++i) {
    const Vector2d at = approach(planner.contacts_[i]);
    if ((motion * at).cwiseAbs().maxCoeff() > kReach) continue;
    if (const auto found = paths.way_to(at)) {
      ways_[i] = *found;
      begin_[i] = found->length / kWaySpeed;
      if (planner.contacts_[i].pusher.y() * planner.side_ < 0) begin_[i] += other_side;
    }
  }
  best_.seconds = kInfinity;
}

void PushPlanner::Search::offer(const std::array<int, 3>& order, const Vector3d& lengths, int count) {
  if (lengths[0] < kShortest) return;
  double seconds = begin(order[0]);
  for (int i = 0; i < count; ++i) {
    seconds += push_time(lengths[i]);
    if (i > 0) seconds += way(order[static_cast<std::size_t>(i - 1)], order[static_cast<std::size_t>(i)]);
  }
  if (seconds >= best_.seconds) return;
  Rest rest = rest_;
  for (int i = 0; i < count; ++i) {
    rest = rest_after(rest, push(order[static_cast<std::size_t>(i)]).twist, lengths[i]);
    if (i == 0) seconds += kEdgePrice * std::max(0.0, from_middle(rest) - edge_);
  }
  seconds += price(rest);
  if (seconds >= best_.seconds) return;
  best_.seconds = seconds;
  best_.length = lengths[0];
  best_.pushes = count;
  first_ = order[0];
}

void PushPlanner::Search::try_one(const Twist& error, int i) {
  const Vector3d twist = weighed(push(i).twist);
  const double length = twist.dot(weighed(error)) / twist.squaredNorm();
  if (length > 0) offer({i, 0, 0}, {length, 0, 0}, 1);
}

void PushPlanner::Search::try_two(const Twist& error, int i, int j) {
  const Vector3d p = weighed(push(i).twist), q = weighed(push(j).twist), e = weighed(error);
  const double pp = p.squaredNorm(), pq = p.dot(q), qq = q.squaredNorm(), determinant = pp * qq - pq * pq;
  if (determinant < 0.01 * pp * qq) return;
  const double first = (qq * p.dot(e) - pq * q.dot(e)) / determinant;
  const double second = (pp * q.dot(e) - pq * p.dot(e)) / determinant;
  if (first < 0 || second < 0) return;
  offer({i, j, 0}, {first, second, 0}, 2);
  if (i != kHere) offer({j, i, 0}, {second, first, 0}, 2);
}

void PushPlanner::Search::try_three(const Vector3d& lengths, const std::array<int, 3>& contacts) {
  if (lengths.minCoeff() < 0) return;
  const double seconds = push_time(lengths[0]) + push_time(lengths[1]) + push_time(lengths[2]);
  if (seconds - kContactTime >= best_.seconds) return;
  constexpr std::array<std::array<int, 3>, 6> kOrders{
      {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}};
  const auto& c = contacts;
  for (const auto& [x, y, z] : kOrders) {
    const auto a = static_cast<std::size_t>(x), b = static_cast<std::size_t>(y),
               d = static_cast<std::size_t>(z);
    if (c[b] == kHere || c[d] == kHere) continue;  // it is only here while the pusher is
    offer({c[a], c[b], c[d]}, {lengths[x], lengths[y], lengths[z]}, 3);
  }
}

void PushPlanner::Search::try_all(const Twist& error) {
  const int from = touching_ ? kHere : kContacts - 1;
  for (int i = from; i >= 0; --i) try_one(error, i);
  for (int i = from; i >= 0; --i) {
    for (int j = std::min(i, static_cast<int>(kContacts)) - 1; j >= 0; --j) try_two(error, i, j);
  }
  if (touching_) {
    for (int i = 0; i < kContacts; ++i) {
      for (int j = 0; j < i; ++j) {
        const Twist &a = here_push_.twist, &b = push(i).twist, &c = push(j).twist;
        const double volume = a.dot(b.cross(c));
        if (std::abs(volume) * kRestArm < kLeastVolume) continue;
        try_three(Vector3d(error.dot(b.cross(c)), a.dot(error.cross(c)), a.dot(b.cross(error))) / volume,
                  {kHere, i, j});
      }
    }
  }
  for (const Triple& triple : planner_.triples_) try_three(triple.inverse * error, triple.contact);
}

PlannedPush PushPlanner::Search::run() {
  const double turn = rest_.rotation;
  try_all(twist_of(rest_));
  if (std::abs(turn) > kLargeTurn) {
    // Translation after the rotation, and before it.
    const Vector2d after = Eigen::Rotation2Dd(-turn) * rest_.place;
    try_all({after.x(), after.y(), turn});
    try_all({rest_.place.x(), rest_.place.y(), turn});
  }
  PlannedPush result = best_;
  result.touching = first_ == kHere;
  const auto first = static_cast<std::size_t>(first_);
  result.contact = result.touching ? here_ : planner_.contacts_[first];
  result.push = push(first_);
  result.next = result.touching ? pusher_ : ways_[first].next;
  result.way = result.touching ? 0 : ways_[first].length;
  return result;
}

PlannedPush PushPlanner::plan(const PushSituation& situation) const {
  return Search(*this, situation).run();
}

}  // namespace understudy::push
