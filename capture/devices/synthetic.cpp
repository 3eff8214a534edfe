#include "capture/devices/synthetic.h"

#include <algorithm>

#include "datasets/types/error.h"
#include "datasets/types/rng_streams.h"

namespace understudy {
namespace {

/// What is asked of a hand at these bindings.
HumanFaultsConfig at(const Binding& binding, HumanFaultsConfig faults) {
  const bool finer = std::any_of(binding.buttons.begin(), binding.buttons.end(),
                                 [](const ButtonRow& row) { return row.function == Function::kPrecision; });
  faults.precision = finer ? binding.response.precision : 1;
  return faults;
}

/// Action entries that are worked one way or the other.
std::vector<int> switches_of(const Space& action) {
  std::vector<int> entries;
  const std::vector<std::string> names = entry_names(action);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == "gripper") entries.push_back(static_cast<int>(i));
  }
  return entries;
}

constexpr double kHoldMargin = 0.1;  ///< s longer than needed that a guarded button is held

/// Of the experts' rates, 8/s for a hand: with half of 0.2 s made up for, no more than 3.7/s does not overshoot.
constexpr double kPace = 0.4;

}  // namespace

ExpertStyle operator_style() {
  return {.pace = kPace};
}

SyntheticOperator::SyntheticOperator(InputEvents& events, Binding binding, const EnvironmentSpec& spec,
                                     std::unique_ptr<Actor> expert, double rate, SyntheticConfig config)
    : config_(config),
      virtual_pad_(events),
      pad_(std::make_unique<Gamepad>(events, std::move(binding), virtual_pad_.instance())),
      expert_(std::move(expert)),
      hand_(at(pad_->binding(), config.faults), *expert_, spec.observation, spec.action.size(), 1.0 / rate,
            switches_of(spec.action)) {
  // Found out now rather than in the middle of a session.
  for (const Function function : {Function::kStart, Function::kSaveSuccess,
                                  config_.keep_failures ? Function::kSaveFailure : Function::kDiscard}) {
    button_for(pad_->binding(), function);
  }
}

std::string SyntheticOperator::description() const {
  return "synthetic operator at " + pad_->description();
}

void SyntheticOperator::reset(int, std::uint64_t seed) {
  seed_ = seed;
  rng_ = Rng::stream(seed, RngStream::kSyntheticOperator);
  new_episode_ = true;
}

void SyntheticOperator::decide(const OperatorView& view) {
  if (pressing_ != Function::kNone) return;
  switch (view.state) {
    case SessionState::kReady:
    case SessionState::kPaused:
      pressing_ = Function::kStart;
      break;
    case SessionState::kEnded:
      pressing_ = view.success            ? Function::kSaveSuccess
                  : config_.keep_failures ? Function::kSaveFailure
                                          : Function::kDiscard;
      break;
    case SessionState::kRecording:
    case SessionState::kStopped:
      return;
  }
  const double hold =
      needs_hold(pressing_) ? pad_->binding().response.hold + kHoldMargin : config_.press_time;
  press_at_ = view.time + rng_.uniform(config_.think_min, config_.think_max);
  release_at_ = press_at_ + hold;
}

void SyntheticOperator::poll(const OperatorView& view) {
  if (new_episode_) {
    hand_.reset(seed_, *view.observation);
    new_episode_ = false;
  }
  if (pressing_ != Function::kNone && view.time >= release_at_) pressing_ = Function::kNone;
  decide(view);
  PadPosition position;
  if (view.state == SessionState::kRecording) {
    const Response& response = pad_->binding().response;
    Vector action = hand_.act(*view.observation);
    if (hand_.precise()) action /= static_cast<float>(response.precision);
    position = unshape(controls_of(pad_->binding(), action), response);
    if (hand_.precise()) position[button_for(pad_->binding(), Function::kPrecision)] = true;
  }
  if (pressing_ != Function::kNone && view.time >= press_at_) {
    position[button_for(pad_->binding(), pressing_)] = true;
  }
  virtual_pad_.set(position);
  pad_->poll(view);
}

}  // namespace understudy
