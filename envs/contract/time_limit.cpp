#include "envs/contract/time_limit.h"

#include "datasets/types/error.h"

namespace understudy {

TimeLimit::TimeLimit(std::unique_ptr<Environment> inner, int horizon) : inner_(std::move(inner)) {
  if (!inner_) throw Error("TimeLimit: want an environment, found none");
  if (horizon <= 0) {
    throw Error(inner_->spec().id + ": want a horizon of at least 1 step, found " + std::to_string(horizon));
  }
  spec_ = inner_->spec();
  spec_.horizon = horizon;
}

void TimeLimit::set_robot(std::string sha256, std::vector<std::string> warnings) {
  spec_.robot_sha256 = std::move(sha256);
  spec_.warnings = std::move(warnings);
}

void TimeLimit::reset(std::uint64_t seed, VectorRef observation) {
  inner_->reset(seed, observation);
  steps_ = 0;
}

StepResult TimeLimit::step(ConstVectorRef action, VectorRef observation) {
  if (!lifted_ && steps_ >= spec_.horizon) {
    throw Error(spec_.id + ": the episode was cut at its horizon of " + std::to_string(spec_.horizon) +
                " steps: call reset before step");
  }
  StepResult result = inner_->step(action, observation);
  ++steps_;
  if (!lifted_ && steps_ == spec_.horizon) result.truncated = true;
  return result;
}

void TimeLimit::restore_state(const Snapshot& snapshot, VectorRef observation) {
  inner_->restore_state(snapshot, observation);
  steps_ = static_cast<int>(snapshot.actions.rows());
}

}  // namespace understudy
