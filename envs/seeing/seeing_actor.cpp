#include "envs/seeing/seeing_actor.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "datasets/types/error.h"
#include "envs/rendering/camera_rig.h"

namespace understudy {
namespace {

CameraRigOptions rig_options(const Sight& sight) {
  CameraRigOptions options;
  for (const SightCamera& camera : sight.cameras)
    options.cameras.push_back({.name = camera.name, .width = camera.width, .height = camera.height});
  return options;
}

class SeeingActor final : public WatchingActor {
 public:
  SeeingActor(std::unique_ptr<Actor> actor, const Sight& sight, const Space& observation,
              const std::optional<Looks>& looks)
      : actor_(std::move(actor)),
        looks_(looks),
        entries_(seen_entries(observation, sight)),
        seen_(1, seen_space(observation, sight).size()),
        rig_(rig_options(sight)) {
    if (looks_) rig_.wear(looks_->draw(0));
  }

  void watch(Environment& environment) override { environment_ = &environment; }

  void reset(int row, std::uint64_t seed) override {
    if (looks_ && looks_->each_episode()) rig_.wear(looks_->draw(seed));
    actor_->reset(row, seed);
  }

  void act(ConstMatrixRef observations, MatrixRef actions) override {
    if (environment_ == nullptr || observations.rows() != 1)
      throw Error("actor that sees pictures: want one environment to watch, found " +
                  std::to_string(environment_ == nullptr ? 0 : observations.rows()));
    float* to = seen_.data();
    for (const int entry : entries_) *to++ = observations(0, entry);
    for (const CameraShot& shot : rig_.shoot(environment_->scene()))
      to = std::copy(shot.colour.rgb.begin(), shot.colour.rgb.end(), to);
    actor_->act(seen_, actions);
  }

 private:
  std::unique_ptr<Actor> actor_;
  std::optional<Looks> looks_;
  std::vector<int> entries_;
  Matrix seen_;  ///< [1, entries and pixels]
  CameraRig rig_;
  Environment* environment_ = nullptr;
};

}  // namespace

std::unique_ptr<WatchingActor> seeing_actor(std::unique_ptr<Actor> actor, const Sight& sight,
                                            const Space& observation, const std::optional<Looks>& looks) {
  return std::make_unique<SeeingActor>(std::move(actor), sight, observation, looks);
}

}  // namespace understudy
