#pragma once
/// \file Which pushes to make to bring the block of Push to its goal.
///
/// What is left to do is a twist; it is written as a sum of one, two or three pushes with lengths >= 0. The
/// best sum is the one that takes the least time, ways between contacts included; what it leaves over, since
/// pushes of finite length do not commute, costs time too. Three are always enough for a small twist: those
/// of all contacts positively span the three dimensions. The model is not the world: the plan is made anew at
/// every step. A push that goes on costs no way, which keeps the plan from wavering.

#include <array>
#include <vector>

#include "envs/tasks/pushing/push_model.h"
#include "envs/tasks/pushing/push_path.h"

namespace understudy::push {

/// Where everything is, in the workspace's axes.
struct PushSituation {
  TeePose block, goal;
  Eigen::Vector2d pusher;
};

/// The first push of the best plan. Of length 0 at the nearest contact if none can be reached.
struct PlannedPush {
  Contact contact;
  Push push;
  double length = 0;           ///< m
  Eigen::Vector2d next{0, 0};  ///< where the pusher goes first if it is not there yet, in the block's axes
  double way = 0;              ///< m, all the way to where the push begins
  bool touching = false;       ///< it is there
  double seconds = 0;          ///< of the whole plan, as estimated
  int pushes = 0;              ///< of the whole plan
};

/// Chooses pushes. Immutable.
class PushPlanner {
 public:
  /// `preferred_side` as ExpertStyle::side: above 0 it rather begins at contacts on the left of the block (the stem points away
  /// from whoever looks along it) and turns blocks to the left that have about half a turn to go; below 0 the other way.
  explicit PushPlanner(double preferred_side = 0);

  PlannedPush plan(const PushSituation& situation) const;

 private:
  class Search;
  static constexpr int kContacts = 28;

  double side_;
  std::array<Contact, kContacts> contacts_;
  std::array<Push, kContacts> pushes_;
  /// Seconds from the end of one push to the beginning of another.
  std::array<std::array<double, kContacts>, kContacts> ways_;
  /// Three contacts and the inverse of the matrix whose columns are their twists.
  struct Triple {
    std::array<int, 3> contact;
    Eigen::Matrix3d inverse;
  };
  std::vector<Triple> triples_;
};

}  // namespace understudy::push
