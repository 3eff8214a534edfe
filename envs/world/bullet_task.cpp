#include "envs/world/bullet_task.h"

#include "envs/world/bullet_world.h"
#include "envs/world/world_form.h"

namespace understudy {

BulletTask::BulletTask(EnvironmentSpec spec) : BulletTask(std::move(spec), WorldOptions{}) {}

BulletTask::BulletTask(EnvironmentSpec spec, const WorldOptions& world)
    : SimulatedTask(std::move(spec)),
      world_options_(std::make_unique<WorldOptions>(world)),
      stock_(std::make_shared<WorldStock>()) {}

BulletTask::~BulletTask() = default;

void BulletTask::build_in(std::shared_ptr<WorldForm> form) {
  if (world_) earlier_engine_seconds_ += world_->engine_seconds();
  world_.reset();
  form_ = std::move(form);
  world_options_ = std::make_unique<WorldOptions>(form_->options(*world_options_));
  stock_ = std::make_shared<WorldStock>(form_->make_solver());
  adapt(*form_);
}

void BulletTask::begin(std::uint64_t seed) {
  if (world_) earlier_engine_seconds_ += world_->engine_seconds();
  world_.reset();  // it leaves its stock to the next
  world_ = std::make_unique<BulletWorld>(*world_options_, variation(), seed, stock_, form_.get());
  build(seed);
  world_->vary_parts();
}

void BulletTask::find_contacts(Scene& scene) const {
  for (const btVector3& at : world_->moving_contacts())
    scene.contacts.emplace_back(static_cast<float>(at.x()), static_cast<float>(at.y()),
                                static_cast<float>(at.z()));
}

double BulletTask::engine_seconds() const {
  return earlier_engine_seconds_ + (world_ ? world_->engine_seconds() : 0);
}

}  // namespace understudy
