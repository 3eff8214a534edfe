#include "capture/recording/live_episode.h"

#include <algorithm>

namespace understudy {

void LiveEpisode::begin(std::uint64_t seed, ConstStateRef state, RecordingRecord record) {
  *this = {};
  seed_ = seed;
  record_ = std::move(record);
  states_.assign(state.data(), state.data() + state.size());
}

void LiveEpisode::add(ConstVectorRef action, ConstStateRef state, const StepResult& result, double time) {
  actions_.insert(actions_.end(), action.data(), action.data() + action.size());
  states_.insert(states_.end(), state.data(), state.data() + state.size());
  moved_.push_back((action.array() != 0).any());
  result_ = result;
  time_ = time;
}

void LiveEpisode::mark() {
  if (!marks_.empty() && marks_.back().step == steps()) return;
  marks_.push_back({.step = steps(), .result = result_, .time = time_});
}

std::optional<Checkpoint> LiveEpisode::last_checkpoint() {
  // Who is there already wants to go further back.
  if (!marks_.empty() && marks_.back().step == steps()) marks_.pop_back();
  if (marks_.empty()) return std::nullopt;
  return marks_.back();
}

void LiveEpisode::return_to(const Checkpoint& checkpoint) {
  const auto count = static_cast<std::size_t>(steps());
  const auto kept = static_cast<std::size_t>(checkpoint.step);
  add_rewind(record_, checkpoint.step, steps());
  actions_.resize(count == 0 ? 0 : actions_.size() / count * kept);
  states_.resize(states_.size() / (count + 1) * (kept + 1));
  moved_.resize(kept);
  result_ = checkpoint.result;
  time_ = checkpoint.time;
}

Trajectory LiveEpisode::trajectory() const {
  const auto rows = static_cast<Eigen::Index>(steps());
  const auto columns = [&](const auto& values, Eigen::Index count) {
    return count == 0 ? 0 : static_cast<Eigen::Index>(values.size()) / count;
  };
  return {.seed = seed_,
          .actions = Eigen::Map<const Matrix>(actions_.data(), rows, columns(actions_, rows)),
          .states = Eigen::Map<const StateMatrix>(states_.data(), rows + 1, columns(states_, rows + 1))};
}

RecordingRecord LiveEpisode::record() const {
  RecordingRecord record = record_;
  const auto first = std::find(moved_.begin(), moved_.end(), true);
  const auto last = std::find(moved_.rbegin(), moved_.rend(), true);
  record.idle_head = static_cast<int>(first - moved_.begin());
  record.idle_tail = first == moved_.end() ? 0 : static_cast<int>(last - moved_.rbegin());
  return record;
}

void return_to(Environment& environment, const Trajectory& trajectory, int steps, VectorRef observation) {
  environment.restore_state({.seed = trajectory.seed,
                             .actions = trajectory.actions.topRows(steps),
                             .variation = environment.variation()},
                            observation);
}

}  // namespace understudy
