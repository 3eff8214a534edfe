#include "envs/tasks/locomotion/walker.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "datasets/types/rng.h"
#include "datasets/types/rng_streams.h"
#include "envs/robots/robot_body.h"
#include "envs/robots/robot_merge.h"
#include "envs/robots/robot_scene.h"
#include "envs/robots/urdf.h"
#include "envs/world/bullet_task.h"
#include "envs/world/bullet_world.h"
#include "envs/world/ground_scene.h"

namespace understudy {
namespace {

using Eigen::Vector3d;

constexpr int kSubsteps = 4;
constexpr double kActionTime = 0.0165;  // s
constexpr double kTargetX = 1000;       // m
constexpr double kGroundFriction = 0.8, kGroundRestitution = 0.5;
constexpr double kStartAngle = 0.1;     // rad
constexpr double kNearLimit = 0.99;     // share of a joint's range
constexpr double kLimitCost = 0.1;      // per joint at its limit
constexpr double kVelocityScale = 0.3;  // of the torso's
constexpr double kJointSpeedScale = 0.1;
constexpr int kGroundBit = 1, kRobotBit = 2;
constexpr int kFirstBody = 2;   // of the robot in the scene
constexpr int kFollowBody = 1;  // an empty body at the torso, never turned

/// A joint that an action entry drives.
struct Drive {
  std::string name;
  int dof = 0;
  double low = 0, high = 0;  // rad
  double torque = 0;         // N·m at action 1
};

/// The parts of one link of which the mean position is taken: how many there are and the sum of their places.
struct Parts {
  int link = 0;
  int count = 0;
  Vector3d sum = Vector3d::Zero();  // m, in the link's frame
};

std::vector<Drive> find_drives(const RobotModel& model) {
  std::vector<Drive> drives;
  int dof = 0;
  for (const RobotLink& link : model.links) {
    if (link.type == JointType::kRevolute)
      drives.push_back({link.joint, dof, link.low, link.high, link.max_effort});
    dof += joint_dofs(link.type);
  }
  return drives;
}

/// `whole` has all links, `model` is the one that is simulated: its links are a subset with the same names.
std::vector<Parts> find_parts(const RobotModel& whole, const RobotModel& model, const WalkerDesign& design) {
  const auto pose_at_zero = [](const RobotModel& robot) {
    return link_poses(robot, Eigen::Isometry3d::Identity(), Eigen::VectorXd::Zero(robot.dofs()));
  };
  const auto whole_poses = pose_at_zero(whole), poses = pose_at_zero(model);
  std::vector<Parts> parts(model.links.size());
  for (std::size_t i = 0; i < parts.size(); ++i) parts[i].link = static_cast<int>(i);
  for (std::size_t i = 0; i < whole.links.size(); ++i) {
    std::size_t kept = i;  // the link that carries this one in `model`
    const auto is_in_model = [&](const RobotLink& link) {
      return std::any_of(model.links.begin(), model.links.end(),
                         [&](const RobotLink& other) { return other.name == link.name; });
    };
    while (!is_in_model(whole.links[kept])) kept = static_cast<std::size_t>(whole.links[kept].parent);
    const auto index = static_cast<std::size_t>(model.link_index(whole.links[kept].name));
    const RobotLink& link = whole.links[i];
    if (link.parent < 0 && design.fixed_base) continue;
    const Eigen::Isometry3d in_model = poses[index].inverse() * whole_poses[i];
    const int frames = joint_dofs(link.parent < 0 ? JointType::kFixed : link.type);
    parts[index].count += frames;
    const double below = link.type == JointType::kPlanar ? design.pivot : 0;
    parts[index].sum += frames * (in_model * Vector3d(0, 0, -below));
    if (link.mass <= 0) continue;
    parts[index].count += 1;
    parts[index].sum += in_model * Vector3d(link.inertial.translation());
  }
  return parts;
}

EnvironmentSpec make_spec(const WalkerDesign& design, const std::vector<Drive>& drives) {
  EnvironmentSpec spec;
  spec.id = design.id;
  spec.summary = design.summary;
  spec.success = "none: the return counts";
  std::vector<Field> fields{
      {"height", 1, "m", -5, 5, "torso's centre of mass above where it started"},
      {"heading", 2, "-", -5, 5, "sine and cosine of the angle from the torso's yaw to the target"},
      {"velocity", 3, "m/s", -5, 5, "0.3 times the torso's velocity: forwards, to the left, up"},
      {"tilt", 2, "rad", -5, 5, "roll and pitch of the torso"},
  };
  std::vector<Field> actions;
  for (const Drive& drive : drives) {
    fields.push_back({drive.name, 2, "-", -5, 5,
                      "angle, -1 to 1 between its limits, and 0.1 times the velocity in rad/s"});
    char torque[64];
    std::snprintf(torque, sizeof torque, "torque, 1 = %g N m", drive.torque);
    actions.push_back({drive.name, 1, "-", -1, 1, torque});
  }
  fields.push_back({"contact", static_cast<int>(design.feet.size()), "-", -5, 5,
                    "1: the foot was nearer than 2 cm to the ground before the last action"});
  spec.observation = Space(std::move(fields));
  spec.action = Space(std::move(actions));
  spec.control_rate = 1 / kActionTime;
  spec.substeps = kSubsteps;
  spec.horizon = 1000;
  spec.layout = "default";
  return spec;
}

/// Roll, pitch, yaw (about fixed x, y, z).
Vector3d roll_pitch_yaw(const Eigen::Matrix3d& r) {
  return {std::atan2(r(2, 1), r(2, 2)), std::asin(std::clamp(-r(2, 0), -1.0, 1.0)),
          std::atan2(r(1, 0), r(0, 0))};
}

class Walker final : public BulletTask {
 public:
  Walker(const WalkerDesign& design, RobotModel model, const RobotModel& whole)
      : BulletTask(make_spec(design, find_drives(model)),
                   pybullet_environment_options(kActionTime / kSubsteps)),
        design_(design),
        model_(std::move(model)),
        drives_(find_drives(model_)),
        parts_(find_parts(whole, model_, design)),
        torso_(model_.link_index(design.torso)) {
    for (const std::string& foot : design.feet) feet_.push_back(model_.link_index(foot));
    part_count_ = 1 + std::accumulate(parts_.begin(), parts_.end(), 0,
                                      [](int sum, const Parts& part) { return sum + part.count; });
    std::erase_if(parts_, [](const Parts& part) { return part.count == 0; });
    contacts_.resize(feet_.size());
  }

  int state_dim() const override {
    return BulletWorld::kBodyState + 2 * model_.dofs() + static_cast<int>(feet_.size());
  }

 protected:
  void build(std::uint64_t seed) override;
  StepResult advance(ConstVectorRef action) override;
  void observe(VectorRef observation) const override;
  void write_state(StateRef state) const override;
  void build_scene(Scene& scene) const override;
  void pose_scene(ConstStateRef state, Scene& scene) const override;

 private:
  void look();
  double joint_place(const Drive& drive) const {
    return 2 * (robot_->position(drive.dof) - 0.5 * (drive.low + drive.high)) / (drive.high - drive.low);
  }

  WalkerDesign design_;
  RobotModel model_;
  std::vector<Drive> drives_;
  std::vector<Parts> parts_;
  int part_count_ = 0;  // the floor among them
  int torso_ = 0;
  std::vector<int> feet_;

  std::optional<RobotBody> robot_;
  const btRigidBody* ground_ = nullptr;
  std::vector<bool> contacts_;  // of the feet, as observed
  Vector3d torso_place_ = Vector3d::Zero();
  Vector3d torso_velocity_ = Vector3d::Zero();
  Vector3d torso_angles_ = Vector3d::Zero();  // roll, pitch, yaw
  double mean_x_ = 0, mean_y_ = 0;            // of all parts, m
  double reference_height_ = 0;
};

void Walker::build(std::uint64_t seed) {
  auto& plane = world().keep(std::make_unique<btStaticPlaneShape>(btVector3(0, 0, 1), 0));
  ground_ = &world().add_body(plane, btTransform::getIdentity(),
                              {.mass = 0,
                               .friction = kGroundFriction,
                               .restitution = kGroundRestitution,
                               .group = kGroundBit,
                               .mask = kRobotBit});
  RobotOptions options;
  options.pose.translation().z() = design_.height;
  options.fixed_base = design_.fixed_base;
  options.group = kRobotBit;
  options.mask = kGroundBit | (design_.self_collision ? kRobotBit : 0);
  options.self_collision = design_.self_collision;
  options.friction = design_.friction;
  robot_.emplace(world(), model_, options);
  Rng rng = Rng::stream(seed, RngStream::kTask);
  for (const Drive& drive : drives_) robot_->set_joint(drive.dof, rng.uniform(-kStartAngle, kStartAngle));
  robot_->settle();
  contacts_.assign(contacts_.size(), false);
  look();
  reference_height_ = design_.reference_height < 0 ? torso_place_.z() : design_.reference_height;
}

void Walker::look() {
  const Eigen::Isometry3d torso = robot_->link_pose(torso_);
  torso_place_ = robot_->link_centre(torso_);
  torso_velocity_ = robot_->link_velocity(torso_);
  torso_angles_ = roll_pitch_yaw(torso.linear());
  Vector3d sum = Vector3d::Zero();
  for (const Parts& part : parts_) {
    const Eigen::Isometry3d pose = robot_->link_pose(part.link);
    sum += part.count * pose.translation() + pose.linear() * part.sum;
  }
  mean_x_ = sum.x() / part_count_;
  mean_y_ = sum.y() / part_count_;
}

StepResult Walker::advance(ConstVectorRef action) {
  for (std::size_t i = 0; i < feet_.size(); ++i) {
    contacts_[i] = world().near(robot_->collider(feet_[i]), *ground_);
  }
  const double distance = std::hypot(kTargetX - mean_x_, mean_y_);
  for (int i = 0; i < kSubsteps; ++i) {
    for (std::size_t j = 0; j < drives_.size(); ++j) {
      robot_->add_torque(drives_[j].dof, drives_[j].torque * double{action[static_cast<Eigen::Index>(j)]});
    }
    world().step();
  }
  look();

  StepResult result;
  const double alive = design_.alive(torso_place_.z(), torso_angles_.y(), contacts_);
  double power = 0;
  int at_limit = 0;
  for (std::size_t j = 0; j < drives_.size(); ++j) {
    const double speed = kJointSpeedScale * robot_->velocity(drives_[j].dof);
    power += std::abs(double{action[static_cast<Eigen::Index>(j)]} * speed);
    at_limit += std::abs(joint_place(drives_[j])) > kNearLimit;
  }
  const auto count = static_cast<double>(drives_.size());
  const double progress = (distance - std::hypot(kTargetX - mean_x_, mean_y_)) / kActionTime;
  result.reward =
      static_cast<float>(alive + progress - design_.electricity * power / count -
                         design_.stall * double{action.squaredNorm()} / count - kLimitCost * at_limit);
  result.terminated = design_.terminates && alive < 0;
  if (result.terminated) result.cause = "fell";
  return result;
}

void Walker::observe(VectorRef observation) const {
  const double heading = std::atan2(-mean_y_, kTargetX - mean_x_) - torso_angles_.z();
  const double c = std::cos(torso_angles_.z()), s = std::sin(torso_angles_.z());
  const Vector3d& v = torso_velocity_;
  Eigen::Index at = 0;
  const auto put = [&](double value) { observation[at++] = static_cast<float>(value); };
  put(torso_place_.z() - reference_height_);
  put(std::sin(heading));
  put(std::cos(heading));
  put(kVelocityScale * (c * v.x() + s * v.y()));
  put(kVelocityScale * (c * v.y() - s * v.x()));
  put(kVelocityScale * v.z());
  put(torso_angles_.x());
  put(torso_angles_.y());
  for (const Drive& drive : drives_) {
    put(joint_place(drive));
    put(kJointSpeedScale * robot_->velocity(drive.dof));
  }
  for (const bool contact : contacts_) put(contact ? 1 : 0);
}

void Walker::write_state(StateRef state) const {
  const int bodies = world().state_dim();
  world().read_state(state.head(bodies));
  for (std::size_t i = 0; i < contacts_.size(); ++i) {
    state[bodies + static_cast<Eigen::Index>(i)] = contacts_[i] ? 1 : 0;
  }
}

void Walker::build_scene(Scene& scene) const {
  add_ground(scene);
  scene.poses.resize(kFirstBody, Eigen::Isometry3f::Identity());
  add_robot_shapes(model_, kFirstBody, scene);
  scene.cameras.push_back({"follow", kFollowBody, {0.6F, -3.6F, 0.6F}, {0.2F, 0, -0.25F}, 0.8F});
  scene.cameras.push_back({"front", kFollowBody, {3.2F, -1.6F, 0.7F}, {0, 0, -0.2F}, 0.8F});
  scene.cameras.push_back({"top", kFollowBody, {-1.5F, -0.01F, 5.0F}, {0.3F, 0, 0}, 0.8F});
}

void Walker::pose_scene(ConstStateRef state, Scene& scene) const {
  Eigen::VectorXd positions(model_.dofs());
  for (Eigen::Index i = 0; i < positions.size(); ++i) positions[i] = state[BulletWorld::kBodyState + 2 * i];
  const Eigen::Quaterniond turn(state[6], state[3], state[4], state[5]);
  const Eigen::Isometry3d centre = Eigen::Translation3d(Vector3d(state.head<3>())) * turn;
  const auto poses = link_poses(model_, centre * model_.links.front().inertial.inverse(), positions);
  pose_robot(poses, kFirstBody, scene);
  const Eigen::Isometry3d torso =
      poses[static_cast<std::size_t>(torso_)] * model_.links[static_cast<std::size_t>(torso_)].inertial;
  scene.poses[kFollowBody] = Eigen::Isometry3f::Identity();
  scene.poses[kFollowBody].translation() = torso.translation().cast<float>();
  scene.figures = {{.name = "gone", .value = torso.translation().x(), .unit = "m"},
                   {.name = "torso's height", .value = torso.translation().z(), .unit = "m", .decimals = 2}};
}

}  // namespace

std::unique_ptr<Environment> make_walker(const WalkerDesign& design) {
  const RobotModel whole = read_model(design.model);
  RobotModel model = design.merge_fixed ? merge_fixed_links(whole) : whole;
  return std::make_unique<Walker>(design, std::move(model), whole);
}

}  // namespace understudy
