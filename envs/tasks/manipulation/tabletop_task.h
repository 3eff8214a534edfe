#pragma once
/// \file Private to envs: what every task with an arm at a table has in common.
///
/// Physics: a Featherstone multibody with a fixed base (envs/robots/models/arm.urdf unless a task takes
/// another robot), a table whose top is at z = 0, double precision, gravity 9.81 m/s², 240 Hz, 8 substeps
/// per action, at most 30 solver iterations, friction within a cone and with a memory of where it took hold.
/// The base is at the origin; x points away from it, y to its left, z up. Links meet the table and the
/// objects, not one another.
///
/// | action | meaning | range |
/// |---|---|---|
/// | dx, dy, dz | set point's velocity along x, y, z, 1 = 0.5 m/s; together at most 0.5 m/s | [-1, 1] |
/// | yaw | turn about the vertical, 1 = 1.5 rad/s counter-clockwise; not in every task | [-1, 1] |
/// | gripper | 1 closes, -1 opens each finger at 0.1 m/s, 0 keeps it; not in every task | [-1, 1] |
///
/// The set point stays in the workspace and within 5 cm of the hand (envs/robots/manipulator.h).

#include <memory>
#include <optional>
#include <vector>

#include "datasets/types/rng.h"
#include "envs/robots/manipulator.h"
#include "envs/world/bullet_task.h"
#include "envs/world/bullet_world.h"

namespace understudy {

struct TabletopOptions {
  ManipulatorOptions hand;
  bool turns = false;     ///< the action has an entry "yaw"
  bool grips = true;      ///< the action has an entry "gripper"
  int objects = 0;        ///< moving rigid bodies that place() adds
  int further_state = 0;  ///< entries of a state for multibodies that place() adds
  int task_state = 0;     ///< entries of a state that write_task_state() writes
  double table_friction = 0.7;
  bool friction_cone = true;  ///< false where nothing is gripped: half the rows of friction
  int solver_iterations = 30;
};

/// Collision filter bits.
inline constexpr int kTableBit = 1, kArmBit = 2, kObjectBit = 4;

/// The fields of the action.
std::vector<Field> hand_action_fields(bool turns, bool grips);

class TabletopTask : public BulletTask {
 public:
  int state_dim() const final;

 protected:
  /// `arm` is only referred to.
  TabletopTask(EnvironmentSpec spec, const TabletopOptions& options, const ArmDescription& arm = our_arm());

  /// Draws the episode and says where the hand starts.
  virtual HandPose draw(Rng& rng) = 0;
  /// Adds the objects to world(); table and arm are in it already.
  virtual void place() {}
  /// Before each physics step.
  virtual void push() {}
  /// What the step that has just been made was worth. `action` is clamped `[act_dim]`.
  virtual StepResult judge(ConstVectorRef action) = 0;
  /// Adds objects and cameras; room, table and arm are in the scene already.
  virtual void add_objects(Scene& scene) const = 0;
  /// Poses what is not a rigid body, and adds the figures; the arm and the rigid bodies are posed already.
  virtual void pose_objects(ConstStateRef, Scene&) const {}
  /// Writes `[task_state]`.
  virtual void write_task_state(StateRef) const {}

  const Manipulator& manipulator() const { return *hand_; }
  Manipulator& manipulator() { return *hand_; }
  const HandPose& hand() const { return hand_->hand(); }
  const ArmDescription& arm() const { return *arm_; }
  /// Another arm from the next episode on; only referred to.
  void set_arm(const ArmDescription& arm) { arm_ = &arm; }
  /// From within draw(): the workspace of this and later episodes along x, m.
  void set_workspace_x(double low, double high) {
    options_.hand.low.x() = low;
    options_.hand.high.x() = high;
  }

  /// Something that can be gripped; `shape` is kept by the world.
  btRigidBody& add_object(btCollisionShape& shape, const Eigen::Isometry3d& pose, double mass,
                          double friction);
  /// A box of half extents `half` that can be gripped.
  btRigidBody& add_box(const Eigen::Vector3d& half, const Eigen::Isometry3d& pose, double mass,
                       double friction);
  /// A part of the table, of half extents `half`.
  btRigidBody& add_fixture(const Eigen::Vector3d& half, const Eigen::Isometry3d& pose, double friction);

  /// Where the grip point is in a posed scene, m.
  Eigen::Vector3d grip_in(const Scene& scene) const;
  /// Body of the scene that stands for moving rigid body `object`, in order of addition.
  int object_body(int object) const;
  /// The first body of the scene that is free for the task.
  int first_free_body() const { return object_body(options_.objects); }
  /// First entry of a state for multibodies that place() added, in order of addition.
  int further_state_at() const;
  /// First entry of a state that write_task_state() wrote.
  int task_state_at() const;

 private:
  void build(std::uint64_t seed) final;
  StepResult advance(ConstVectorRef action) final;
  void write_state(StateRef state) const final;
  void build_scene(Scene& scene) const final;
  void pose_scene(ConstStateRef state, Scene& scene) const final;
  int arm_state_at() const { return BulletWorld::kBodyState * options_.objects; }

  TabletopOptions options_;
  const ArmDescription* arm_;
  std::optional<Manipulator> hand_;
};

/// Pose of a scene's body in double precision.
inline Eigen::Isometry3d body_pose(const Scene& scene, int body) {
  return scene.poses[static_cast<std::size_t>(body)].cast<double>();
}

/// `position` in Eigen's and Bullet's terms.
Eigen::Vector3d position_of(const btRigidBody& body);
Eigen::Isometry3d pose_of(const btRigidBody& body);

}  // namespace understudy
