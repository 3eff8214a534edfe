#include "envs/other_world/other_form.h"

#include <cmath>

#include "envs/other_world/held_out_body.h"
#include "envs/other_world/maximal_body.h"
#include "envs/other_world/rigid_solver.h"

namespace understudy {
namespace {

/// What the robots of the present world are; the tasks own them.
template <class Body>
class Robots {
 public:
  void clear() { bodies_.clear(); }
  std::unique_ptr<JointedBody> add(std::unique_ptr<Body> body) {
    bodies_.push_back(body.get());
    return body;
  }
  void act(double duration) {
    for (Body* body : bodies_) body->act(duration);
  }
  void forget() {
    for (Body* body : bodies_) body->forget();
  }

 private:
  std::vector<Body*> bodies_;
};

template <class Body>
class RobotForm : public OtherForm {
 public:
  using OtherForm::OtherForm;

  void begin(BulletWorld& world) override {
    robots_.clear();
    OtherForm::begin(world);
  }
  std::unique_ptr<JointedBody> make_robot(BulletWorld& world, const RobotModel& model,
                                          const RobotOptions& options) override {
    return robots_.add(std::make_unique<Body>(world, model, options, file()));
  }

 protected:
  void act(double duration) override { robots_.act(duration); }
  void forget() override { robots_.forget(); }

 private:
  Robots<Body> robots_;
};

class MaximalForm final : public RobotForm<MaximalBody> {
 public:
  using RobotForm<MaximalBody>::RobotForm;
  std::unique_ptr<btMultiBodyConstraintSolver> make_solver() const override {
    return std::make_unique<RigidSolver>();
  }
};

class HeldOutForm final : public RobotForm<HeldOutBody> {
 public:
  using RobotForm<HeldOutBody>::RobotForm;
  std::unique_ptr<btMultiBodyConstraintSolver> make_solver() const override {
    return std::make_unique<btMultiBodyConstraintSolver>();
  }
  void add(btCollisionObject& object) override {
    OtherForm::add(object);
    // A contact has the two sides' springs one behind the other.
    object.setContactStiffnessAndDamping(2 * file().constants.contact_stiffness,
                                         file().constants.contact_damping / 2);
  }
};

/// The toolkit's own world: without constants it is that to the last bit.
class OwnForm final : public OtherForm {
 public:
  using OtherForm::OtherForm;
  std::unique_ptr<btMultiBodyConstraintSolver> make_solver() const override { return nullptr; }
  WorldOptions options(const WorldOptions& task) const override { return task; }
  std::unique_ptr<JointedBody> make_robot(BulletWorld&, const RobotModel&, const RobotOptions&) override {
    return nullptr;
  }

 protected:
  int steps_of(double) const override { return 1; }
  void act(double) override {}
  void forget() override {}
};

}  // namespace

int OtherForm::steps_of(double time_step) const {
  return std::max(1, static_cast<int>(std::ceil(time_step / file_.constants.step - 1e-9)));
}

WorldOptions OtherForm::options(const WorldOptions& task) const {
  WorldOptions options = task;
  options.solver_iterations = static_cast<int>(file_.constants.iterations);
  options.friction_cone = true;
  options.residual_threshold = 0;
  options.contact_erp = 0.2;
  return options;
}

void OtherForm::begin(BulletWorld& world) {
  steps_ = steps_of(world.time_step());
  pushes_ = RandomPushes(file_, world.seed());
  world.set_solver_step(world.time_step() / steps_);
  pace_ = 1;
  due_ = 0;
}

void OtherForm::add(btCollisionObject& object) {
  object.setFriction(object.getFriction() * std::sqrt(file_.constants.contact_friction));
  object.setRollingFriction(file_.constants.rolling_friction);
  object.setSpinningFriction(file_.constants.spinning_friction);
}

void OtherForm::step(BulletWorld& world) {
  for (due_ += pace_ * steps_; due_ >= 1 - 1e-9; due_ -= 1) {
    act(world.solver_step());
    pushes_.apply(world, world.solver_step());
    world.dynamics().stepSimulation(world.solver_step(), 0);
  }
  forget();
}

RopeForm OtherForm::rope() const {
  return {.links = static_cast<int>(file_.constants.rope_links),
          .damping = file_.constants.rope_damping,
          .friction = file_.constants.rope_friction};
}

std::shared_ptr<OtherForm> make_form(const WorldFile& file) {
  switch (file.structure) {
    case WorldStructure::kHeldOut:
      return std::make_shared<HeldOutForm>(file);
    case WorldStructure::kOwn:
      return std::make_shared<OwnForm>(file);
    case WorldStructure::kMaximal:
      break;
  }
  return std::make_shared<MaximalForm>(file);
}

}  // namespace understudy
