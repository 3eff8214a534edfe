#include "bc/runs/run_config.h"

#include "bc/networks/mlp_device.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

constexpr int kMostShards = 65536;

}  // namespace

SettingList task_settings(RunConfig& c, bool imitates) {
  SettingList list{{.name = "env",
                    .value = &c.environment,
                    .help = "Task (see: understudy envs)",
                    .use = SettingUse::kTask,
                    .required = true},
                   {.name = "out",
                    .value = &c.out,
                    .help = "Run directory to make",
                    .use = SettingUse::kPlace,
                    .required = true}};
  if (imitates) {
    DemonstrationChoice& choice = c.demonstrations;
    list.push_back({.name = "data",
                    .value = &choice.data,
                    .help = "Demonstrations (HDF5)",
                    .use = SettingUse::kPath,
                    .required = true});
    list.push_back({"demos", &choice.demos, "Use only the first so many demonstrations; 0: all", 0, 1e6});
    list.push_back({"subsample", &choice.subsample, "Keep every so manyth step of each", 1, 1e6});
    list.push_back({"all-episodes", &choice.all_episodes, "Learn from failed episodes too"});
    list.push_back(
        {"mask", &choice.mask, "Only the episodes of this list in the file (see: understudy data info)"});
  }
  list.push_back({"seed", &c.seed, "Seed of everything random", 0, 9999});
  return list;
}

SettingList evaluation_settings(RunConfig& c, const std::string& units) {
  return {
      {"eval-every", &c.evaluate_every, units + " between evaluations", 1, 2e9},
      {"eval-episodes", &c.evaluation_episodes, "Episodes of each evaluation", 1, 10'000},
      {"final-episodes", &c.final_episodes, "Episodes of the last one, for each candidate", 1, 50'000},
      {.name = "keep-candidates",
       .value = &c.keep_candidates,
       .help = "Keep the policy of every evaluation (see: understudy eval RUN --checkpoints all)",
       .use = SettingUse::kPlace},
      {.name = "device",
       .value = &c.device,
       .help = "cpu, or for wide layers cuda or cuda:N, where LibTorch has it; libtorch: its CPU kernels"},
      {"shards", &c.shards,
       "Parts that batches or rollouts are split into, for as many processes started by mpirun; results "
       "depend on it, and not on the processes",
       1, kMostShards},
      {.name = "randomise",
       .value = &c.randomise,
       .help = "TOML file of distributions that each episode's physics, actuators, sensors and looks are "
               "drawn from (see: understudy envs ID --randomisation)",
       .use = SettingUse::kPath}};
}

void validate(const RunConfig& c, const SettingList& settings) {
  if (c.environment.empty()) throw UsageError("--env: want a task, found nothing (see: understudy envs)");
  if (c.out.empty()) throw UsageError("--out: want the run directory to make, found nothing");
  for (const Setting& setting : settings) {
    if (setting.name == "data" && c.demonstrations.data.empty())
      throw UsageError("--data: want a file of demonstrations, found nothing");
  }
  check_settings(settings);
  make_mlp_device(c.device);
  if (c.keep == Keep::kClosest && c.demonstrations.data.empty())
    throw UsageError("--keep closest: want demonstrations to be close to, found none; use best or last");
}

Randomisation randomisation_of(const RunConfig& config) {
  return parse_randomisation(config.randomisation, config.randomise);
}

}  // namespace understudy
