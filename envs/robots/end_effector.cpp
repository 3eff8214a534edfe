#include "envs/robots/end_effector.h"

#include <algorithm>
#include <tuple>

#include "datasets/types/error.h"

namespace understudy {
namespace {

constexpr int kPoses = 500;
constexpr double kLeastRadius = 1e-3;  // m

RobotFrame point_on(const RobotModel& model, int link) {
  const RobotLink& end = model.links[static_cast<std::size_t>(link)];
  RobotFrame frame{.link = link};
  if (joint_dofs(end.type) > 0) frame.pose.translation() = end.inertial.translation();
  return frame;
}

std::vector<int> joints_above(const RobotModel& model, int link) {
  std::vector<int> dofs;
  for (; link > 0; link = model.links[static_cast<std::size_t>(link)].parent) {
    if (const int dof = model.link_dof(link); dof >= 0) dofs.push_back(dof);
  }
  std::reverse(dofs.begin(), dofs.end());
  return dofs;
}

double length_to(const RobotModel& model, const RobotFrame& frame) {
  double length = frame.pose.translation().norm();
  for (int link = frame.link; link > 0; link = model.links[static_cast<std::size_t>(link)].parent) {
    length += model.links[static_cast<std::size_t>(link)].origin.translation().norm();
  }
  return length;
}

int end_of_longest_chain(const RobotModel& model) {
  int best = 0;
  std::pair<std::size_t, double> most{0, 0};
  for (int link = 1; link < static_cast<int>(model.links.size()); ++link) {
    const std::pair<std::size_t, double> found{joints_above(model, link).size(),
                                               length_to(model, point_on(model, link))};
    if (found > most) std::tie(best, most) = std::tie(link, found);
  }
  return best;
}

}  // namespace

EndEffector find_end_effector(const RobotModel& model, const std::vector<DrivenJoint>& joints,
                              const std::string& name) {
  const int link = name.empty() ? end_of_longest_chain(model) : model.link_index(name);
  EndEffector effector{.frame = point_on(model, link), .joints = joints_above(model, link)};
  Rng rng(1);
  std::vector<Eigen::Vector3d> places;
  Eigen::Vector3d middle = Eigen::Vector3d::Zero();
  for (int i = 0; i < kPoses; ++i) {
    places.push_back(place_of(effector, model, draw_joints(model, joints, rng)));
    middle += places.back() / kPoses;
  }
  for (const Eigen::Vector3d& place : places) {
    effector.radius = std::max(effector.radius, (place - middle).norm());
  }
  if (effector.radius < kLeastRadius) {
    throw Error(
        "robot '" + model.name + "': its joints do not move link '" +
        model.links[static_cast<std::size_t>(link)].name +
        "' (its centre of mass; the origin of a link on a fixed joint) anywhere: name another one after "
        "the file, Reach:FILE.urdf#LINK");
  }
  return effector;
}

Eigen::Vector3d place_of(const EndEffector& effector, const RobotModel& model,
                         const Eigen::VectorXd& positions) {
  return frame_pose(effector.frame, link_poses(model, Eigen::Isometry3d::Identity(), positions))
      .translation();
}

}  // namespace understudy
