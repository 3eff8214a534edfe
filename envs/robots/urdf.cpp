#include "envs/robots/urdf.h"

#include <console_bridge/console.h>
#include <tinyxml2.h>
#include <urdf_parser/urdf_parser.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <mutex>

#include "datasets/storage/durable_file.h"
#include "datasets/storage/sha256.h"
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
            const CheckedUrdf& checked)
      : source_(source),
        place_(place),
        folder_(folder.empty() ? "." : std::move(folder)),
        checked_(checked) {}

  RobotModel run() {
    model_.name = source_.getName();
    model_.warnings = checked_.warnings;
    add(*source_.getRoot(), -1, nullptr);
    weigh();
    return std::move(model_);
  }

 private:
  void add(const urdf::Link& source, int parent, const urdf::Joint* joint);
  void set_joint(const urdf::Joint& source, RobotLink& link) const;
  void set_inertia(const urdf::Inertial& source, RobotLink& link) const;
  RobotShape shape(const urdf::Geometry& geometry, const urdf::Pose& origin, const std::string& name);
  void warn(std::string line) {
    auto& lines = model_.warnings;
    if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(std::move(line));
  }
  std::filesystem::path find_mesh(const std::string& file) const;
  bool visual_is_there(const urdf::Visual& visual);
  int mesh(const std::string& file);
  std::string place(const std::string& link) const {
    return place_ + ":" + std::to_string(checked_.link_lines.at(link)) + ": link '" + link + "'";
  }
  void weigh();
  void check_inertia(const RobotLink& group);

  const urdf::ModelInterface& source_;
  const std::string place_;
  const std::filesystem::path folder_;
  const CheckedUrdf& checked_;
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
  for (std::size_t i = 0; i < source.visual_array.size(); ++i) {
    const urdf::Visual& visual = *source.visual_array[i];
    if (visual.geometry->type == urdf::Geometry::MESH && !visual_is_there(visual)) continue;
    RobotShape drawn = shape(*visual.geometry, visual.origin, visual.name);
    if (const auto& c = checked_.colours.at(source.name).at(i))
      drawn.colour = {linear_from_srgb(c->x()), linear_from_srgb(c->y()), linear_from_srgb(c->z()), c->w()};
    link.visuals.push_back(drawn);
  }
  const int index = static_cast<int>(model_.links.size());
  model_.links.push_back(std::move(link));

  auto joints = source.child_joints;
  std::sort(joints.begin(), joints.end(), [&](const auto& a, const auto& b) {
    return checked_.joint_order.at(a->name) < checked_.joint_order.at(b->name);
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

std::filesystem::path Converter::find_mesh(const std::string& file) const {
  std::filesystem::path path = file;
  if (file.starts_with("file://")) path = file.substr(7);
  for (const std::string scheme : {"package://", "model://"}) {
    if (!file.starts_with(scheme)) continue;
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
  return path.is_relative() ? folder_ / path : path;
}

bool Converter::visual_is_there(const urdf::Visual& visual) {
  const std::string& file = static_cast<const urdf::Mesh&>(*visual.geometry).filename;
  if (std::filesystem::exists(find_mesh(file))) return true;
  warn(place_ + ": <mesh filename=\"" + file + "\">: want a mesh to draw, found nothing at " +
       find_mesh(file).string() + ": left out");
  return false;
}

int Converter::mesh(const std::string& file) {
  if (const auto known = meshes_.find(file); known != meshes_.end()) return known->second;
  const std::filesystem::path path = find_mesh(file);
  if (file.starts_with("file://") || file.find("://") == std::string::npos) {
    // As far as the folder above the URDF's: robots often have urdf/ and meshes/ beside each other.
    const auto folder = std::filesystem::weakly_canonical(std::filesystem::absolute(folder_));
    const auto away = std::filesystem::weakly_canonical(path).lexically_relative(folder.parent_path());
    if (away.empty() || *away.begin() == "..")
      warn(place_ + ": <mesh filename=\"" + file + "\"> is read from outside the robot's folder, " +
           path.string());
  }
  try {
    model_.meshes.push_back(read_mesh(path));
  } catch (const Error& error) {
    throw Error(place_ + ": <mesh filename=\"" + file + "\">: " + error.what());
  }
  return meshes_[file] = static_cast<int>(model_.meshes.size()) - 1;
}

/// Links that hang on one another by fixed joints move as one, and have one inertia.
void Converter::weigh() {
  std::vector<std::size_t> head(model_.links.size(), 0);
  std::vector<bool> weighed(model_.links.size(), false);
  for (std::size_t i = 0; i < head.size(); ++i) {
    const RobotLink& link = model_.links[i];
    const bool rigid = link.parent >= 0 && joint_dofs(link.type) == 0;
    head[i] = rigid ? head[static_cast<std::size_t>(link.parent)] : i;
    weighed[head[i]] = weighed[head[i]] || checked_.weighed_links.contains(link.name);
  }
  for (std::size_t i = 1; i < head.size(); ++i) {
    RobotLink& link = model_.links[i];
    if (head[i] != i || weighed[i]) continue;
    link.mass = 1;
    link.inertia.setOnes();
    warn(place(link.name) + " moves with joint '" + link.joint +
         "' and wants an <inertial>, found none: taken as 1 kg and 1 kg·m²");
  }
  const RobotModel merged = merge_fixed_links(model_);
  std::vector<double> below(merged.links.size());  // kg, of a link and of all that hangs on it
  for (std::size_t i = merged.links.size(); i-- > 1;) {
    below[i] += merged.links[i].mass;
    below[static_cast<std::size_t>(merged.links[i].parent)] += below[i];
  }
  for (std::size_t i = 1; i < merged.links.size(); ++i) {
    const RobotLink& group = merged.links[i];
    if (below[i] <= 0) {
      throw Error(place(group.name) + " moves with joint '" + group.joint +
                  "' but neither it nor what hangs on it has mass: give it a mass above 0 kg");
    }
    if (group.mass > 0) check_inertia(group);
  }
}

/// The triangle inequality is one that every distribution of mass obeys.
void Converter::check_inertia(const RobotLink& group) {
  const Eigen::Vector3d& moments = group.inertia;
  const std::string owner = place(group.name);
  if (moments.minCoeff() <= 0) {
    char found[100];
    std::snprintf(found, sizeof found, "%g, %g and %g", moments.x(), moments.y(), moments.z());
    throw Error(owner +
                " with what is fixed to it: want an inertia that is positive definite, found principal "
                "moments of " +
                found + " kg·m²: compute it from the shape and mass");
  }
  if (2 * moments.maxCoeff() > moments.sum() * (1 + 1e-9)) {
    warn(owner +
         " with what is fixed to it: no body has this inertia, the largest of whose moments exceeds " +
         "the sum of the other two: taken as it is");
  }
}

}  // namespace

RobotModel parse_urdf(const std::string& text, const std::string& name, const std::filesystem::path& folder,
                      const UrdfOptions& options) {
  const CheckedUrdf checked = check_urdf(text, name);
  urdf::ModelInterfaceSharedPtr source;
  std::string complaint;
  {
    QuietConsole console;
    source = urdf::parseURDF(checked.text);
    complaint = console.first_error();
  }
  // urdfdom leaves out what it cannot read and goes on; a robot without its inertia is worse than none.
  if (!source || !source->getRoot() || !complaint.empty()) {
    throw Error(name + ": this URDF cannot be read: " + (complaint.empty() ? "no reason given" : complaint) +
                "; correct it (check_urdf from liburdfdom-tools tells more)");
  }
  RobotModel model = Converter(*source, name, folder, checked).run();
  return options.merge_fixed ? merge_fixed_links(model) : model;
}

RobotModel read_urdf(const std::filesystem::path& file, const UrdfOptions& options) {
  if (!std::filesystem::is_regular_file(file))
    throw Error(file.string() + ": want a URDF file, found none: check the path");
  const std::string text = read_file(file);
  RobotModel model = parse_urdf(text, file.string(), file.parent_path(), options);
  model.sha256 = text_sha256(text);
  return model;
}

RobotModel read_model(const std::string& name, const UrdfOptions& options) {
  return parse_urdf(std::string(model_file(name)), name + ".urdf", ".", options);
}

}  // namespace understudy
