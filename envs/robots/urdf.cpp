#include "envs/robots/urdf.h"

#include <console_bridge/console.h>
#include <tinyxml2.h>
#include <urdf_parser/urdf_parser.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>

#include "datasets/types/error.h"
#include "envs/robots/mesh_file.h"
#include "envs/robots/models.h"
#include "envs/robots/robot_merge.h"
#include "envs/robots/urdf_check.h"

namespace understudy {
namespace {

/// Keeps what urdfdom would print, for as long as it lives. One at a time: console_bridge is global.
class QuietConsole : public console_bridge::OutputHandler {
 public:
  QuietConsole() : lock_(mutex()), level_(console_bridge::getLogLevel()) {
    console_bridge::useOutputHandler(this);
    console_bridge::setLogLevel(console_bridge::CONSOLE_BRIDGE_LOG_WARN);
  }
  ~QuietConsole() override {
    console_bridge::restorePreviousOutputHandler();
    console_bridge::setLogLevel(level_);
  }
  void log(const std::string& text, console_bridge::LogLevel level, const char*, int) override {
    if (level >= console_bridge::CONSOLE_BRIDGE_LOG_ERROR && first_error_.empty()) first_error_ = text;
  }
  const std::string& first_error() const { return first_error_; }

 private:
  static std::mutex& mutex() {
    static std::mutex only;
    return only;
  }
  std::lock_guard<std::mutex> lock_;
  console_bridge::LogLevel level_;
  std::string first_error_;
};

Eigen::Vector3d to_eigen(const urdf::Vector3& v) {
  return {v.x, v.y, v.z};
}

Eigen::Isometry3d to_eigen(const urdf::Pose& pose) {
  const urdf::Rotation& q = pose.rotation;
  return Eigen::Translation3d(to_eigen(pose.position)) * Eigen::Quaterniond(q.w, q.x, q.y, q.z).normalized();
}

float linear_from_srgb(float value) {
  return value <= 0.04045F ? value / 12.92F : std::pow((value + 0.055F) / 1.055F, 2.4F);
}

/// Turns urdfdom's model into ours.
class Converter {
 public:
  Converter(const urdf::ModelInterface& source, const std::string& place, std::filesystem::path folder,
            std::map<std::string, int> joint_order)
      : source_(source), place_(place), folder_(std::move(folder)), joint_order_(std::move(joint_order)) {}

  RobotModel run() {
    model_.name = source_.getName();
    add(*source_.getRoot(), -1, nullptr);
    return std::move(model_);
  }

 private:
  void add(const urdf::Link& source, int parent, const urdf::Joint* joint);
  void set_joint(const urdf::Joint& source, RobotLink& link) const;
  void set_inertia(const urdf::Inertial& source, RobotLink& link) const;
  RobotShape shape(const urdf::Geometry& geometry, const urdf::Pose& origin, const std::string& name);
  int mesh(const std::string& file);

  const urdf::ModelInterface& source_;
  const std::string place_;
  const std::filesystem::path folder_;
  const std::map<std::string, int> joint_order_;  // by name: position in the file; urdfdom sorts by name
  RobotModel model_;
  std::map<std::string, int> meshes_;  // by file name
};

void Converter::add(const urdf::Link& source, int parent, const urdf::Joint* joint) {
  RobotLink link;
  link.name = source.name;
  link.parent = parent;
  if (joint) set_joint(*joint, link);
  if (source.inertial) set_inertia(*source.inertial, link);
  for (const auto& collision : source.collision_array) {
    link.collisions.push_back(shape(*collision->geometry, collision->origin, collision->name));
  }
  for (const auto& visual : source.visual_array) {
    RobotShape drawn = shape(*visual->geometry, visual->origin, visual->name);
    if (visual->material) {
      const urdf::Color& c = visual->material->color;
      drawn.colour = {linear_from_srgb(c.r), linear_from_srgb(c.g), linear_from_srgb(c.b), c.a};
    }
    link.visuals.push_back(drawn);
  }
  const int index = static_cast<int>(model_.links.size());
  model_.links.push_back(std::move(link));

  auto joints = source.child_joints;
  std::sort(joints.begin(), joints.end(), [&](const auto& a, const auto& b) {
    return joint_order_.at(a->name) < joint_order_.at(b->name);
  });
  for (const auto& child : joints) add(*source_.getLink(child->child_link_name), index, child.get());
}

void Converter::set_joint(const urdf::Joint& source, RobotLink& link) const {
  link.joint = source.name;
  link.origin = to_eigen(source.parent_to_joint_origin_transform);
  switch (source.type) {
    case urdf::Joint::REVOLUTE:
      link.type = JointType::kRevolute;
      break;
    case urdf::Joint::CONTINUOUS:
      link.type = JointType::kContinuous;
      break;
    case urdf::Joint::PRISMATIC:
      link.type = JointType::kPrismatic;
      break;
    case urdf::Joint::PLANAR:
      link.type = JointType::kPlanar;
      break;
    default:
      link.type = JointType::kFixed;
  }
  if (link.type != JointType::kFixed) link.axis = to_eigen(source.axis).normalized();
  if (source.limits) {
    if (link.type == JointType::kRevolute || link.type == JointType::kPrismatic) {
      link.low = source.limits->lower;
      link.high = source.limits->upper;
    }
    link.max_effort = source.limits->effort;
    link.max_velocity = source.limits->velocity;
  }
  if (source.dynamics) {
    link.damping = source.dynamics->damping;
    link.friction = source.dynamics->friction;
  }
}

void Converter::set_inertia(const urdf::Inertial& source, RobotLink& link) const {
  link.mass = source.mass;
  link.inertial = to_eigen(source.origin);
  if (source.ixy == 0 && source.ixz == 0 && source.iyz == 0) {
    link.inertia = {source.ixx, source.iyy, source.izz};
    return;
  }
  Eigen::Matrix3d tensor;
  tensor << source.ixx, source.ixy, source.ixz, source.ixy, source.iyy, source.iyz, source.ixz, source.iyz,
      source.izz;
  const Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d> solver(tensor);
  Eigen::Matrix3d axes = solver.eigenvectors();
  if (axes.determinant() < 0) axes.col(2) = -axes.col(2);
  link.inertial.linear() = (link.inertial.linear() * axes).eval();
  link.inertia = solver.eigenvalues();
}

RobotShape Converter::shape(const urdf::Geometry& geometry, const urdf::Pose& origin,
                            const std::string& name) {
  RobotShape shape;
  shape.pose = to_eigen(origin);
  switch (geometry.type) {
    case urdf::Geometry::BOX:
      shape.kind = ShapeKind::kBox;
      shape.size = to_eigen(static_cast<const urdf::Box&>(geometry).dim) / 2;
      break;
    case urdf::Geometry::SPHERE:
      shape.kind = ShapeKind::kSphere;
      shape.size.setConstant(static_cast<const urdf::Sphere&>(geometry).radius);
      break;
    case urdf::Geometry::CYLINDER: {
      const auto& cylinder = static_cast<const urdf::Cylinder&>(geometry);
      shape.kind = name.ends_with("_capsule") ? ShapeKind::kCapsule : ShapeKind::kCylinder;
      shape.size = {cylinder.radius, cylinder.radius, cylinder.length / 2};
      break;
    }
    case urdf::Geometry::MESH: {
      const auto& source = static_cast<const urdf::Mesh&>(geometry);
      shape.kind = ShapeKind::kMesh;
      shape.size = to_eigen(source.scale);
      shape.mesh = mesh(source.filename);
      break;
    }
  }
  return shape;
}

int Converter::mesh(const std::string& file) {
  if (const auto known = meshes_.find(file); known != meshes_.end()) return known->second;
  std::filesystem::path path = file;
  if (file.starts_with("file://")) path = file.substr(7);
  if (const std::string scheme = "package://"; file.starts_with(scheme)) {
    // package://robot/meshes/a.stl: meshes/a.stl beside the URDF, or beside a folder that holds it.
    const std::string rest = file.substr(scheme.size());
    const std::filesystem::path inner = rest.substr(std::min(rest.size(), rest.find('/') + 1));
    path = inner;
    for (auto folder = std::filesystem::absolute(folder_);; folder = folder.parent_path()) {
      if (std::filesystem::exists(folder / inner)) path = folder / inner;
      if (std::filesystem::exists(folder / rest)) path = folder / rest;
      if (path != inner || folder == folder.parent_path()) break;
    }
  }
  if (path.is_relative()) path = folder_ / path;
  try {
    model_.meshes.push_back(read_mesh(path));
  } catch (const Error& error) {
    throw Error(place_ + ": <mesh filename=\"" + file + "\">: " + error.what());
  }
  return meshes_[file] = static_cast<int>(model_.meshes.size()) - 1;
}

}  // namespace

RobotModel parse_urdf(const std::string& text, const std::string& name, const std::filesystem::path& folder,
                      const UrdfOptions& options) {
  const std::map<std::string, int> joint_order = check_urdf(text, name);
  urdf::ModelInterfaceSharedPtr source;
  std::string complaint;
  {
    QuietConsole console;
    source = urdf::parseURDF(text);
    complaint = console.first_error();
  }
  // urdfdom leaves out what it cannot read and goes on; a robot without its inertia is worse than none.
  if (!source || !source->getRoot() || !complaint.empty()) {
    throw Error(name + ": this URDF cannot be read: " + (complaint.empty() ? "no reason given" : complaint) +
                "; correct it (check_urdf from liburdfdom-tools tells more)");
  }
  RobotModel model = Converter(*source, name, folder, joint_order).run();
  return options.merge_fixed ? merge_fixed_links(model) : model;
}

RobotModel read_urdf(const std::filesystem::path& file, const UrdfOptions& options) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream || std::filesystem::is_directory(file)) {
    throw Error(file.string() + ": want a URDF file, found none that can be read: check the path");
  }
  std::ostringstream text;
  text << stream.rdbuf();
  return parse_urdf(text.str(), file.string(), file.parent_path(), options);
}

RobotModel read_model(const std::string& name, const UrdfOptions& options) {
  return parse_urdf(std::string(model_file(name)), name + ".urdf", ".", options);
}

}  // namespace understudy
