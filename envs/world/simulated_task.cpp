#include "envs/world/simulated_task.h"

#include <algorithm>
#include <cmath>

#include "datasets/types/error.h"
#include "envs/world/scene_variation.h"

namespace understudy {
namespace {

void want_size(const std::string& id, const char* what, Eigen::Index want, Eigen::Index found) {
  if (want != found) {
    throw Error(id + ": want " + what + " of " + std::to_string(want) + " entries, found " +
                std::to_string(found));
  }
}

}  // namespace

SimulatedTask::SimulatedTask(EnvironmentSpec spec)
    : spec_(std::move(spec)),
      low_(spec_.observation.size()),
      high_(spec_.observation.size()),
      clamped_(spec_.action.size()) {
  int entry = 0;
  for (const Field& field : spec_.observation.fields()) {
    for (int i = 0; i < field.size; ++i, ++entry) {
      low_[entry] = static_cast<float>(field.low);
      high_[entry] = static_cast<float>(field.high);
    }
  }
  actions_.reserve(static_cast<std::size_t>(spec_.horizon) * static_cast<std::size_t>(spec_.action.size()));
}

void SimulatedTask::begin_varied(std::uint64_t seed, Variation variation) {
  phase_ = Phase::kBroken;  // until everything below succeeded
  check_fits(variation, spec_);
  seed_ = seed;
  variation_ = std::move(variation);
  disturbance_.reset();
  if (!variation_.empty()) disturbance_.emplace(variation_, spec_, seed);
  actions_.clear();
  scene_built_ = false;
  begin(seed);
  phase_ = Phase::kRunning;
}

void SimulatedTask::look(VectorRef observation) {
  want_size(spec_.id, "an observation", low_.size(), observation.size());
  observe(observation);
  if (!observation.allFinite()) {
    throw Error(spec_.id + ": the simulation diverged at step " +
                std::to_string(actions_.size() / static_cast<std::size_t>(clamped_.size())) +
                " of the episode with seed " + std::to_string(seed_));
  }
  if (disturbance_ && disturbance_->changes_observations()) disturbance_->blur(observation);
  observation = observation.cwiseMax(low_).cwiseMin(high_);
}

void SimulatedTask::reset(std::uint64_t seed, VectorRef observation) {
  begin_varied(seed, source_ ? source_(seed) : Variation{});
  look(observation);
}

StepResult SimulatedTask::step(ConstVectorRef action, VectorRef observation) {
  switch (phase_) {
    case Phase::kRunning:
      break;
    case Phase::kTerminated:
      throw Error(spec_.id + ": the episode has terminated: call reset before step");
    case Phase::kShowing:
      throw Error(spec_.id + ": a shown state cannot be stepped: call reset before step");
    case Phase::kFresh:
    case Phase::kBroken:
      throw Error(spec_.id + ": there is no episode yet: call reset before step");
  }
  want_size(spec_.id, "an action", clamped_.size(), action.size());
  for (Eigen::Index i = 0; i < action.size(); ++i) {
    if (!std::isfinite(action[i])) {
      throw Error(spec_.id + ": action entry " + std::to_string(i) + ": want a number in [-1, 1], found " +
                  std::to_string(action[i]));
    }
    clamped_[i] = std::clamp(action[i], -1.0F, 1.0F);
  }
  actions_.insert(actions_.end(), clamped_.data(), clamped_.data() + clamped_.size());
  const bool disturbed = disturbance_ && disturbance_->changes_actions();
  const StepResult result = advance(disturbed ? disturbance_->act(actions_) : clamped_);
  look(observation);
  if (result.terminated) phase_ = Phase::kTerminated;
  return result;
}

Snapshot SimulatedTask::save_state() const {
  if (phase_ != Phase::kRunning && phase_ != Phase::kTerminated) {
    throw Error(spec_.id + ": there is no episode to save: call reset first");
  }
  const Eigen::Index dim = clamped_.size();
  const Eigen::Index steps = static_cast<Eigen::Index>(actions_.size()) / dim;
  return {.seed = seed_,
          .actions = Eigen::Map<const Matrix>(actions_.data(), steps, dim),
          .variation = variation_};
}

void SimulatedTask::restore_state(const Snapshot& snapshot, VectorRef observation) {
  if (snapshot.actions.rows() > 0) {
    want_size(spec_.id, "a snapshot's action", clamped_.size(), snapshot.actions.cols());
  }
  // The snapshot may be of this very object's actions, which begin_varied() clears.
  const Matrix actions = snapshot.actions;
  begin_varied(snapshot.seed, snapshot.variation);
  look(observation);
  for (Eigen::Index t = 0; t < actions.rows(); ++t) step(actions.row(t).transpose(), observation);
}

void SimulatedTask::read_state(StateRef state) const {
  want_size(spec_.id, "a state", state_dim(), state.size());
  switch (phase_) {
    case Phase::kShowing:
      state = shown_;
      return;
    case Phase::kRunning:
    case Phase::kTerminated:
      write_state(state);
      return;
    case Phase::kFresh:
    case Phase::kBroken:
      throw Error(spec_.id + ": there is no state yet: call reset first");
  }
}

void SimulatedTask::show_state(ConstStateRef state) {
  want_size(spec_.id, "a state", state_dim(), state.size());
  if (phase_ == Phase::kFresh || phase_ == Phase::kBroken) {
    throw Error(spec_.id + ": call reset with the episode's seed before show_state");
  }
  if (!state.allFinite()) throw Error(spec_.id + ": the state to show holds values that are not finite");
  shown_ = state;
  phase_ = Phase::kShowing;
}

const Scene& SimulatedTask::scene() {
  if (phase_ == Phase::kFresh || phase_ == Phase::kBroken) {
    throw Error(spec_.id + ": there is nothing to draw yet: call reset first");
  }
  if (!scene_built_) {
    const unsigned revision = scene_.revision + 1;
    scene_ = Scene{};
    scene_.revision = revision;
    build_scene(scene_);
    vary_scene(variation_, seed_, scene_);
    scene_built_ = true;
  }
  State state(state_dim());
  read_state(state);
  scene_.figures.clear();
  scene_.contacts.clear();
  pose_scene(state, scene_);
  if (phase_ != Phase::kShowing) find_contacts(scene_);
  return scene_;
}

}  // namespace understudy
