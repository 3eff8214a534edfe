#include "tools/media/replay_check.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "datasets/types/error.h"
#include "envs/contract/time_limit.h"
#include "tools/console/console.h"

namespace understudy::tools {

namespace {

void check_size(const std::string& place, const char* what, Eigen::Index want, Eigen::Index found) {
  if (want == found) return;
  throw Error(place + "/" + what + ": want " + std::to_string(want) + " entries for this task, found " +
              std::to_string(found));
}

/// Equal bits: zero and minus zero differ, NaN equals itself.
template <typename Row>
bool same_bits(const Row& a, const Row& b) {
  return std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(*a.data())) == 0;
}

class Comparison {
 public:
  Comparison(const Episode& episode, Environment& environment)
      : episode_(episode), environment_(environment), state_(environment.state_dim()) {}

  void row(int step, const Vector& observation) {
    bool same = true;
    if (episode_.states.rows() > 0) {
      environment_.read_state(state_);
      const State recorded = episode_.states.row(step).transpose();
      same = same_bits(state_, recorded);
      result_.largest_state = std::max(result_.largest_state, (state_ - recorded).cwiseAbs().maxCoeff());
    }
    const Vector recorded = episode_.observations.row(step).transpose();
    same = same && same_bits(observation, recorded);
    result_.largest_observation = std::max(
        result_.largest_observation, static_cast<double>((observation - recorded).cwiseAbs().maxCoeff()));
    if (!same) differs(step);
  }
  void differs(int step) {
    result_.identical = false;
    if (result_.first_step < 0) result_.first_step = step;
  }
  ReplayDifference& result() { return result_; }

 private:
  const Episode& episode_;
  Environment& environment_;
  State state_;
  ReplayDifference result_;
};

std::string describe(const ReplayDifference& difference, const Episode& episode) {
  if (difference.identical) return "identical";
  char text[160];
  if (difference.ended_after >= 0) {
    std::snprintf(text, sizeof text, "DIFFERS: the task ended after %d of the steps", difference.ended_after);
  } else {
    std::snprintf(text, sizeof text, "DIFFERS from row %d on: by up to %.3g in %s", difference.first_step,
                  episode.states.rows() > 0 ? difference.largest_state : difference.largest_observation,
                  episode.states.rows() > 0 ? "states" : "observations");
  }
  return text;
}

}  // namespace

void vary_as_recorded(Environment& environment, const Episode& episode, const std::string& place) {
  const Variation variation = variation_from_json(episode.variation, place + "@variation");
  try {
    check_fits(variation, environment.spec());
  } catch (const UsageError& error) {
    throw Error(place + "@variation: " + error.what());
  }
  if (variation.empty()) {
    environment.vary({});
  } else {
    environment.vary([variation](std::uint64_t) { return variation; });
  }
}

ReplayDifference compare_replay(const Episode& episode, Environment& environment, const std::string& place) {
  check_size(place, "obs", environment.spec().observation.size(), episode.observations.cols());
  check_size(place, "actions", environment.spec().action.size(), episode.actions.cols());
  if (episode.states.rows() > 0) check_size(place, "states", environment.state_dim(), episode.states.cols());
  vary_as_recorded(environment, episode, place);
  // Who records by hand has another time limit than the task.
  if (auto* limited = dynamic_cast<TimeLimit*>(&environment)) limited->lift();
  Comparison comparison(episode, environment);
  Vector observation(environment.spec().observation.size());
  environment.reset(episode.seed, observation);
  comparison.row(0, observation);
  for (int step = 0; step < episode.length(); ++step) {
    const StepResult result = environment.step(episode.actions.row(step).transpose(), observation);
    comparison.row(step + 1, observation);
    comparison.result().success = result.success;
    if (std::memcmp(&result.reward, &episode.rewards[static_cast<std::size_t>(step)], sizeof result.reward) !=
        0) {
      comparison.differs(step + 1);
    }
    if ((result.terminated || result.truncated) && step + 1 < episode.length()) {
      comparison.differs(step + 1);
      comparison.result().ended_after = step + 1;
      break;
    }
  }
  return comparison.result();
}

void verify_replay(const DemonstrationReader& reader, const std::string& file, Environment& environment,
                   std::optional<int> episode) {
  if (episode && *episode >= reader.size()) {
    throw UsageError("--episode " + std::to_string(*episode) + ": " + file + " has episodes 0 to " +
                     std::to_string(reader.size() - 1));
  }
  handle_interrupts();
  const int first = episode.value_or(0);
  const int end = episode ? first + 1 : reader.size();
  int different = 0;
  for (int i = first; i < end; ++i) {
    if (interrupted()) throw Interrupted("stopped after " + std::to_string(i - first) + " episodes");
    const Episode recorded = reader.read(i);
    const ReplayDifference difference =
        compare_replay(recorded, environment, file + ":/data/" + reader.name(i));
    if (!difference.identical) ++different;
    std::printf("%-10s seed %-12llu %5d steps  %s\n", reader.name(i).c_str(),
                static_cast<unsigned long long>(recorded.seed), recorded.length(),
                describe(difference, recorded).c_str());
  }
  if (different > 0) {
    throw Error(
        file + ": " + std::to_string(different) + " of " + std::to_string(end - first) +
        " episodes do not replay: recorded by another build or machine? Their states remain valid, their "
        "actions no longer lead to them");
  }
  std::printf("%d of %d episodes replay bit for bit\n", end - first, end - first);
}

}  // namespace understudy::tools
