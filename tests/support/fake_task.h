#pragma once
/// \file A task, a device and a clock small enough to reason about.

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "capture/devices/device.h"
#include "capture/recording/clock.h"
#include "datasets/format/dataset_header.h"
#include "envs/contract/environment.h"

namespace understudy::tests {

/// A point on a line, moved by 0.05 * action a step; success within 0.05 of the target, which ends it.
class FakeTask : public Environment {
 public:
  FakeTask();
  const EnvironmentSpec& spec() const override { return spec_; }
  void reset(std::uint64_t seed, VectorRef observation) override;
  StepResult step(ConstVectorRef action, VectorRef observation) override;
  Snapshot save_state() const override;
  void restore_state(const Snapshot& snapshot, VectorRef observation) override;
  int state_dim() const override { return 2; }
  void read_state(StateRef state) const override;
  void show_state(ConstStateRef state) override;
  const Scene& scene() override { return scene_; }
  double engine_seconds() const override { return 0; }

  /// From now on the task has no success criterion.
  void judge_nothing() { spec_.success = "none: only the return counts"; }

  /// Called in every step, e.g. to let time pass.
  std::function<void()> during_step;
  /// Added to the place in every step, m.
  double drift = 0;
  /// The target is out of reach, so that episodes go on.
  bool endless = false;

 private:
  void observe(VectorRef observation) const;

  EnvironmentSpec spec_;
  Scene scene_;
  std::uint64_t seed_ = 0;
  double at_ = 0;
  double target_ = 0;
  std::vector<float> actions_;
};

/// Pushes towards the target in proportion to the distance.
class FakeExpert : public Actor {
 public:
  void reset(int, std::uint64_t) override {}
  void act(ConstMatrixRef observations, MatrixRef actions) override;
};

/// Presses what it was told to, at the polls it was told to (counted from 0), and always acts the same.
class PlannedDevice : public Device {
 public:
  explicit PlannedDevice(std::map<int, std::vector<Function>> plan, float action = 0.5F);
  std::string kind() const override { return "planned"; }
  std::string description() const override { return "planned device"; }
  void poll(const OperatorView& view) override;
  std::vector<Function> take_functions() override;
  bool connected() const override { return unplugged.count(polls_) == 0; }
  const RawInput& raw() const override { return raw_; }
  void set_typing(bool on) override { typing_ = on; }
  std::string take_text() override { return typing_ && typed.count(polls_) > 0 ? typed[polls_] : ""; }
  void rumble(RumbleKind kind) override { rumbles.push_back(kind); }
  void reset(int, std::uint64_t seed) override { seeds.push_back(seed); }
  void act(ConstMatrixRef observations, MatrixRef actions) override;

  bool held(Function function) const override { return holding.count({polls_, function}) > 0; }

  std::set<std::pair<int, Function>> holding;  ///< polls at which a function's control is down
  std::set<int> unplugged;                     ///< polls at which the device is gone
  std::set<int> idle;                          ///< polls at which it acts 0
  std::map<int, std::string> typed;            ///< what is written at a poll, once it may be
  std::vector<SessionState> states;            ///< what every poll was shown
  std::vector<RumbleKind> rumbles;
  std::vector<std::uint64_t> seeds;
  double device_lag = 0;  ///< s that the reading is older than the poll

 private:
  std::map<int, std::vector<Function>> plan_;
  float action_;
  bool typing_ = false;
  int polls_ = -1;
  RawInput raw_;
};

/// Simulated time that a test can also push.
class PushedClock : public SimulatedClock {
 public:
  void push(double seconds) { sleep_until(now() + seconds); }
};

/// A header for `environment`.
DatasetHeader header_of(Environment& environment);

}  // namespace understudy::tests
