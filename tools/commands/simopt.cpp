// `understudy simopt`: train in simulation, roll out in the other world, calibrate, train on, and again (Chebotar et al.
// 2019, algorithm 1). Each part is a command of this program in a process of its own, which can be run by hand too.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "datasets/format/demonstration_reader.h"
#include "datasets/storage/durable_file.h"
#include "datasets/storage/sha256.h"
#include "datasets/types/error.h"
#include "datasets/types/json_text.h"
#include "datasets/types/version.h"
#include "envs/other_world/other_world.h"
#include "envs/other_world/world_presets.h"
#include "envs/randomisation/presets.h"
#include "envs/rollouts/intervals.h"
#include "irl/calibration/calibration.h"
#include "tools/commands/command.h"
#include "tools/console/console.h"
#include "tools/console/randomise_option.h"
#include "tools/console/task_criterion.h"
#include "tools/console/training_process.h"
#include "tools/console/world_option.h"
#include "tools/media/calibration_page.h"

namespace understudy::tools {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using nlohmann::ordered_json;

constexpr auto kLook = std::chrono::milliseconds(200);

struct Options {
  std::string environment, world, real_randomise, parameters, train, retrain, start, method = "simopt",
                                                                                     calibrate, out;
  int iterations = 3, rollouts = 3, episodes = 20;
  std::uint64_t seed = 1;
  bool force = false;
};

std::vector<std::string> words_of(const std::string& text, const std::string& option,
                                  const std::vector<std::string>& ours) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; stream >> word;) {
    for (const std::string& name : ours) {
      if (word != name && !word.starts_with(name + "=")) continue;
      throw UsageError(option + ": want no " + name + " in it, which the loop gives itself; leave it out");
    }
    words.push_back(word);
  }
  return words;
}

ordered_json read_json(const fs::path& file) {
  auto document = parsed_json<ordered_json>(read_file(file));
  if (!document.is_object())
    throw Error(file.string() + ": damaged; remove it, and the same command makes it again");
  return document;
}

/// A file's text, or that of the preset that it names.
std::string text_of(const std::string& file, std::string_view preset) {
  if (file.empty()) return {};
  return preset.empty() ? read_file(file) : std::string(preset);
}

class Loop {
 public:
  explicit Loop(const Options& options)
      : options_(options),
        folder_(fs::absolute(options.out).lexically_normal()),
        lock_(folder_, options.out + ": another loop is running in it; wait for its end") {
    const fs::path file = folder_ / "simopt.json";
    const bool ours = fs::exists(file);
    if (options.force && ours) {
      for (const auto& entry : fs::directory_iterator(folder_))
        if (entry.path().filename().string().starts_with("iteration-")) fs::remove_all(entry.path());
      remove_file(file);
    }
    const ordered_json identity = this->identity();
    if (fs::exists(file)) {
      const ordered_json before = read_json(file);
      for (const auto& [name, value] : identity.items()) {
        if (before.contains("options") && before["options"].contains(name) &&
            before["options"][name] == value)
          continue;
        if (!used(name)) {
          if (of_calibration(name)) fs::remove_all(of(0) / "calibration");  // what was cut off
          continue;
        }
        throw Error(options.out + ": was begun with another " + name +
                    "; give the same to go on, or begin anew with --force");
      }
    }
    document_ = {{"program", program_version()},
                 {"revision", source_revision()},
                 {"processor", processor_name()},
                 {"judged", has_success(options.environment)},
                 {"iterations_wanted", options.iterations},
                 {"options", identity}};
  }

  void run() {
    save();
    for (int i = 0; i <= options_.iterations; ++i) {
      fs::create_directories(of(i));
      if (!fs::exists(of(i) / "randomisation.toml")) {
        durable_write(of(i) / "randomisation.toml",
                      i == 0 ? text_of(options_.parameters, preset_text(options_.parameters))
                             : read_file(of(i - 1) / "calibration/randomisation.toml"));
      }
      train(i);
      roll_out(i);
      if (i < options_.iterations) calibrate(i);
      save();
      print_row(document_["iterations"].at(static_cast<std::size_t>(i)));
    }
    std::printf("%s\n", (folder_ / "page.html").c_str());
  }

 private:
  fs::path of(int iteration) const { return folder_ / ("iteration-" + std::to_string(iteration)); }

  static bool of_calibration(const std::string& option) {
    return option == "method" || option == "calibrate" || option == "rollouts";
  }
  /// Whether anything has been made by an option yet; until then it may still change.
  bool used(const std::string& option) const {
    if (of_calibration(option)) return fs::exists(of(0) / "calibration/calibration.json");
    if (option == "world" || option == "real_randomise" || option == "episodes")
      return fs::exists(of(0) / "world.json");
    if (option == "retrain") return fs::exists(of(1) / "train");
    return true;
  }

  ordered_json identity() const {
    return {{"environment", options_.environment},
            {"world", text_of(options_.world, world_preset_text(options_.world))},
            {"real_randomise", text_of(options_.real_randomise, preset_text(options_.real_randomise))},
            {"parameters", text_of(options_.parameters, preset_text(options_.parameters))},
            {"train", options_.train},
            {"retrain", options_.retrain},
            {"start", options_.start},
            {"method", options_.method},
            {"calibrate", options_.calibrate},
            {"rollouts", options_.rollouts},
            {"episodes", options_.episodes},
            {"seed", options_.seed}};
  }

  /// Runs a command of this program until it ends, or stops it and throws Interrupted.
  void step(int i, const std::string& what, const std::vector<std::string>& arguments) {
    const fs::path log = of(i) / (what + ".log");
    TrainingProcess process;
    process.start(arguments, log, {}, what);
    Progress progress("iteration " + std::to_string(i) + " of " + std::to_string(options_.iterations),
                      options_.iterations + 1, "policies", i);
    for (;;) {
      if (const auto outcome = process.poll()) {
        if (interrupted()) break;
        if (outcome->trained) return;
        const std::string complaint = "iteration " + std::to_string(i) + ": " + outcome->complaint;
        if (outcome->code == 2) throw UsageError(complaint);
        throw Error(complaint);
      }
      if (interrupted()) process.stop();
      const std::string said = last_line(log);
      progress.update(i, said.empty() ? what : said);
      std::this_thread::sleep_for(kLook);
    }
    throw Interrupted("stopped; the same command goes on from " + options_.out);
  }

  void train(int i) {
    const fs::path run = of(i) / "train";
    if (fs::exists(run / "manifest.json") && read_json(run / "manifest.json").contains("result")) return;
    const bool first = i == 0 || options_.retrain.empty();
    const std::vector<std::string> given = words_of(first ? options_.train : options_.retrain, "", {});
    if (fs::exists(run / "checkpoints" / "last.ckpt")) {
      std::vector<std::string> words{"resume", run.string()};
      for (const std::string& word : world_words(given)) words.push_back(word);
      return step(i, "training", words);
    }
    std::vector<std::string> words{"train"};
    words.insert(words.end(), given.begin(), given.end());
    for (const std::string& word :
         {"--env=" + options_.environment, "--randomise=" + (of(i) / "randomisation.toml").string(),
          "--seed=" + std::to_string(options_.seed + static_cast<std::uint64_t>(i)), "--out=" + run.string(),
          std::string("--force")})
      words.push_back(word);
    const std::string start = i == 0 ? options_.start : (of(i - 1) / "train/policy.pt").string();
    if (!start.empty()) words.push_back("--warm-start=" + start);
    step(i, "training", words);
  }

  void roll_out(int i) {
    const fs::path done = of(i) / "world.json", rollouts = of(i) / "rollouts";
    if (fs::exists(done)) return;
    fs::remove_all(rollouts);  // what was cut off
    fs::create_directories(rollouts);
    const fs::path file = rollouts / "rollouts.h5";
    std::vector<std::string> words{"eval",
                                   (of(i) / "train").string(),
                                   "--env=" + options_.environment,
                                   "--episodes=" + std::to_string(options_.episodes),
                                   "--seed=" + std::to_string(options_.seed + static_cast<std::uint64_t>(i)),
                                   "--record=" + file.string()};
    words.push_back(options_.world.empty() ? "--randomise=" + options_.real_randomise
                                           : "--world=" + options_.world);
    step(i, "rolling out", words);
    const DemonstrationReader reader(file);
    int successes = 0;
    double sum = 0;
    for (int k = 0; k < reader.size(); ++k) {
      const Episode episode = reader.read(k);
      successes += episode.success ? 1 : 0;
      for (const float reward : episode.rewards) sum += static_cast<double>(reward);
    }
    const Interval interval = wilson_interval(successes, reader.size());
    durable_write(done, ordered_json{{"episodes", reader.size()},
                                     {"success_rate", static_cast<double>(successes) / reader.size()},
                                     {"success_interval", {interval.low, interval.high}},
                                     {"mean_return", sum / reader.size()}}
                                .dump(2) +
                            "\n");
  }

  void calibrate(int i) {
    const fs::path out = of(i) / "calibration";
    if (fs::exists(out / "calibration.json")) return;
    // REPS goes on from where it is; the others look for the whole answer anew.
    const bool goes_on = options_.method == "simopt";
    std::vector<std::string> words{"calibrate",
                                   options_.method,
                                   "--policy=" + (of(i) / "train").string(),
                                   "--real=" + (of(i) / "rollouts/rollouts.h5").string(),
                                   "--env=" + options_.environment,
                                   "--rollouts=" + std::to_string(options_.rollouts),
                                   "--parameters=" + (of(goes_on ? i : 0) / "randomisation.toml").string(),
                                   "--seed=" + std::to_string(options_.seed + static_cast<std::uint64_t>(i)),
                                   "--out=" + out.string()};
    for (const std::string& word : words_of(options_.calibrate, "", {})) words.push_back(word);
    step(i, "calibrating", words);
  }

  /// What is known of an iteration by now.
  ordered_json row(int i) const {
    ordered_json row{{"iteration", i}};
    if (fs::exists(of(i) / "train/manifest.json")) {
      const ordered_json manifest = read_json(of(i) / "train/manifest.json");
      if (manifest.contains("result")) row["training"] = manifest["result"];
    }
    if (fs::exists(of(i) / "world.json")) row["world"] = read_json(of(i) / "world.json");
    if (fs::exists(of(i) / "calibration/calibration.json")) {
      const ordered_json calibration = read_json(of(i) / "calibration/calibration.json");
      for (const char* key : {"keys", "units", "prior", "posterior", "judged", "cost", "correlations"})
        row["calibration"][key] = calibration.at(key);
    }
    return row;
  }

  void save() {
    document_["iterations"] = ordered_json::array();
    for (int i = 0; i <= options_.iterations && fs::exists(of(i)); ++i)
      document_["iterations"].push_back(row(i));
    durable_write(folder_ / "simopt.json", document_.dump(2) + "\n");
    durable_write(folder_ / "page.html", simopt_page(document_));
  }

  static void print_row(const ordered_json& row) {
    const ordered_json& world = row.at("world");
    std::printf("policy %d: there %.0f %% [%.0f, %.0f] of %d episodes, return %.2f",
                row.at("iteration").get<int>(), 100 * world.at("success_rate").get<double>(),
                100 * world.at("success_interval")[0].get<double>(),
                100 * world.at("success_interval")[1].get<double>(), world.at("episodes").get<int>(),
                world.at("mean_return").get<double>());
    if (row.contains("calibration")) {
      const ordered_json& judged = row.at("calibration").at("judged");
      std::printf("; discrepancy %.4g, after calibration %.4g", judged.at("before").at("mean").get<double>(),
                  judged.at("after").at("mean").get<double>());
    }
    std::printf("\n");
    std::fflush(stdout);
  }

  const Options& options_;
  fs::path folder_;
  DirectoryLock lock_;
  ordered_json document_;
};

void run(const Options& options) {
  if (options.world.empty() == options.real_randomise.empty())
    throw UsageError(
        "--world, --real-randomise: want one of them, which says what the other world is, found " +
        std::string(options.world.empty() ? "none" : "both"));
  const std::vector<std::string> ours{"--env", "--out", "--seed", "--randomise", "--warm-start", "--force"};
  const auto learner = [&](const std::string& text, const std::string& option) {
    const auto words = words_of(text, option, ours);
    if (words.empty() || words.front().starts_with("-"))
      throw UsageError(option + ": want a learner and its options, as after `understudy train`, found '" +
                       text + "'");
  };
  learner(options.train, "--train");
  if (!options.retrain.empty()) learner(options.retrain, "--retrain");
  words_of(options.calibrate, "--calibrate",
           {"--policy", "--real", "--env", "--rollouts", "--parameters", "--proposal", "--seed", "--out",
            "--force"});
  if (options.episodes < options.rollouts)
    throw UsageError("--episodes: want at least the " + std::to_string(options.rollouts) +
                     " of --rollouts, found " + std::to_string(options.episodes));
  prior_of(load_randomisation(options.parameters, options.environment));
  if (!options.world.empty()) read_world(options.world);
  if (!options.real_randomise.empty()) load_randomisation(options.real_randomise, options.environment);
  handle_interrupts();
  Loop(options).run();
}

}  // namespace

void add_simopt(CLI::App& program) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("simopt",
                                             "Train in simulation, roll out in another world, calibrate, "
                                             "train on, and again; the same command goes on");
  command->add_option("--env", options->environment, "Task")->required();
  command->add_option("--world", options->world, "The other world, as for eval")->type_name("FILE");
  command
      ->add_option("--real-randomise", options->real_randomise,
                   "The other world as the same simulator with what this randomisation file draws")
      ->type_name("FILE");
  command
      ->add_option("--parameters", options->parameters,
                   "Randomisation file: what the first training varies and calibration begins with")
      ->type_name("FILE")
      ->required();
  command->add_option("--train", options->train, "Learner and its options, e.g. \"ppo --steps 200000\"")
      ->required();
  command->add_option("--retrain", options->retrain,
                      "Those of later trainings, which begin with the policy before; by default the same");
  command->add_option("--start", options->start, "Policy that the first training begins with");
  command->add_option("--iterations", options->iterations, "Calibrations")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  command->add_option("--method", options->method, "How it is calibrated")
      ->check(CLI::IsMember({"simopt", "cma-es", "bayes-sim"}))
      ->capture_default_str();
  command->add_option("--calibrate", options->calibrate,
                      "Options of calibrate, e.g. \"--updates 5 --samples 300\"");
  command
      ->add_option("--rollouts", options->rollouts, "Rollouts of the other world that each calibration uses")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command
      ->add_option("--episodes", options->episodes,
                   "Episodes there to measure each policy by, the rollouts among them")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command->add_option("--seed", options->seed, "Of everything; iteration i takes seed + i")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{9000}))
      ->capture_default_str();
  command->add_option("--out", options->out, "Folder of the trainings, rollouts, calibrations and the page")
      ->required();
  command->add_flag("--force", options->force, "Replace the loop that is in --out");
  command->callback([options] { run(*options); });
}

}  // namespace understudy::tools
