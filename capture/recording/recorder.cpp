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
constexpr double kExtension = 30;                 ///< s that an episode is given when its operator asks

int steps_in(double seconds, const EnvironmentSpec& spec) {
  return std::max(1, static_cast<int>(std::lround(seconds * spec.control_rate)));
}

/// E.g. "0:12.3".
std::string clock_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%d:%04.1f", static_cast<int>(seconds) / 60, std::fmod(seconds, 60));
  return text;
}

}  // namespace

Recorder::Recorder(Environment& environment, Device& device, DemonstrationWriter& writer, Clock& clock,
                   RecorderOptions options, RecorderHooks hooks)
    : environment_(&environment),
      device_(&device),
      writer_(&writer),
      options_(std::move(options)),
      hooks_(std::move(hooks)),
      loop_(clock, options_.rate),
      session_({.goal = options_.episodes,
                .judged = environment.spec().has_success(),
                .control = [&device](Function function) { return device.control_of(function); }}),
      index_(options_.first_index) {
  if (!(options_.episode_seconds > 0 && options_.episode_seconds <= 86400)) {
    char text[96];
    std::snprintf(text, sizeof text, "episode seconds: want more than 0 and at most 86400, found %g",
                  options_.episode_seconds);
    throw UsageError(text);
  }
  const EnvironmentSpec& spec = environment.spec();
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
    device_->poll({session_.state(), loop_.clock().now(), &observation_, live_.result().success});
    watch_device();
    for (const Function function : device_->take_functions()) call(function);
    if (note_) write_note();
    if (replayed_) show_replay();
    if (session_.state() == SessionState::kRecording) take_step(tick);
    present();
  }
  if (writer_->recording()) {
    summary_.unfinished_steps = writer_->steps();
    if (summary_.unfinished_steps == 0) writer_->discard_episode();
  }
  pack();
  summary_.seconds = loop_.clock().now() - start;
  return summary_;
}

void Recorder::prepare_episode() {
  if (index_ >= kMostEpisodes) {
    throw Error("seed " + std::to_string(options_.seed) + " has no episodes left after " +
                std::to_string(kMostEpisodes) + ": record with another --seed");
  }
  if (hooks_.before_episode) hooks_.before_episode();
  seed_ = episode_seed(SeedUse::kDemonstration, options_.seed, index_);
  environment_->reset(seed_, observation_);
  environment_->read_state(state_);
  device_->reset(0, seed_);
  action_.setZero();
  live_.begin(seed_, state_,
              {.session = options_.session, .policy = device_->policy(), .note = options_.note});
  most_steps_ = steps_in(options_.episode_seconds, environment_->spec());
  episode_overruns_ = 0;
  hud_.ended.clear();
  if (hooks_.prepared) hooks_.prepared(observation_);
}

void Recorder::watch_device() {
  if (device_->connected() == session_.device_present()) return;
  obey(device_->connected() ? SessionEvent::kDeviceBack : SessionEvent::kDeviceLost);
  hud_.device = device_->connected() ? device_->description() : "no controller";
}

void Recorder::call(Function function) {
  // A tap of the button that takes over has no other meaning where no policy drives.
  const bool camera = function == Function::kTakeOver && device_->policy().empty();
  if (hooks_.view) hooks_.view(camera ? Function::kCamera : function);
  const auto event = session_event(function);
  if (!event) return;
  if (replayed_) {
    end_replay();
    if (*event == SessionEvent::kStart || *event == SessionEvent::kReplay) return;
  }
  obey(*event);
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
      hud_.ended.clear();
      break;
    case SessionAction::kSaveSuccess:
      save_episode(true);
      break;
    case SessionAction::kSaveFailure:
      save_episode(false);
      break;
    case SessionAction::kDiscard:
      drop_episode();
      finish_attempt(!options_.same_start);
      break;
    case SessionAction::kNext:
      if (writer_->recording()) {
        drop_episode();
        finish_attempt(true);
      } else {
        ++index_;
        prepare_episode();
      }
      break;
    case SessionAction::kUndo:
      writer_->undo_last();
      if (hooks_.episode_over) hooks_.episode_over(summary_);
      break;
    case SessionAction::kExtend:
      extend();
      break;
    case SessionAction::kCheckpoint:
      live_.mark();
      if (hooks_.checkpoint) hooks_.checkpoint();
      break;
    case SessionAction::kRewind:
      rewind();
      break;
    case SessionAction::kReplay:
      begin_replay();
      break;
    case SessionAction::kNote:
      note_ = "";
      device_->set_typing(true);
      break;
    case SessionAction::kEnd:
      if (hud_.ended.empty()) hud_.ended = "ended by you";
      break;
    case SessionAction::kNone:
    case SessionAction::kRefused:
    case SessionAction::kAsk:
    case SessionAction::kStop:
      break;
  }
}

void Recorder::begin_episode() {
  writer_->begin_episode(seed_, observation_, state_,
                         options_.operator_name.empty() ? device_->operator_name() : options_.operator_name,
                         to_json(environment_->variation()), to_json(live_.record()),
                         !device_->policy().empty());
  began_ = loop_.clock().now();
  ++summary_.attempts;
  device_->rumble(RumbleKind::kShort);
}

void Recorder::save_episode(bool success) {
  // Whatever the task did not end was cut from outside, by its operator or by the clock.
  const StepResult& result = live_.result();
  writer_->commit_episode({.terminated = result.terminated,
                           .truncated = result.truncated || !result.terminated,
                           .success = success,
                           .recording = to_json(live_.record())});
  device_->rumble(RumbleKind::kDouble);
  ++unpacked_;
  last_ = live_.trajectory();
  if (hooks_.gate != nullptr) hooks_.gate->check(writer_->last_saved(), last_);
  finish_attempt(true);
}

void Recorder::drop_episode() {
  writer_->discard_episode();
  device_->rumble(RumbleKind::kLong);
}

void Recorder::finish_attempt(bool another_start) {
  const bool achieved = live_.result().success;
  ++summary_.finished;
  if (achieved) ++summary_.achieved;
  failed_in_a_row_ = achieved ? 0 : failed_in_a_row_ + 1;
  summary_.gave_up = options_.give_up > 0 && failed_in_a_row_ == options_.give_up &&
                     session_.state() != SessionState::kStopped;
  recorded_seconds_ += live_.last_time();
  intervals_ += std::max(0, live_.steps() - 1);
  if (recorded_seconds_ > 0) summary_.rate = static_cast<double>(intervals_) / recorded_seconds_;
  if (another_start) ++index_;
  describe_saved();
  if (hooks_.episode_over) hooks_.episode_over(summary_);
  if (session_.state() != SessionState::kStopped) {
    if (options_.pack_every > 0 && unpacked_ >= options_.pack_every) {
      pack();
      if (hooks_.packed) hooks_.packed();
    }
    prepare_episode();
  }
}

/// The next step comes a period after the last one, however long that was ago.
void Recorder::pause_after_last_step() {
  paused_at_ = loop_.clock().now();
  began_ = paused_at_ - live_.last_time() - loop_.period();
}

void Recorder::extend() {
  most_steps_ += steps_in(kExtension, environment_->spec());
  if (!hud_.ended.empty()) pause_after_last_step();
  hud_.ended.clear();
}

void Recorder::rewind() {
  const auto checkpoint = live_.last_checkpoint();
  if (!checkpoint) {
    const std::string control = device_->control_of(Function::kCheckpoint);
    session_.say(
        "no earlier checkpoint: " + (control.empty() ? "a control sets" : control + " sets") + " one", true);
    return;
  }
  return_to(*environment_, live_.trajectory(), checkpoint->step, observation_);
  environment_->read_state(state_);
  writer_->rewind(checkpoint->step);
  live_.return_to(*checkpoint);
  device_->reset(0, seed_);
  action_.setZero();
  hud_.ended.clear();
  pause_after_last_step();
  session_.rewound(checkpoint->step, checkpoint->result.success,
                   "back at " + clock_text(checkpoint->time) + ": ");
  device_->rumble(RumbleKind::kLong);
}

void Recorder::take_step(const Tick& tick) {
  device_->act(observation_.transpose(), action_);
  std::copy(device_->raw().axes.begin(), device_->raw().axes.end(), axes_.begin());
  std::copy(device_->raw().buttons.begin(), device_->raw().buttons.end(), buttons_.begin());
  const double applied = loop_.clock().now();
  if (live_.steps() == 0) began_ = applied;
  const Vector action = action_.row(0);
  const StepResult result = environment_->step(action, observation_);
  environment_->read_state(state_);
  const double time = applied - began_;
  const bool overrun = loop_.overrun(tick);
  writer_->append_step({.action = action,
                        .reward = result.reward,
                        .next_observation = observation_,
                        .next_state = state_,
                        .timestamp = time,
                        .input_age = applied - device_->raw().time,
                        .overrun = overrun,
                        .intervention = device_->hands_on(),
                        .doubt = device_->doubt(),
                        .axes = axes_,
                        .buttons = buttons_});
  live_.add(action, state_, result, time);
  session_.step_taken(result.success, (action.array() != 0).any());
  ++summary_.steps;
  episode_overruns_ += overrun ? 1 : 0;
  summary_.overruns += overrun ? 1 : 0;
  const bool time_up = live_.steps() >= most_steps_;
  if (!result.terminated && !result.truncated && !result.success && !time_up) return;
  hud_.ended = result.success      ? "the goal is reached"
               : result.terminated ? std::string(cause_of_failure(result))
                                   : "time is up";
  const bool by_time = time_up && !result.terminated && !result.truncated && !result.success;
  obey(by_time ? SessionEvent::kTimeUp : SessionEvent::kEpisodeOver);
}

void Recorder::begin_replay() {
  if (last_.states.rows() == 0) return;
  environment_->reset(last_.seed, observation_);
  replayed_ = 0;
}

void Recorder::show_replay() {
  if (*replayed_ >= last_.states.rows()) return end_replay();
  environment_->show_state(last_.states.row((*replayed_)++).transpose());
}

void Recorder::end_replay() {
  replayed_.reset();
  environment_->reset(seed_, observation_);
  session_.say("");
}

void Recorder::write_note() {
  for (const char letter : device_->take_text()) {
    if (letter == '\n') {
      device_->set_typing(false);
      const bool kept =
          writer_->describe(writer_->last_saved(), [&](RecordingRecord& record) { record.note = *note_; });
      session_.say(
          kept ? "noted" : "too late for a note: the episode was taken back or is in the file already",
          !kept);
      note_.reset();
      return;
    }
    if (letter != '\b') {
      *note_ += letter;
    } else {
      // A letter may be several bytes of UTF-8.
      while (!note_->empty() && (note_->back() & 0xC0) == 0x80) note_->pop_back();
      if (!note_->empty()) note_->pop_back();
    }
  }
  session_.say("note on the last episode (Return ends): " + *note_ + "_");
}

void Recorder::describe_saved() {
  if (hooks_.gate == nullptr) return;
  for (const ReplayGate::Verdict& verdict : hooks_.gate->take()) {
    writer_->describe(verdict.saved,
                      [&](RecordingRecord& record) { record.replay_divergence = verdict.divergence; });
    ++summary_.replayed;
    if (verdict.divergence <= kReplayTolerance) ++summary_.replays_the_same;
  }
}

void Recorder::pack() {
  if (hooks_.gate != nullptr && !summary_.interrupted) hooks_.gate->finish();
  describe_saved();
  writer_->pack();
  unpacked_ = 0;
}

void Recorder::present() {
  if (!hooks_.present) return;
  const SessionState state = session_.state();
  const Eigen::Index shown = replayed_.value_or(live_.steps());
  hud_.phase = replayed_ ? "replay" : name_of(state);
  hud_.saved = session_.saved();
  if (session_.device_present()) hud_.device = device_->description();
  hud_.episode_seconds = static_cast<double>(shown) / options_.rate;
  hud_.seconds_left = (most_steps_ - live_.steps()) / environment_->spec().control_rate;
  hud_.rate = loop_.measured_rate();
  hud_.overruns = episode_overruns_;
  hud_.driver = device_->policy().empty() ? "" : device_->hands_on() ? "you" : device_->policy();
  hud_.action.assign(action_.data(), action_.data() + action_.size());
  hud_.message = session_.message();
  hud_.warning = session_.warning();
  if (hud_.message.empty() && state == SessionState::kReady) hud_.message = environment_->spec().summary;
  if (state == SessionState::kEnded && environment_->spec().has_success()) {
    hud_.message = (live_.result().success ? "done: " : "not done: ") + session_.message();
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

int next_session(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return 1;
  const DemonstrationReader reader(file);
  int last = 0;
  for (int i = 0; i < reader.size(); ++i) {
    const std::string place = file.string() + ":/data/" + reader.name(i) + "@recording";
    last = std::max(last, recording_from_json(reader.summary(i).recording, place).session);
  }
  return last + 1;
}

}  // namespace understudy
