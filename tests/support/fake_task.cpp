#include "tests/support/fake_task.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "datasets/types/rng.h"
#include "datasets/types/version.h"

namespace understudy::tests {

FakeTask::FakeTask() {
  spec_.id = "Fake";
  spec_.summary = "move the point onto the target";
  spec_.success = "within 0.05";
  spec_.observation = Space({{"place", 1, "m", -10, 10, ""}, {"to_target", 1, "m", -10, 10, ""}});
  spec_.action = Space({{"push", 1, "-", -1, 1, ""}});
  spec_.horizon = 10000;
  spec_.layout = "default";
}

void FakeTask::observe(VectorRef observation) const {
  observation[0] = static_cast<float>(at_);
  observation[1] = static_cast<float>(target_ - at_);
}

void FakeTask::reset(std::uint64_t seed, VectorRef observation) {
  seed_ = seed;
  at_ = 0;
  target_ = endless ? 1e6 : Rng(seed).uniform(0.5, 1.0);
  actions_.clear();
  observe(observation);
}

StepResult FakeTask::step(ConstVectorRef action, VectorRef observation) {
  if (during_step) during_step();
  at_ += 0.05 * std::clamp(double{action[0]}, -1.0, 1.0) + drift;
  actions_.push_back(action[0]);
  observe(observation);
  StepResult result;
  result.success = std::abs(target_ - at_) < 0.05;
  result.terminated = result.success;
  return result;
}

Snapshot FakeTask::save_state() const {
  Snapshot snapshot{seed_, Matrix(static_cast<Eigen::Index>(actions_.size()), 1)};
  for (std::size_t i = 0; i < actions_.size(); ++i)
    snapshot.actions(static_cast<Eigen::Index>(i), 0) = actions_[i];
  return snapshot;
}

void FakeTask::restore_state(const Snapshot& snapshot, VectorRef observation) {
  reset(snapshot.seed, observation);
  for (Eigen::Index i = 0; i < snapshot.actions.rows(); ++i)
    step(snapshot.actions.row(i).transpose(), observation);
}

void FakeTask::read_state(StateRef state) const {
  state << at_, target_;
}

void FakeTask::show_state(ConstStateRef state) {
  at_ = state[0];
  target_ = state[1];
}

void FakeExpert::act(ConstMatrixRef observations, MatrixRef actions) {
  actions.col(0) = (4.0F * observations.col(1)).cwiseMax(-1.0F).cwiseMin(1.0F);
}

PlannedDevice::PlannedDevice(std::map<int, std::vector<Function>> plan, float action)
    : plan_(std::move(plan)), action_(action) {
  raw_.axes = {0.25F, -0.5F};
  raw_.buttons = {1.0F};
}

void PlannedDevice::poll(const OperatorView& view) {
  ++polls_;
  states.push_back(view.state);
  raw_.time = view.time - device_lag;
}

std::vector<Function> PlannedDevice::take_functions() {
  const auto planned = plan_.find(polls_);
  return planned == plan_.end() ? std::vector<Function>{} : planned->second;
}

void PlannedDevice::act(ConstMatrixRef, MatrixRef actions) {
  actions.setConstant(connected() && idle.count(polls_) == 0 ? action_ : 0.0F);
}

DatasetHeader header_of(Environment& environment) {
  const EnvironmentSpec& spec = environment.spec();
  DatasetHeader header;
  header.environment_id = spec.id;
  header.observation = spec.observation;
  header.action = spec.action;
  header.state_dim = environment.state_dim();
  header.control_rate = spec.control_rate;
  header.substeps = spec.substeps;
  header.horizon = spec.horizon;
  header.device = "test";
  header.program_version = program_version();
  return header;
}

}  // namespace understudy::tests
