#include "tools/commands/earlier_episodes.h"

#include <filesystem>

#include "capture/view/operator_screen.h"
#include "datasets/format/demonstration_reader.h"
#include "envs/contract/episode_seeds.h"

namespace understudy::tools {
namespace {

constexpr int kDrawn = 200;                  ///< starts of the task
constexpr std::uint64_t kDrawnSeed = 9'999;  ///< nobody's first choice
constexpr std::size_t kMost = 1000;          ///< episodes

}  // namespace

EarlierEpisodes::EarlierEpisodes(const std::string& file, Environment& environment)
    : spec_(environment.spec()) {
  Matrix drawn(kDrawn, spec_.observation.size());
  Vector observation(spec_.observation.size());
  for (int i = 0; i < kDrawn; ++i) {
    environment.reset(episode_seed(SeedUse::kDemonstration, kDrawnSeed, static_cast<std::uint64_t>(i)),
                      observation);
    drawn.row(i) = observation.transpose();
  }
  coverage_.emplace(drawn, spec_.observation);
  if (!std::filesystem::exists(file)) return;
  const DemonstrationReader reader(file);
  const std::vector<int> usable = usable_episodes(reader);
  const std::size_t first = usable.size() > kMost ? usable.size() - kMost : 0;
  for (std::size_t i = first; i < usable.size(); ++i) {
    const Episode episode = reader.read(usable[i], {.states = false, .info = false});
    if (episode.observations.cols() == spec_.observation.size())
      coverage_->add(episode.observations.row(0).transpose());
  }
  if (!usable.empty()) follow(reader.read(usable.back()), environment);
}

HudCoverage EarlierEpisodes::prepared(const Vector& observation) {
  start_ = observation;
  return coverage_->look(start_);
}

HudCoverage EarlierEpisodes::over(const RecordingSummary& summary) {
  const auto verdicts = static_cast<std::size_t>(summary.successes + summary.failures);
  if (verdicts > verdicts_) {
    counted_.push_back(!spec_.has_success() || summary.successes > successes_);
    if (counted_.back()) coverage_->add(start_);
  }
  if (summary.undone > undone_ && !counted_.empty()) {
    if (counted_.back()) coverage_->take_back();
    counted_.pop_back();
  }
  verdicts_ = verdicts;
  successes_ = summary.successes;
  undone_ = summary.undone;
  return coverage_->look(start_);
}

void EarlierEpisodes::follow(const Episode& episode, Environment& environment) {
  if (episode.states.cols() != environment.state_dim()) return;
  Vector observation(spec_.observation.size());
  environment.reset(episode.seed, observation);
  if (environment.scene().handle.body < 0) return;
  for (Eigen::Index moment = 0; moment < episode.states.rows(); ++moment) {
    environment.show_state(episode.states.row(moment).transpose());
    extend_path(path_, handle_place(environment.scene()));
  }
}

}  // namespace understudy::tools
