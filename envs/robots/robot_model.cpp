#include "envs/robots/robot_model.h"

#include "datasets/types/error.h"

namespace understudy {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

}  // namespace

std::pair<Eigen::Vector3d, Eigen::Vector3d> planar_axes(const RobotLink& link) {
  const Eigen::Matrix3d turn = link.inertial.linear();
  const Eigen::Vector3d axis = turn.transpose() * link.axis;
  const Eigen::Vector3d other = axis.x() > 0.999 ? Eigen::Vector3d(0, 1, 0) : Eigen::Vector3d(1, 0, 0);
  const Eigen::Vector3d first = axis.cross(other).normalized();
  return {turn * first, turn * first.cross(axis)};
}

int joint_dofs(JointType type) {
  switch (type) {
    case JointType::kFixed:
      return 0;
    case JointType::kPlanar:
      return 3;
    default:
      return 1;
  }
}

int RobotModel::dofs() const {
  int count = 0;
  for (const RobotLink& link : links) count += joint_dofs(link.type);
  return count;
}

int RobotModel::link_index(const std::string& link) const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < links.size(); ++i) {
    if (links[i].name == link) return static_cast<int>(i);
    names.push_back(links[i].name);
  }
  throw Error("robot '" + name + "': want a link '" + link + "', found only " + joined(names));
}

int RobotModel::link_dof(int link) const {
  if (joint_dofs(links[static_cast<std::size_t>(link)].type) == 0) return -1;
  int dof = 0;
  for (int i = 0; i < link; ++i) dof += joint_dofs(links[static_cast<std::size_t>(i)].type);
  return dof;
}

int RobotModel::joint_dof(const std::string& joint) const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < links.size(); ++i) {
    if (joint_dofs(links[i].type) == 0) continue;
    if (links[i].joint == joint) return link_dof(static_cast<int>(i));
    names.push_back(links[i].joint);
  }
  throw Error("robot '" + name + "': want a joint '" + joint + "' that moves, found only " + joined(names));
}

double RobotModel::mass() const {
  double sum = 0;
  for (const RobotLink& link : links) sum += link.mass;
  return sum;
}

std::vector<Eigen::Isometry3d> link_poses(const RobotModel& model, const Eigen::Isometry3d& base,
                                          const Eigen::Ref<const Eigen::VectorXd>& positions) {
  std::vector<Eigen::Isometry3d> poses;
  poses.reserve(model.links.size());
  Eigen::Index dof = 0;
  for (const RobotLink& link : model.links) {
    if (link.parent < 0) {
      poses.push_back(base);
      continue;
    }
    Eigen::Isometry3d pose = poses[static_cast<std::size_t>(link.parent)] * link.origin;
    switch (link.type) {
      case JointType::kFixed:
        break;
      case JointType::kRevolute:
      case JointType::kContinuous:
        pose.rotate(Eigen::AngleAxisd(positions[dof++], link.axis));
        break;
      case JointType::kPrismatic:
        pose.translate(positions[dof++] * link.axis);
        break;
      case JointType::kPlanar: {
        // The plane's offsets move the centre of mass, and the angle turns about it (as Bullet has it).
        const auto [first, second] = planar_axes(link);
        const Eigen::Vector3d centre = link.inertial.translation();
        pose.translate(positions[dof + 1] * first + positions[dof + 2] * second + centre);
        pose.rotate(Eigen::AngleAxisd(positions[dof], link.axis));
        pose.translate(-centre);
        dof += 3;
        break;
      }
    }
    poses.push_back(pose);
  }
  return poses;
}

}  // namespace understudy
