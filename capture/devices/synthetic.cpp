#include "capture/devices/synthetic.h"

#include <algorithm>

#include "datasets/types/error.h"
#include "datasets/types/rng_streams.h"
#include "envs/contract/episode_seeds.h"

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

}  // namespace

ExpertStyle operator_style() {
  return operator_traits(0, {}).style;
}

int OperatorTurns::at(std::uint64_t seed) const {
  return first + static_cast<int>(episode_index(seed) % static_cast<std::uint64_t>(count));
}

SyntheticOperator::SyntheticOperator(InputEvents& events, Binding binding, const EnvironmentSpec& spec,
                                     std::unique_ptr<Actor> expert, double rate, SyntheticConfig config)
    : config_(config),
      spec_(spec),
      rate_(rate),
      virtual_pad_(events),
      pad_(std::make_unique<Gamepad>(events, std::move(binding), virtual_pad_.instance())),
      expert_(std::move(expert)) {
  // Found out now rather than in the middle of a session.
  for (const Function function : {Function::kStart, Function::kSaveSuccess,
                                  config_.keep_failures ? Function::kSaveFailure : Function::kDiscard}) {
    button_for(pad_->binding(), function);
  }
  if (expert_) hold_controls();
}

SyntheticOperator::SyntheticOperator(InputEvents& events, Binding binding, const EnvironmentSpec& spec,
                                     std::function<std::unique_ptr<Actor>(const ExpertStyle&)> make_expert,
                                     OperatorTurns turns, double rate, SyntheticConfig config)
    : SyntheticOperator(events, std::move(binding), spec, nullptr, rate, config) {
  make_expert_ = std::move(make_expert);
  turns_ = turns;
  operator_traits(turns.first + turns.count - 1, spec);  // are there so many?
  take_over(turns.first);
}

void SyntheticOperator::take_over(int number) {
  const OperatorTraits traits = operator_traits(number, spec_);
  number_ = number;
  config_.faults = traits.faults;
  expert_ = make_expert_(traits.style);
  hold_controls();
}

void SyntheticOperator::hold_controls() {
  hand_.emplace(at(pad_->binding(), config_.faults), *expert_, spec_.observation, spec_.action.size(),
                1 / rate_, switches_of(spec_.action));
}

std::string SyntheticOperator::operator_name() const {
  return number_ == 0 ? kind() : kind() + "-" + std::to_string(number_);
}

std::string SyntheticOperator::description() const {
  std::string who = "synthetic operator";
  if (make_expert_ && turns_.count > 1) {
    who += "s " + std::to_string(turns_.first) + " to " + std::to_string(turns_.first + turns_.count - 1);
  } else if (make_expert_) {
    who += " " + std::to_string(turns_.first);
  }
  return who + " at " + pad_->description();
}

void SyntheticOperator::reset(int, std::uint64_t seed) {
  if (make_expert_ && turns_.at(seed) != number_) take_over(turns_.at(seed));
  // Nobody trembles as another does.
  seed_ = seed ^ static_cast<std::uint64_t>(number_) << 40;
  rng_ = Rng::stream(seed_, RngStream::kSyntheticOperator);
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

/// Whether it drives in the policy's place, where `action` is what it would do.
bool SyntheticOperator::corrects(const OperatorView& view, const Vector& action) {
  if (view.offered == nullptr) {
    of_one_mind_ = view.time;
    return correcting_ = false;
  }
  const double gap = (action - *view.offered).cwiseAbs().maxCoeff();
  if (correcting_ ? gap > config_.agreement : gap < config_.objection) of_one_mind_ = view.time;
  if (view.time - of_one_mind_ >= (correcting_ ? config_.correction_time : config_.patience)) {
    correcting_ = !correcting_;
    of_one_mind_ = view.time;
  }
  return correcting_;
}

void SyntheticOperator::poll(const OperatorView& view) {
  if (new_episode_) {
    hand_->reset(seed_, *view.observation);
    new_episode_ = false;
  }
  if (pressing_ != Function::kNone && view.time >= release_at_) pressing_ = Function::kNone;
  decide(view);
  PadPosition position;
  if (view.state == SessionState::kRecording) {
    const Response& response = pad_->binding().response;
    Vector action = hand_->act(*view.observation);
    const bool correct = corrects(view, action);
    if (hand_->precise()) action /= static_cast<float>(response.precision);
    position = unshape(controls_of(pad_->binding(), action), response);
    if (hand_->precise()) position[button_for(pad_->binding(), Function::kPrecision)] = true;
    if (correct) position[button_for(pad_->binding(), Function::kTakeOver)] = true;
  }
  if (pressing_ != Function::kNone && view.time >= press_at_) {
    position[button_for(pad_->binding(), pressing_)] = true;
  }
  virtual_pad_.set(position);
  pad_->poll(view);
}

}  // namespace understudy
