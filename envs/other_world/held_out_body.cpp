#include "envs/other_world/held_out_body.h"

namespace understudy {
namespace {

/// The model with the world's friction and damping in its joints.
RobotModel rubbed(const RobotModel& model, const WorldConstants& constants) {
  RobotModel result = model;
  for (RobotLink& link : result.links) {
    link.friction = constants.friction * link.friction + constants.coulomb * link.max_effort;
    link.damping = constants.damping * link.damping + constants.viscous * link.max_effort;
  }
  return result;
}

}  // namespace

HeldOutBody::HeldOutBody(BulletWorld& world, const RobotModel& model, const RobotOptions& options,
                         const WorldFile& file)
    : world_(world),
      lag_(file.constants.lag),
      servo_rate_(file.constants.servo_rate),
      body_(world, rubbed(model, file.constants), options),
      servos_(make_servos(file, model, world)),
      lagging_(servos_.size()) {}

void HeldOutBody::drive(int dof, double position, double velocity, double gain, double max_effort) {
  const auto i = static_cast<std::size_t>(dof);
  Servo& servo = servos_[i];
  servo.target = position;
  servo.target_velocity = velocity;
  servo.rate = servo_rate_ * gain / world_.time_step();
  servo.max_effort = max_effort;
  if (!lagging_[i].begun) lagging_[i] = {.begun = true, .position = position, .velocity = velocity};
}

void HeldOutBody::act(double duration) {
  body_.add_damping();
  const double share = lag_ > 0 ? 1 - std::exp(-duration / lag_) : 1;
  for (int dof = 0; dof < dofs(); ++dof) {
    const auto i = static_cast<std::size_t>(dof);
    Servo& servo = servos_[i];
    if (servo.max_effort > 0) {
      Lagging& lagging = lagging_[i];
      lagging.position += share * (servo.target - lagging.position);
      lagging.velocity += share * (servo.target_velocity - lagging.velocity);
      Servo late = servo;
      late.target = lagging.position;
      late.target_velocity = lagging.velocity;
      const Servo::Wish wish = late.wish(body_.position(dof));
      body_.drive(dof, 0, wish.velocity, 0, wish.engaged ? servo.strength * servo.max_effort : 0);
    }
    if (const double torque = servo.delivered(duration); torque != 0) body_.add_torque(dof, torque);
  }
}

void HeldOutBody::forget() {
  for (Servo& servo : servos_) servo.torque = 0;
}

}  // namespace understudy
