#pragma once
/// \file A policy drives, and whoever is at the controls takes over: HG-DAgger (Kelly et al. 2019,
/// arXiv:1810.02890), where the person decides when.
///
/// While the button for it is held, the action is the hand's. Neither hand-over jumps: at the first step after one the
/// controls at rest still give what was done at the step before, and that difference fades in kBlend seconds:
///     a_t = s_t + (a_- - s_0) max(0, 1 - (t - t_0) / kBlend),
/// with s the action of who drives now, s_0 at the first step, at time t_0, and a_- the last action before.

#include <functional>
#include <memory>
#include <string>

#include "capture/devices/device.h"

namespace understudy {

/// Who drives while no hand does.
struct DrivingPolicy {
  std::unique_ptr<Actor> actor;  ///< of one row
  std::string name;              ///< and version, for HUD and file
  /// How far it doubts what to do at an observation `[obs_dim]`; empty where it cannot say, and 0 is noted.
  std::function<float(ConstVectorRef)> doubt{};
};

class Takeover : public Device {
 public:
  static constexpr double kBlend = 0.3;  ///< s

  Takeover(std::unique_ptr<Device> hand, DrivingPolicy policy);

  /// Another policy from the next reset on, which must come before the next `act`.
  void set_policy(DrivingPolicy policy) { policy_ = std::move(policy); }

  std::string kind() const override { return hand_->kind(); }
  std::string operator_name() const override { return hand_->operator_name(); }
  std::string description() const override { return hand_->description() + ", over a policy"; }
  void poll(const OperatorView& view) override;
  std::vector<Function> take_functions() override { return hand_->take_functions(); }
  bool connected() const override { return hand_->connected(); }
  const RawInput& raw() const override { return hand_->raw(); }
  bool hands_on() const override { return hands_on_; }
  bool held(Function function) const override { return hand_->held(function); }
  std::string control_of(Function function) const override { return hand_->control_of(function); }
  std::string policy() const override { return policy_.name; }
  std::optional<float> doubt() const override { return doubt_; }
  std::string take_text() override { return hand_->take_text(); }
  void set_typing(bool on) override { hand_->set_typing(on); }
  std::vector<std::pair<std::string, std::string>> help() const override { return hand_->help(); }
  void rumble(RumbleKind kind) override { hand_->rumble(kind); }

  void reset(int row, std::uint64_t seed) override;
  void act(ConstMatrixRef observations, MatrixRef actions) override;

 private:
  std::unique_ptr<Device> hand_;
  DrivingPolicy policy_;
  bool hands_on_ = false;  ///< at the last step
  bool begun_ = false;     ///< there was one since the reset
  float doubt_ = 0;
  double time_ = 0;       ///< s, of the last poll
  double handed_at_ = 0;  ///< s, of the last hand-over
  Matrix offered_;        ///< [1, act_dim] what the policy last wanted
  Vector offered_now_;    ///< [act_dim] the same, for who watches
  Matrix by_hand_;        ///< [1, act_dim]
  Matrix last_;           ///< [1, act_dim] what was done
  Matrix offset_;         ///< [1, act_dim] a_- - s_0
};

}  // namespace understudy
