#include "capture/recording/recorder.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "capture/input/bindings.h"
#include "datasets/format/demonstration_reader.h"
#include "datasets/types/error.h"
#include "envs/contract/episode_seeds.h"

namespace understudy {
namespace {

constexpr std::uint64_t kMostSeeds = 10'000;      ///< episode_seed's range
constexpr std::uint64_t kMostEpisodes = 100'000;  ///< episode_seed's range

}  // namespace

Recorder::Recorder(Environment& environment, Device& device, DemonstrationWriter& writer, Clock& clock,
                   RecorderOptions options, RecorderHooks hooks)
    : environment_(&environment),
      device_(&device),
      writer_(&writer),
      options_(options),
      hooks_(std::move(hooks)),
      loop_(clock, options.rate),
      session_(options.episodes),
      index_(options.first_index) {
  if (!(options_.episode_seconds > 0 && options_.episode_seconds <= 86400)) {
    char text[96];
    std::snprintf(text, sizeof text, "episode seconds: want more than 0 and at most 86400, found %g",
                  options_.episode_seconds);
    throw UsageError(text);
  }
  const EnvironmentSpec& spec = environment.spec();
  most_steps_ = std::max(1, static_cast<int>(std::lround(options_.episode_seconds * spec.control_rate)));
  observation_.setZero(spec.observation.size());
  state_.setZero(environment.state_dim());
  action_.setZero(1, spec.action.size());
  axes_.setZero(static_cast<Eigen::Index>(device.raw().axes.size()));
  buttons_.setZero(static_cast<Eigen::Index>(device.raw().buttons.size()));
  hud_.task = spec.id;
  hud_.wanted = options_.episodes;
  hud_.wanted_rate = options_.rate;
  hud_.device = device.description();
  hud_.controls = device.help();
  hud_.action_names = entry_names(spec.action);
}

RecordingSummary Recorder::run() {
  const double start = loop_.clock().now();
  prepare_episode();
  while (session_.state() != SessionState::kStopped && !summary_.gave_up) {
    const Tick tick = loop_.wait();
    if (hooks_.tick) hooks_.tick(tick);
    if (hooks_.interrupted && hooks_.interrupted()) {
      summary_.interrupted = true;
      break;
    }
    device_->poll({session_.state(), loop_.clock().now(), &observation_, result_.success});
    watch_device();
    for (const Function function : device_->take_functions()) {
      if (hooks_.view) hooks_.view(function);
      if (const auto event = session_event(function)) obey(*event);
    }
    if (session_.state() == SessionState::kRecording) take_step(tick);
    present();
  }
  if (writer_->recording()) {
    summary_.unfinished_steps = writer_->steps();
    if (summary_.unfinished_steps == 0) writer_->discard_episode();
  }
  writer_->pack();
  summary_.seconds = loop_.clock().now() - start;
  return summary_;
}

void Recorder::prepare_episode() {
  if (index_ >= kMostEpisodes) {
    throw Error("seed " + std::to_string(options_.seed) + " has no episodes left after " +
                std::to_string(kMostEpisodes) + ": record with another --seed");
  }
  seed_ = episode_seed(SeedUse::kDemonstration, options_.seed, index_);
  environment_->reset(seed_, observation_);
  environment_->read_state(state_);
  device_->reset(0, seed_);
  action_.setZero();
  result_ = {};
  steps_ = 0;
  episode_overruns_ = 0;
  last_step_ = 0;
  if (hooks_.prepared) hooks_.prepared(observation_);
}

void Recorder::watch_device() {
  if (device_->connected() == session_.device_present()) return;
  obey(device_->connected() ? SessionEvent::kDeviceBack : SessionEvent::kDeviceLost);
  hud_.device = device_->connected() ? device_->description() : "no controller";
}

void Recorder::obey(SessionEvent event) {
  const double now = loop_.clock().now();
  const SessionAction action = session_.handle(event, now);
  summary_.saved = session_.saved();
  summary_.successes = session_.successes();
  summary_.failures = session_.failures();
  summary_.discards = session_.discards();
  summary_.undone = session_.undone();
  switch (action) {
    case SessionAction::kBegin:
      begin_episode();
      break;
    case SessionAction::kPause:
      paused_at_ = now;
      action_.setZero();
      break;
    case SessionAction::kResume:
      began_ += now - paused_at_;
      break;
    case SessionAction::kSaveSuccess:
      save_episode(true);
      break;
    case SessionAction::kSaveFailure:
      save_episode(false);
      break;
    case SessionAction::kDiscard:
      writer_->discard_episode();
      device_->rumble(RumbleKind::kLong);
      finish_attempt();
      break;
    case SessionAction::kUndo:
      writer_->undo_last();
      if (hooks_.episode_over) hooks_.episode_over(summary_);
      break;
    case SessionAction::kNone:
    case SessionAction::kRefused:
    case SessionAction::kEnd:
    case SessionAction::kAsk:
    case SessionAction::kStop:
      break;
  }
}

void Recorder::begin_episode() {
  writer_->begin_episode(seed_, observation_, state_, device_->operator_name(),
                         to_json(environment_->variation()));
  began_ = loop_.clock().now();
  ++summary_.attempts;
  device_->rumble(RumbleKind::kShort);
}

void Recorder::save_episode(bool success) {
  // Whatever the task did not end was cut from outside, by its operator or by the clock.
  writer_->commit_episode({.terminated = result_.terminated,
                           .truncated = result_.truncated || !result_.terminated,
                           .success = success});
  device_->rumble(RumbleKind::kDouble);
  finish_attempt();
}

void Recorder::finish_attempt() {
  ++summary_.finished;
  if (result_.success) ++summary_.achieved;
  failed_in_a_row_ = result_.success ? 0 : failed_in_a_row_ + 1;
  summary_.gave_up = options_.give_up > 0 && failed_in_a_row_ == options_.give_up &&
                     session_.state() != SessionState::kStopped;
  recorded_seconds_ += last_step_;
  intervals_ += std::max(0, steps_ - 1);
  if (recorded_seconds_ > 0) summary_.rate = static_cast<double>(intervals_) / recorded_seconds_;
  ++index_;
  if (session_.state() != SessionState::kStopped) prepare_episode();
  if (hooks_.episode_over) hooks_.episode_over(summary_);
}

void Recorder::take_step(const Tick& tick) {
  device_->act(observation_.transpose(), action_);
  std::copy(device_->raw().axes.begin(), device_->raw().axes.end(), axes_.begin());
  std::copy(device_->raw().buttons.begin(), device_->raw().buttons.end(), buttons_.begin());
  const double applied = loop_.clock().now();
  if (steps_ == 0) began_ = applied;
  const Vector action = action_.row(0);
  result_ = environment_->step(action, observation_);
  environment_->read_state(state_);
  last_step_ = applied - began_;
  const bool overrun = loop_.overrun(tick);
  writer_->append_step({.action = action,
                        .reward = result_.reward,
                        .next_observation = observation_,
                        .next_state = state_,
                        .timestamp = last_step_,
                        .input_age = applied - device_->raw().time,
                        .overrun = overrun,
                        .intervention = device_->hands_on(),
                        .axes = axes_,
                        .buttons = buttons_});
  session_.step_taken();
  ++steps_;
  ++summary_.steps;
  episode_overruns_ += overrun ? 1 : 0;
  summary_.overruns += overrun ? 1 : 0;
  const bool time_up = steps_ >= most_steps_;
  if (result_.terminated || result_.truncated || result_.success || time_up) obey(SessionEvent::kEpisodeOver);
}

void Recorder::present() {
  if (!hooks_.present) return;
  hud_.phase = name_of(session_.state());
  hud_.saved = session_.saved();
  hud_.episode_seconds = static_cast<double>(steps_) / options_.rate;
  hud_.rate = loop_.measured_rate();
  hud_.overruns = episode_overruns_;
  hud_.action.assign(action_.data(), action_.data() + action_.size());
  hud_.message = session_.message();
  hud_.warning = session_.warning();
  if (hud_.message.empty() && session_.state() == SessionState::kReady) {
    hud_.message = environment_->spec().summary;
  }
  if (session_.state() == SessionState::kEnded) {
    hud_.message = (result_.success ? "done: " : "not done: ") + session_.message();
  }
  hooks_.present(environment_->scene(), hud_);
}

std::uint64_t next_episode_index(const std::filesystem::path& file, std::uint64_t seed) {
  if (seed >= kMostSeeds) {
    throw UsageError("--seed: want less than " + std::to_string(kMostSeeds) + ", found " +
                     std::to_string(seed));
  }
  if (!std::filesystem::exists(file)) return 0;
  const DemonstrationReader reader(file);
  const std::uint64_t first = episode_seed(SeedUse::kDemonstration, seed, 0);
  std::uint64_t next = 0;
  for (int i = 0; i < reader.size(); ++i) {
    const std::uint64_t used = reader.summary(i).seed;
    if (used >= first && used < first + kMostEpisodes) next = std::max(next, used - first + 1);
  }
  return next;
}

}  // namespace understudy
