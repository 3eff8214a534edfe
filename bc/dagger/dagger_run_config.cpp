#include "bc/dagger/dagger_run_config.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "datasets/types/error.h"

namespace understudy {
namespace {

const std::array<std::pair<BetaSchedule, const char*>, 3> kSchedules{
    {{BetaSchedule::kLinear, "linear"},
     {BetaSchedule::kExponential, "exponential"},
     {BetaSchedule::kFirst, "first"}}};

/// Options of cloning that have no use here: everything that is collected is trained on.
constexpr std::array kUnused{"validation", "valid-mask", "shares", "eval-every", "shards"};

}  // namespace

std::string beta_schedule_name(BetaSchedule schedule) {
  for (const auto& [each, name] : kSchedules) {
    if (each == schedule) return name;
  }
  return "";
}

BetaSchedule parse_beta_schedule(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& [each, known] : kSchedules) {
    if (name == known) return each;
    names.emplace_back(known);
  }
  throw UsageError(unknown_name("schedule", name, names));
}

DaggerRunConfig::DaggerRunConfig() {
  learner = "dagger";
  evaluate_every = 1;
  validation_share = 0;
}

double beta(const DaggerRunConfig& config, int round) {
  switch (config.schedule) {
    case BetaSchedule::kLinear:
      return std::max(0.0, 1 - static_cast<double>(round) / config.beta_rounds);
    case BetaSchedule::kExponential:
      return std::pow(config.beta_base, round);
    case BetaSchedule::kFirst:
      return round == 0 ? 1 : 0;
  }
  return 0;
}

SettingList settings(DaggerRunConfig& c) {
  const SettingList pictures = settings(c.sight);  // an expert is asked about what the task says
  SettingList list;
  for (Setting& setting : settings(static_cast<CloningRunConfig&>(c))) {
    if (std::find(kUnused.begin(), kUnused.end(), setting.name) != kUnused.end()) continue;
    const auto same = [&](const Setting& other) { return other.name == setting.name; };
    if (std::any_of(pictures.begin(), pictures.end(), same)) continue;
    if (setting.name == "data") {
      setting.required = false;
      setting.help = "Demonstrations to begin with (HDF5); none: the expert drives the first round";
    }
    if (setting.name == "epochs") setting.help += ", in every round";
    list.push_back(std::move(setting));
    if (list.back().name != "out") continue;
    for (Setting& own : SettingList{
             {.name = "expert",
 .value = &c.expert,
 .help = "Who says what would have been right: 'expert', the task's own, or a policy",
 .use = c.expert == "expert" ? SettingUse::kPlain : SettingUse::kPath},
             {"rounds", &c.rounds, "Rounds of driving, asking and training", 1, 10'000},
             {"round-episodes", &c.round_episodes, "Episodes driven in each", 1, 100'000},
             {"beta", named(c.schedule, beta_schedule_name, parse_beta_schedule),
              "How the expert hands over the driving from round to round: linear, exponential or first"},
             {"beta-rounds", &c.beta_rounds, "linear: rounds until it drives no more", 1, 10'000},
             {"beta-base", &c.beta_base, "exponential: share of the round before", 0, 1},
             {"continue", &c.continues, "Train on from the round before instead of from scratch"}}) {
      list.push_back(std::move(own));
    }
  }
  return list;
}

void validate(const DaggerRunConfig& config) {
  DaggerRunConfig checked = config;
  const DemonstrationChoice& choice = config.demonstrations;
  if (choice.data.empty() && (choice.demos != 0 || choice.subsample != 1 || choice.all_episodes ||
                              !choice.mask.empty() || !config.more_data.empty())) {
    throw UsageError(
        "--data: want the demonstrations that --demos, --subsample, --all-episodes, --mask and --more-data "
        "choose from, "
        "found nothing");
  }
  resolve(checked);
  check_settings(settings(checked));
  if (choice.data.empty()) checked.demonstrations.data = "none";  // which cloning needs and this does not
  validate(static_cast<const CloningRunConfig&>(checked));
}

}  // namespace understudy
