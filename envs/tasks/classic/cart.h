#pragma once
/// \file Private to envs: poles on a cart that a force drives along a rail, for the inverted pendulums.

#include <optional>
#include <string>

#include "datasets/types/rng.h"
#include "envs/robots/robot_body.h"
#include "envs/world/bullet_task.h"

namespace understudy {

/// A robot whose joint 0 is the cart's slider. One physics step of 16.5 ms per action, gravity 9.8 m/s², 5
/// solver iterations: PyBullet's settings for its pendulums.
class CartTask : public BulletTask {
 public:
  int state_dim() const final;

 protected:
  /// Fills in what `spec` says nothing of: rates, horizon, success. `force` [N] is what an action of 1 gives.
  CartTask(EnvironmentSpec spec, const std::string& model, double force);

  /// Sets the joints of an episode; all are 0 and at rest.
  virtual void start(Rng& rng) = 0;
  /// Reward and termination of the present state.
  virtual StepResult judge() const = 0;

  RobotBody& robot() { return *robot_; }
  const RobotBody& robot() const { return *robot_; }
  const RobotModel& model() const { return model_; }

  void build(std::uint64_t seed) final;
  StepResult advance(ConstVectorRef action) final;
  void write_state(StateRef state) const final;
  void build_scene(Scene& scene) const final;
  void pose_scene(ConstStateRef state, Scene& scene) const final;

 private:
  RobotModel model_;
  double force_;
  std::optional<RobotBody> robot_;
};

}  // namespace understudy
