#pragma once
/// \file The only place that counts steps.

#include <memory>

#include "envs/contract/environment.h"

namespace understudy {

/// Any environment, cut after `horizon` steps: that step returns `truncated`, beside whatever `terminated`
/// the task itself returned. Everything else is forwarded. Stepping a truncated episode throws Error.
class TimeLimit final : public Environment {
 public:
  /// Throws Error unless `inner` is there and `horizon` is positive.
  TimeLimit(std::unique_ptr<Environment> inner, int horizon);
  /// From now on nothing is cut: whoever acts has a limit of their own. spec() keeps the horizon.
  void lift() { lifted_ = true; }
  /// Says what robot the task is about.
  void set_robot(std::string sha256, std::vector<std::string> warnings);

  const EnvironmentSpec& spec() const override { return spec_; }
  void vary(VariationSource source) override { inner_->vary(std::move(source)); }
  const Variation& variation() const override { return inner_->variation(); }
  void reset(std::uint64_t seed, VectorRef observation) override;
  StepResult step(ConstVectorRef action, VectorRef observation) override;
  Snapshot save_state() const override { return inner_->save_state(); }
  void restore_state(const Snapshot& snapshot, VectorRef observation) override;
  int state_dim() const override { return inner_->state_dim(); }
  void read_state(StateRef state) const override { inner_->read_state(state); }
  void show_state(ConstStateRef state) override { inner_->show_state(state); }
  const Scene& scene() override { return inner_->scene(); }
  double engine_seconds() const override { return inner_->engine_seconds(); }

  /// Steps since the reset.
  int steps() const { return steps_; }

 private:
  std::unique_ptr<Environment> inner_;
  EnvironmentSpec spec_;  ///< the inner one with this horizon
  int steps_ = 0;
  bool lifted_ = false;
};

}  // namespace understudy
