#include "capture/devices/human_faults.h"

#include <algorithm>
#include <cmath>

#include "datasets/types/error.h"
#include "datasets/types/rng_streams.h"

namespace understudy {
namespace {

constexpr float kSwitchOn = 0.9F;   // action: more is wanted of a switch that is worked
constexpr float kSwitchOff = 0.3F;  // less is wanted of one that is let go of
constexpr float kAtRest = 0.005F;   // action: less than this is no deflection of a stick

void want(bool good, const char* what) {
  if (!good) throw UsageError(std::string("human faults: want ") + what);
}

}  // namespace

void validate(const HumanFaultsConfig& config) {
  want(config.delay_min >= 0 && config.delay_min <= config.delay_max && config.delay_max <= 2,
       "0 <= delay_min <= delay_max <= 2 s");
  want(config.anticipation >= 0 && config.anticipation <= 1, "anticipation in [0, 1]");
  want(config.slope_time > 0 && config.slope_time <= 2, "slope_time in (0, 2] s");
  want(config.noise >= 0 && config.noise <= 1, "noise in [0, 1]");
  want(config.noise_time > 0, "a positive noise_time");
  want(config.hesitation_rate >= 0 && config.hesitation_rate <= 10, "hesitation_rate in [0, 10] 1/s");
  want(config.hesitation_min >= 0 && config.hesitation_min <= config.hesitation_max,
       "0 <= hesitation_min <= hesitation_max");
  want(config.look_rate >= 0 && config.look_rate <= 10, "look_rate in [0, 10] 1/s");
  want(config.look_min >= 0 && config.look_min <= config.look_max, "0 <= look_min <= look_max");
  want(config.precision > 0 && config.precision <= 1, "precision in (0, 1]");
  want(config.precision_time >= 0 && config.switch_time >= 0 && config.switch_wait >= 0,
       "precision_time, switch_time and switch_wait of at least 0 s");
}

HumanFaults::HumanFaults(HumanFaultsConfig config, Actor& expert, Space observation, int act_dim,
                         double period, std::vector<int> switches)
    : config_(config),
      expert_(&expert),
      observation_(std::move(observation)),
      period_(period),
      tremor_(Vector::Zero(act_dim)),
      action_(Vector::Zero(act_dim)),
      expert_action_(Matrix::Zero(1, act_dim)) {
  validate(config_);
  for (const int entry : switches) switches_.push_back({.entry = entry});
}

void HumanFaults::reset(std::uint64_t seed, ConstVectorRef observation) {
  rng_ = Rng::stream(seed, RngStream::kHumanFaults);
  expert_->reset(0, seed);
  delay_ = rng_.uniform(config_.delay_min, config_.delay_max);
  past_.assign(1, observation);
  tremor_.setZero();
  action_.setZero();
  frozen_steps_ = 0;
  for (Switch& each : switches_) each = {.entry = each.entry};
  resting_steps_ = 0;
  precise_ = false;
  other_steps_ = 0;
}

Vector HumanFaults::seen_at(double age) const {
  const double steps = age / period_;
  const auto last = past_.size() - 1;
  const auto newer = std::min(static_cast<std::size_t>(steps), last);
  const auto older = std::min(newer + 1, last);
  const auto share = static_cast<float>(steps - std::floor(steps));
  return past_[newer] + share * (past_[older] - past_[newer]);
}

const Vector& HumanFaults::act(ConstVectorRef observation) {
  past_.emplace_front(observation);
  const auto kept = static_cast<std::size_t>((delay_ + config_.slope_time) / period_) + 2;
  if (past_.size() > kept) past_.resize(kept);

  // All draws happen at every step, frozen or not, so that one fault does not shift the others.
  const auto decay = static_cast<float>(std::exp(-period_ / config_.noise_time));
  const auto kick = static_cast<float>(config_.noise) * std::sqrt(1.0F - decay * decay);
  for (float& tremor : tremor_) tremor = decay * tremor + kick * static_cast<float>(rng_.normal());
  const bool hesitate = rng_.uniform() < config_.hesitation_rate * period_;
  const double freeze = rng_.uniform(config_.hesitation_min, config_.hesitation_max);
  if (config_.look_rate > 0) {  // others draw what they always drew
    const bool look = rng_.uniform() < config_.look_rate * period_;
    const double seconds = rng_.uniform(config_.look_min, config_.look_max);
    if (look && resting_steps_ == 0) resting_steps_ = static_cast<int>(std::lround(seconds / period_));
  }
  if (frozen_steps_ > 0) {
    --frozen_steps_;
    return action_;
  }
  if (hesitate) frozen_steps_ = static_cast<int>(std::lround(freeze / period_));

  const Vector late = seen_at(delay_);
  const Vector earlier = seen_at(delay_ + config_.slope_time);
  const auto ahead = static_cast<float>(config_.anticipation * delay_ / config_.slope_time);
  Vector expected = late + ahead * (late - earlier);
  Eigen::Index entry = 0;
  for (const Field& field : observation_.fields()) {
    auto part = expected.segment(entry, field.size);
    part = part.cwiseMax(static_cast<float>(field.low)).cwiseMin(static_cast<float>(field.high));
    entry += field.size;
  }
  expert_->act(expected.transpose(), expert_action_);
  Vector wanted = expert_action_.row(0);
  practise(wanted);
  const float reach = precise_ ? static_cast<float>(config_.precision) : 1.0F;
  for (Eigen::Index i = 0; i < wanted.size(); ++i) {
    const float deflection = wanted[i] + (std::abs(wanted[i]) < kAtRest ? 0.0F : reach * tremor_[i]);
    action_[i] = std::clamp(deflection, -reach, reach);
  }
  return action_;
}

void HumanFaults::practise(Vector& wanted) {
  const auto steps = [&](double seconds) { return static_cast<int>(std::lround(seconds / period_)); };
  for (Switch& each : switches_) {
    float& value = wanted[each.entry];
    const float least = value * each.way > 0 ? kSwitchOff : kSwitchOn;
    const float way = std::abs(value) < least ? 0.0F : std::copysign(1.0F, value);
    each.other_steps = way == each.way ? 0 : each.other_steps + 1;
    if (each.other_steps > steps(config_.switch_time) && resting_steps_ == 0) {
      each.way = way;
      each.other_steps = 0;
      if (way > 0) resting_steps_ = steps(config_.switch_wait);
    }
    value = each.way;
  }
  float most = 0;
  for (Eigen::Index i = 0; i < wanted.size(); ++i) {
    if (std::any_of(switches_.begin(), switches_.end(), [&](const Switch& each) { return each.entry == i; }))
      continue;
    if (resting_steps_ > 0) wanted[i] = 0;
    most = std::max(most, std::abs(wanted[i]));
  }
  if (resting_steps_ > 0) {
    --resting_steps_;
    precise_ = false;
    return;
  }
  const bool fine = config_.precision < 1 && most < static_cast<float>(config_.precision);
  other_steps_ = fine == precise_ ? 0 : other_steps_ + 1;
  if (other_steps_ > steps(config_.precision_time)) {
    precise_ = fine;
    other_steps_ = 0;
  }
}

}  // namespace understudy
