#include "envs/robots/robot_body.h"

#include "envs/robots/reduced_body.h"
#include "envs/world/world_form.h"

namespace understudy {

RobotBody::RobotBody(BulletWorld& world, const RobotModel& model, const RobotOptions& options)
    : world_(world) {
  if (world.form() != nullptr) body_ = world.form()->make_robot(world, model, options);
  if (!body_) body_ = std::make_unique<ReducedBody>(world, model, options);
}

}  // namespace understudy
