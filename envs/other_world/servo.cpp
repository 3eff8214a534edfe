#include "envs/other_world/servo.h"

#include "datasets/types/rng.h"

namespace understudy {

std::vector<Servo> make_servos(const WorldFile& file, const RobotModel& model, const BulletWorld& world) {
  const WorldConstants& c = file.constants;
  Rng rng = Rng::stream(world.seed() ^ file.seed, variation_stream("world/servos/" + model.name));
  std::vector<Servo> servos;
  for (const RobotLink& link : model.links) {
    for (int dof = 0; dof < joint_dofs(link.type); ++dof) {
      Servo servo;
      servo.slides = link.type == JointType::kPrismatic;
      const double play = std::exp(c.backlash_spread * rng.normal());
      const double effort = std::exp(c.effort_spread * rng.normal());
      servo.play = play * (servo.slides ? c.slide_backlash : c.backlash);
      servo.slack = Slack(play * c.slack);
      servo.strength = effort * c.effort;
      servo.full_torque = link.max_effort;
      servo.friction = {.coulomb = c.coulomb * link.max_effort + c.friction * link.friction,
                        .breakaway = c.breakaway,
                        .speed = c.stribeck_speed,
                        .viscous = c.viscous * link.max_effort +
                                   c.damping * link.damping * world.variation().damping.value_or(1)};
      servos.push_back(servo);
    }
  }
  return servos;
}

}  // namespace understudy
