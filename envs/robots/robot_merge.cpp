#include "envs/robots/robot_merge.h"

#include <Eigen/Eigenvalues>

namespace understudy {
namespace {

/// Inertia tensor of a link about the point `about`, in the link's axes.
Eigen::Matrix3d inertia_about(const RobotLink& link, const Eigen::Vector3d& about) {
  const Eigen::Matrix3d axes = link.inertial.linear();
  const Eigen::Vector3d away = link.inertial.translation() - about;
  return axes * link.inertia.asDiagonal() * axes.transpose() +
         link.mass * (away.squaredNorm() * Eigen::Matrix3d::Identity() - away * away.transpose());
}

/// Adds `child`, which stands at `pose` in the parent's frame.
void join(RobotLink& parent, RobotLink child, const Eigen::Isometry3d& pose) {
  child.inertial = pose * child.inertial;
  for (RobotShape& shape : child.collisions) shape.pose = pose * shape.pose;
  for (RobotShape& shape : child.visuals) shape.pose = pose * shape.pose;
  parent.collisions.insert(parent.collisions.end(), child.collisions.begin(), child.collisions.end());
  parent.visuals.insert(parent.visuals.end(), child.visuals.begin(), child.visuals.end());
  if (child.mass <= 0) return;
  const double mass = parent.mass + child.mass;
  const Eigen::Vector3d centre =
      (parent.mass * parent.inertial.translation() + child.mass * child.inertial.translation()) / mass;
  const Eigen::Matrix3d inertia = inertia_about(parent, centre) + inertia_about(child, centre);
  const Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d> solver(inertia);
  Eigen::Matrix3d axes = solver.eigenvectors();
  if (axes.determinant() < 0) axes.col(2) = -axes.col(2);
  parent.mass = mass;
  parent.inertial = Eigen::Translation3d(centre) * Eigen::Quaterniond(axes);
  parent.inertia = solver.eigenvalues();
}

}  // namespace

RobotModel merge_fixed_links(const RobotModel& model) {
  struct Place {
    std::size_t link;        // in the merged model
    Eigen::Isometry3d pose;  // of the old link in the merged one
  };
  RobotModel merged;
  merged.name = model.name;
  merged.meshes = model.meshes;
  merged.sha256 = model.sha256;
  merged.warnings = model.warnings;
  std::vector<Place> places;
  for (const RobotLink& link : model.links) {
    if (link.parent < 0) {
      places.push_back({0, Eigen::Isometry3d::Identity()});
      merged.links.push_back(link);
      continue;
    }
    const Place parent = places[static_cast<std::size_t>(link.parent)];
    if (link.type == JointType::kFixed) {
      places.push_back({parent.link, parent.pose * link.origin});
      join(merged.links[parent.link], link, places.back().pose);
      continue;
    }
    RobotLink kept = link;
    kept.parent = static_cast<int>(parent.link);
    kept.origin = parent.pose * link.origin;
    places.push_back({merged.links.size(), Eigen::Isometry3d::Identity()});
    merged.links.push_back(std::move(kept));
  }
  return merged;
}

}  // namespace understudy
