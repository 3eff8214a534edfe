#pragma once
/// \file An operator made of software at a virtual controller: everything from SDL upwards is what a person's
/// recording runs through.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "capture/devices/gamepad.h"
#include "capture/devices/human_faults.h"
#include "capture/devices/operators.h"
#include "capture/input/virtual_pad.h"
#include "envs/contract/environment.h"
#include "envs/contract/expert_style.h"

namespace understudy {

struct SyntheticConfig {
  HumanFaultsConfig faults;      ///< with the precision of the binding, where a button has it
  double press_time = 0.1;       ///< s a button stays down when tapped
  double think_min = 0.25;       ///< s from a change on the screen to the press of a button, at least
  double think_max = 0.60;       ///< s, at most
  double objection = 0.5;        ///< of an action entry: a policy that is further off is not let go on
  double patience = 0.2;         ///< s that it may be
  double agreement = 0.2;        ///< of an action entry: a policy that is nearer may drive again ...
  double correction_time = 0.5;  ///< s after it came so near
  bool keep_failures = false;    ///< save failed episodes as failures instead of discarding them
};

/// The style of the expert that the default operator goes by: slow enough for a hand that sees late.
ExpertStyle operator_style();

/// Operators who take turns, from one to the next with every seed (capture/devices/operators.h).
struct OperatorTurns {
  int first = 1;
  int count = 1;
  /// Whose turn it is; the episode with index 0 of a session is the first one's.
  int at(std::uint64_t seed) const;
};

/// Presses start, steers the expert's way with human faults, watches the outcome and gives its verdict:
/// success is saved, anything else discarded (or saved as failure). Where a policy drives, it takes over when the policy
/// wants something else than it would do itself, and gives back when they agree.
class SyntheticOperator : public Device {
 public:
  /// `rate` in Hz: how often it is polled.
  SyntheticOperator(InputEvents& events, Binding binding, const EnvironmentSpec& spec,
                    std::unique_ptr<Actor> expert, double rate, SyntheticConfig config = {});
  /// One of `turns` in each episode, going by what `make_expert` makes of their style; their traits replace those of
  /// `config`. Throws UsageError for operators that there are not.
  SyntheticOperator(InputEvents& events, Binding binding, const EnvironmentSpec& spec,
                    std::function<std::unique_ptr<Actor>(const ExpertStyle&)> make_expert,
                    OperatorTurns turns, double rate, SyntheticConfig config = {});

  std::string kind() const override { return "synthetic"; }
  std::string operator_name() const override;
  std::string description() const override;
  void poll(const OperatorView& view) override;
  std::vector<Function> take_functions() override { return pad_->take_functions(); }
  bool connected() const override { return pad_->connected(); }
  const RawInput& raw() const override { return pad_->raw(); }
  void rumble(RumbleKind kind) override { pad_->rumble(kind); }

  std::vector<std::pair<std::string, std::string>> help() const override { return pad_->help(); }
  bool held(Function function) const override { return pad_->held(function); }
  std::string control_of(Function function) const override { return pad_->control_of(function); }

  void reset(int row, std::uint64_t seed) override;
  void act(ConstMatrixRef observations, MatrixRef actions) override { pad_->act(observations, actions); }

 private:
  void take_over(int number);
  void hold_controls();
  void decide(const OperatorView& view);
  bool corrects(const OperatorView& view, const Vector& action);

  SyntheticConfig config_;
  EnvironmentSpec spec_;
  double rate_;  ///< Hz
  VirtualPad virtual_pad_;
  std::unique_ptr<Gamepad> pad_;
  std::function<std::unique_ptr<Actor>(const ExpertStyle&)> make_expert_;
  OperatorTurns turns_;
  int number_ = 0;  ///< who is at the controls; 0: the default operator
  std::unique_ptr<Actor> expert_;
  std::optional<HumanFaults> hand_;
  Rng rng_{0};
  std::uint64_t seed_ = 0;
  bool new_episode_ = true;
  bool correcting_ = false;              ///< drives in the policy's place
  double of_one_mind_ = 0;               ///< s, when it last had no reason to change that
  Function pressing_ = Function::kNone;  ///< decided on; its button goes down at press_at_
  double press_at_ = 0;                  ///< s
  double release_at_ = 0;                ///< s
};

}  // namespace understudy
