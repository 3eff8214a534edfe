#include "envs/tasks/manipulation/tabletop_task.h"

#include "datasets/types/error.h"
#include "datasets/types/rng_streams.h"
#include "envs/robots/robot_scene.h"
#include "envs/tasks/manipulation/tabletop_scene.h"

namespace understudy {
namespace {

const Eigen::Vector3f kWristEye{0.16F, 0, 0.08F}, kWristTarget{0, 0, -0.13F};  // m, from the link of the grip
constexpr double kShapeMargin = 0.001;                                         // m, inside boxes

WorldOptions world_options(const TabletopOptions& options) {
  return {.solver_iterations = options.solver_iterations, .friction_cone = options.friction_cone};
}

btTransform to_bullet(const Eigen::Isometry3d& pose) {
  const Eigen::Quaterniond q(pose.linear());
  const Eigen::Vector3d p = pose.translation();
  return btTransform(btQuaternion(q.x(), q.y(), q.z(), q.w()), btVector3(p.x(), p.y(), p.z()));
}

btBoxShape& box_shape(BulletWorld& world, const Eigen::Vector3d& half) {
  auto& shape = world.keep(std::make_unique<btBoxShape>(btVector3(half.x(), half.y(), half.z())));
  shape.setMargin(kShapeMargin);
  return shape;
}

Eigen::Isometry3d pose_at(ConstStateRef state, Eigen::Index at) {
  const Eigen::Quaterniond turn(state[at + 6], state[at + 3], state[at + 4], state[at + 5]);
  return Eigen::Translation3d(state.segment<3>(at)) * turn.normalized();
}

}  // namespace

std::vector<Field> hand_action_fields(bool turns, bool grips) {
  std::vector<Field> fields{
      {"dx", 1, "-", -1, 1, "velocity of the set point along x (away from the base), 1 = 0.5 m/s"},
      {"dy", 1, "-", -1, 1, "along y (to the base's left)"},
      {"dz", 1, "-", -1, 1, "along z (up)"}};
  if (turns) {
    fields.push_back({"yaw", 1, "-", -1, 1, "turn of the set point about the vertical, 1 = 1.5 rad/s"});
  }
  if (grips) {
    fields.push_back({"gripper", 1, "-", -1, 1, "1 closes and -1 opens each finger at 0.1 m/s, 0 holds"});
  }
  return fields;
}

TabletopTask::TabletopTask(EnvironmentSpec spec, const TabletopOptions& options, const ArmDescription& arm)
    : BulletTask(std::move(spec), world_options(options)), options_(options), arm_(&arm) {
  options_.hand.group = kArmBit;
  options_.hand.mask = kTableBit | kObjectBit;
}

int TabletopTask::object_body(int object) const {
  return 1 + static_cast<int>(arm_->model.links.size()) + object;
}

int TabletopTask::further_state_at() const {
  return arm_state_at() + BulletWorld::kBodyState + 2 * arm_->model.dofs();
}

int TabletopTask::task_state_at() const {
  // The manipulator's own: a target per joint and the set point.
  return further_state_at() + options_.further_state + arm_->model.dofs() + 5;
}

int TabletopTask::state_dim() const {
  return task_state_at() + options_.task_state;
}

void TabletopTask::build(std::uint64_t seed) {
  Rng rng = Rng::stream(seed, RngStream::kTask);
  const HandPose start = draw(rng);
  add_fixture({0.65, 0.65, 0.05}, Eigen::Isometry3d(Eigen::Translation3d(0.35, 0, -0.05)),
              options_.table_friction);
  hand_.emplace(world(), *arm_, options_.hand, start);
  place();
  if (world().state_dim() != further_state_at() + options_.further_state) {
    throw Error(spec().id + ": want a world of " +
                std::to_string(further_state_at() + options_.further_state) + " state entries, found " +
                std::to_string(world().state_dim()) + ": correct the TabletopOptions");
  }
}

StepResult TabletopTask::advance(ConstVectorRef action) {
  HandAction wish;
  wish.velocity = action.head<3>().cast<double>();
  if (options_.turns) wish.turn = action[3];
  if (options_.grips) wish.close = action[options_.turns ? 4 : 3];
  hand_->command(wish, 1 / spec().control_rate);
  for (int i = 1; i <= spec().substeps; ++i) {
    hand_->drive(static_cast<double>(i) / spec().substeps);
    push();
    world().step();
  }
  hand_->look();
  return judge(action);
}

void TabletopTask::write_state(StateRef state) const {
  const int bodies = world().state_dim();
  world().read_state(state.head(bodies));
  hand_->write_state(state.segment(bodies, hand_->state_dim()));
  write_task_state(state.tail(options_.task_state));
}

btRigidBody& TabletopTask::add_object(btCollisionShape& shape, const Eigen::Isometry3d& pose, double mass,
                                      double friction) {
  shape.setMargin(kShapeMargin);
  return world().add_body(
      shape, to_bullet(pose),
      {.mass = mass, .friction = friction, .friction_anchor = true, .group = kObjectBit, .mask = -1});
}

btRigidBody& TabletopTask::add_box(const Eigen::Vector3d& half, const Eigen::Isometry3d& pose, double mass,
                                   double friction) {
  return add_object(box_shape(world(), half), pose, mass, friction);
}

btRigidBody& TabletopTask::add_fixture(const Eigen::Vector3d& half, const Eigen::Isometry3d& pose,
                                       double friction) {
  return world().add_body(
      box_shape(world(), half), to_bullet(pose),
      {.mass = 0, .friction = friction, .group = kTableBit, .mask = kArmBit | kObjectBit});
}

void TabletopTask::build_scene(Scene& scene) const {
  add_room(scene);
  add_robot_shapes(arm_->model, 1, scene);
  add_objects(scene);
  if (scene.cameras.empty()) add_table_cameras(scene);
  scene.handle = {.body = 1 + arm_->grip.link,
                  .at = arm_->grip.pose.translation().cast<float>(),
                  .ground = 0.0F,
                  .x = 0,
                  .y = 1,
                  .z = 2,
                  .yaw = options_.turns ? 3 : -1};
  // From above the knuckles past the fingers, turning with the hand, which has to point down for that.
  if (options_.hand.wrist == Wrist::kDown)
    scene.cameras.push_back({"wrist", scene.handle.body, kWristEye, kWristTarget, 0.65F});
  scene.poses.resize(static_cast<std::size_t>(first_free_body()), Eigen::Isometry3f::Identity());
}

Eigen::Vector3d TabletopTask::grip_in(const Scene& scene) const {
  return body_pose(scene, 1 + arm_->grip.link) * arm_->grip.pose.translation();
}

void TabletopTask::pose_scene(ConstStateRef state, Scene& scene) const {
  Eigen::VectorXd joints(arm_->model.dofs());
  const int first = arm_state_at() + BulletWorld::kBodyState;
  for (int dof = 0; dof < joints.size(); ++dof) joints[dof] = state[first + 2 * dof];
  pose_robot(link_poses(arm_->model, Eigen::Isometry3d::Identity(), joints), 1, scene);
  for (int object = 0; object < options_.objects; ++object) {
    scene.poses[static_cast<std::size_t>(object_body(object))] =
        pose_at(state, BulletWorld::kBodyState * object).cast<float>();
  }
  pose_objects(state, scene);
}

Eigen::Isometry3d pose_of(const btRigidBody& body) {
  const btTransform& pose = body.getWorldTransform();
  const btQuaternion q = pose.getRotation();
  return Eigen::Translation3d(position_of(body)) * Eigen::Quaterniond(q.w(), q.x(), q.y(), q.z());
}

Eigen::Vector3d position_of(const btRigidBody& body) {
  const btVector3& p = body.getWorldTransform().getOrigin();
  return {p.x(), p.y(), p.z()};
}

}  // namespace understudy
