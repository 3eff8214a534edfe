#include "tools/console/help_texts.h"

#include <algorithm>

namespace understudy::tools {
namespace {

/// Of every learner.
#define RUN_OPTIONS "env", "out", "seed", "warm-start", "threads", "force", "help", "help-all", "config"
#define IMITATION_OPTIONS "data", "demos", "subsample", "mask"

const std::vector<HelpText>& texts() {
  static const std::vector<HelpText> list{
      {"understudy",
       {"record --env Drive --out demos.h5 --episodes 20", "train bc --env Drive --data demos.h5 --out run",
        "eval run --env Drive"},
       {}},
      {"understudy envs", {"", "Reach", "Reach --randomisation"}, {}},
      {"understudy devices", {"list", "test"}, {}},
      {"understudy doctor", {""}, {}},
      {"understudy record",
       {"--env Drive --out demos.h5 --episodes 20", "--env Reach --out demos.h5 --device keyboard",
        "--env Lift --out demos.h5 --device synthetic --headless"},
       {"help", "help-all", "env", "out", "device", "policy", "episodes", "seed", "layout", "binding",
        "randomise", "headless", "window", "operator", "note", "camera", "force", "config"}},
      {"understudy play", {"demos.h5", "demos.h5 --episode 3 --out episode.mp4", "run --env Drive"}, {}},
      {"understudy data", {"info demos.h5", "report demos.h5 --out report.html"}, {}},
      {"understudy data info", {"demos.h5"}, {}},
      {"understudy data validate", {"demos.h5"}, {}},
      {"understudy data images",
       {"demos.h5 --camera front:84x84", "demos.h5 --camera front --look camera.toml --out real.h5"},
       {}},
      {"understudy data report", {"demos.h5 --out report.html"}, {}},
      {"understudy data lint", {"demos.h5", "demos.h5 --mask sound"}, {}},
      {"understudy data stats", {"demos.h5"}, {}},
      {"understudy data distance", {"demos.h5 others.h5"}, {}},
      {"understudy imitate",
       {"--env Drive --data demos.h5 --out run",
        "--env Hopper --data demos.h5 --demos 1 --minutes 5 --out run"},
       {}},
      {"understudy train",
       {"bc --env Drive --data demos.h5 --out run", "sac --env Reacher --out run", "bc --help"},
       {}},
      {"understudy train bc",
       {"--env Drive --data demos.h5 --out run", "--env Push --data demos.h5 --policy diffusion --out run",
        "--env Reach --data demos_images.h5 --cameras front --fields none --out run"},
       {RUN_OPTIONS, IMITATION_OPTIONS, "policy", "head", "cameras", "fields", "hidden", "learning-rate",
        "batch", "epochs", "history", "horizon", "execute", "randomise"}},
      {"understudy train dagger",
       {"--env Drive --data demos.h5 --out run", "--env Drive --data demos.h5 --rounds 5 --out run"},
       {RUN_OPTIONS, IMITATION_OPTIONS, "policy", "rounds", "round-episodes", "expert", "beta", "epochs",
        "hidden", "learning-rate", "batch"}},
      {"understudy adapt",
       {"train --method cyclegan --sim sim.h5 --real real.h5 --out run", "apply run sim.h5 --out adapted.h5"},
       {}},
      {"understudy adapt train",
       {"--method retinagan --sim sim.h5 --real real.h5 --out run",
        "--method cyclegan --sim sim.h5 --real real.h5 --seeds 1 --seeds 2 --seeds 3 --out run"},
       {}},
      {"understudy adapt resume", {"run"}, {}},
      {"understudy adapt apply", {"run sim.h5 --out adapted.h5"}, {}},
      {"understudy resume", {"run", "run --steps 200000"}, {}},
      {"understudy runs", {"run-1 run-2", "runs/* --csv"}, {}},
      {"understudy eval",
       {"run --env Drive", "run expert random --episodes 100 --failures videos",
        "--suite suite.toml --out suite"},
       {"help", "help-all", "env", "episodes", "seed", "threads", "randomise", "look", "data", "failures",
        "record", "checkpoints", "latency", "suite", "out", "trace", "json", "config"}},
      {"understudy eval compare", {"new.pt old.pt", "new.json old.json --tolerance 2"}, {}},
      {"understudy eval plan", {"--success 90 --against 80", "--success 90 --against 80 --episodes 200"}, {}},
      {"understudy export",
       {"run --to onnx", "run --to header --out policy.h", "policy.pt --to torchscript"},
       {}},
      {"understudy serve", {"run", "run --socket /tmp/policy"}, {}},
      {"understudy report",
       {"run-1 run-2 run-3 --out report.html", "run demos.h5 results.json --out report.html",
        "runs/* --watch"},
       {}},
      {"understudy sweep", {"sweep.toml --out sweep"}, {}},
      {"understudy calibrate",
       {"simopt --policy run --real real.h5 --parameters prior.toml --out calibration",
        "bayes-sim --policy run --real real.h5 --parameters prior.toml --out posterior"},
       {"policy", "real", "parameters", "out", "rollouts", "updates", "samples", "generations", "simulations",
        "seed", "force"}},
      {"understudy simopt",
       {"--env Reach --real-randomise world.toml --parameters prior.toml --train ppo --out loop"},
       {"env", "world", "real-randomise", "parameters", "train", "retrain", "iterations", "method", "out"}},
      {"understudy plan",
       {"eval --suite suite.toml --out plan", "train sac --env Reacher --seeds 1-20 --out plan"},
       {}},
      {"understudy plan eval", {"run expert --env Drive --out plan", "--suite suite.toml --out plan"}, {}},
      {"understudy plan sweep", {"sweep.toml --out plan"}, {}},
      {"understudy plan train", {"bc --env Drive --data demos.h5 --seeds 1-20 --out plan"}, {}},
      {"understudy work", {"plan", "plan --slurm --sbatch \"--time=2:00:00\""}, {}},
      {"understudy status", {"plan"}, {}},
      {"understudy collect", {"plan"}, {}},
      {"understudy bench", {"", "act"}, {}},
  };
  return list;
}

/// Of the learners that try things out: `train` is theirs but for bc and dagger.
const HelpText& reinforcement() {
  static const HelpText text{
      "understudy train",
      {"--env Reacher --out run", "--env Reacher --out run --steps 100000 --environments 8"},
      {RUN_OPTIONS,
       IMITATION_OPTIONS,
       "rl",
       "steps",
       "environments",
       "keep",
       "hidden",
       "batch",
       "learning-rate",
       "gamma",
       "start",
       "decay",
       "deviation",
       "rollout",
       "reward-alpha",
       "reward-beta",
       "reward-state-only",
       "reward-scale",
       "reward-bonus",
       "reward-form",
       "reward-hidden",

       "reward-penalty",
       "reward-epsilon"}};
  return text;
}

}  // namespace

bool HelpText::shows(const std::string& option) const {
  return options.empty() || std::find(options.begin(), options.end(), option) != options.end();
}

const HelpText* help_text(const std::string& command) {
  for (const HelpText& text : texts())
    if (text.command == command) return &text;
  return command.starts_with("understudy train ") ? &reinforcement() : nullptr;
}

}  // namespace understudy::tools
