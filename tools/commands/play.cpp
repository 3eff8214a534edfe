// `understudy play`: look at a demonstration or a policy, in the window or as a video; or check that recorded
// actions lead to the recorded states.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "capture/input/bindings.h"
#include "capture/view/window.h"
#include "datasets/format/demonstration_reader.h"
#include "datasets/format/robot_record.h"
#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"
#include "envs/contract/episode_seeds.h"
#include "envs/rendering/camera.h"
#include "envs/rollouts/rollout.h"
#include "envs/tasks/registry.h"
#include "tools/commands/command.h"
#include "tools/console/actor_choice.h"
#include "tools/console/console.h"
#include "tools/console/randomise_option.h"
#include "tools/console/robot_warnings.h"
#include "tools/console/world_option.h"
#include "tools/media/replay.h"
#include "tools/media/replay_check.h"

namespace understudy::tools {
namespace {

constexpr int kMostEpisodes = 99999;  ///< greatest number of one

struct PlayArguments {
  std::string source;
  std::string environment;
  std::string camera;
  std::string out;
  std::string size = "1280x720";
  std::string randomise;
  std::uint64_t seed = 1;
  bool seed_given = false;
  int episode = 0;
  bool episode_given = false;
  double speed = 1;
  bool verify = false;
  bool force = false;
  bool no_hud = false;
};

struct Size {
  int width;
  int height;
};
Size parse_size(const std::string& text) {
  Size size{0, 0};
  char rest = 0;
  if (std::sscanf(text.c_str(), "%dx%d%c", &size.width, &size.height, &rest) != 2 || size.width < 64 ||
      size.height < 64 || size.width > 8192 || size.height > 8192) {
    throw UsageError("--size " + text + ": want WIDTHxHEIGHT, each from 64 to 8192, e.g. 1280x720");
  }
  return size;
}

bool is_dataset(const std::string& source) {
  if (source == "expert" || source == "random" || std::filesystem::is_directory(source)) return false;
  want_regular_file(source);
  std::ifstream file(source, std::ios::binary);
  if (!file)
    throw Error(source + ": no such file; want a dataset (.h5), a policy (.pt), a run, expert or random");
  std::string start(4, '\0');
  file.read(start.data(), 4);
  const std::string ending = std::filesystem::path(source).extension().string();
  return start == "\x89HDF" || ending == ".h5" || ending == ".hdf5";
}

/// Episode `number` of the dataset.
Take take_demonstration(const PlayArguments& arguments, const DemonstrationReader& reader,
                        const Environment& environment, int number) {
  if (arguments.seed_given) throw UsageError("--seed is for policies; --episode N chooses a demonstration");
  if (number >= reader.size()) {
    throw UsageError("--episode " + std::to_string(number) + ": " + arguments.source + " has episodes 0 to " +
                     std::to_string(reader.size() - 1));
  }
  Take take;
  take.name = reader.name(number);
  take.episode = reader.read(number);
  take.actor = take.episode.operator_name;
  const std::string place = arguments.source + ":/data/" + take.name + "/states: ";
  if (take.episode.states.rows() == 0) {
    throw Error(place + "none were recorded, so there is nothing to show");
  }
  if (take.episode.states.cols() != environment.state_dim()) {
    throw Error(place + "want " + std::to_string(environment.state_dim()) + " entries for " +
                environment.spec().id + ", found " + std::to_string(take.episode.states.cols()) +
                "; recorded with another version?");
  }
  return take;
}

/// Episode `number` of those that eval runs.
Take take_policy(const PlayArguments& arguments, Actor& actor, Environment& environment, int number) {
  const std::uint64_t seed =
      episode_seed(SeedUse::kEvaluation, arguments.seed, static_cast<std::uint64_t>(number));
  Take take;
  take.name = "episode " + std::to_string(number);
  take.actor = arguments.source;
  take.episode = rollout(environment, actor, seed, {.keep_states = true});
  return take;
}

/// A name for a screenshot that does not exist yet.
std::string free_picture_name(const std::string& task) {
  for (int number = 1;; ++number) {
    const std::string name = task + "_" + std::to_string(number) + ".png";
    if (!std::filesystem::exists(name)) return name;
  }
}

/// Where a replay in the window stands, as keys and time move it.
struct Playhead {
  double moment = 0;
  bool paused = false;

  /// Takes up one key; false: quit.
  bool obey(WindowKey key, int last, double rate) {
    const double jump = paused ? 1 : rate;  // one step, or a second
    if (key == WindowKey::kClose || key == WindowKey::kEscape) return false;
    if (key == WindowKey::kSpace) {
      if (!paused && moment >= last) {
        moment = 0;
      } else {
        paused = !paused;
      }
    }
    if (key == WindowKey::kLeft) moment = std::max(0.0, std::floor(moment) - jump);
    if (key == WindowKey::kRight) moment = std::min<double>(last, std::floor(moment) + jump);
    if (key == WindowKey::kHome) moment = 0;
    if (key == WindowKey::kEnd) moment = last;
    return true;
  }
};

/// What can be watched, one after the other.
struct Programme {
  int number = 0;  ///< of the episode to begin with
  int last = 0;    ///< the greatest number
  std::function<std::unique_ptr<Replay>(int number)> open;
};

void watch(const PlayArguments& arguments, Programme programme,
           const std::function<int(const Scene&)>& camera) {
  const Size size = parse_size(arguments.size);
  std::unique_ptr<Replay> replay;
  const auto open = [&](int number) {
    programme.number = number;
    replay.reset();  // before another is put on the same stage
    replay = programme.open(number);
    replay->hud().controls = {{"Space", "pause / go on"},
                              {"\u2190 \u2192", "one second; paused: one step"},
                              {"Home End", "begin, end"},
                              {"N P", "next, previous episode"},
                              {"C", "next camera"},
                              {"F12", "save a picture"},
                              {"Esc", "quit"}};
  };
  open(programme.number);
  Window window({.title = "Understudy: " + replay->hud().task + ", " + arguments.source,
                 .width = size.width,
                 .height = size.height,
                 .remedy = "draw to a file with --out FILE.mp4"});
  window.set_camera(camera(replay->scene()));
  handle_interrupts();
  using Clock = std::chrono::steady_clock;
  Playhead head;
  std::string note;
  auto before = Clock::now();
  while (!interrupted()) {
    const auto now = Clock::now();
    if (!head.paused) {
      const double passed = std::chrono::duration<double>(now - before).count();
      head.moment = std::min<double>(replay->last(), head.moment + passed * replay->rate() * arguments.speed);
    }
    before = now;
    for (WindowKey key = window.poll_key(); key != WindowKey::kNone; key = window.poll_key()) {
      if (key == WindowKey::kCamera) window.next_camera();
      if (key == WindowKey::kScreenshot) {
        note = free_picture_name(replay->hud().task);
        window.request_screenshot(note);
      }
      const int step = key == WindowKey::kNext ? 1 : key == WindowKey::kPrevious ? -1 : 0;
      const int other = std::clamp(programme.number + step, 0, programme.last);
      if (other != programme.number) {
        open(other);
        head = {};
        before = Clock::now();
      }
      if (!head.obey(key, replay->last(), replay->rate())) return;
    }
    replay->show(static_cast<int>(head.moment));
    if (head.paused) replay->hud().phase = "paused";
    if (const auto failure = window.screenshot_result()) {
      std::printf("%s\n", failure->empty() ? ("saved " + note).c_str() : failure->c_str());
    }
    window.submit(replay->scene(), replay->hud());
    std::this_thread::sleep_until(now + std::chrono::duration<double>(1.0 / 60));
  }
}

void play(const PlayArguments& arguments) {
  const bool dataset = is_dataset(arguments.source);
  if (arguments.verify && !dataset)
    throw UsageError("--verify is for datasets; " + arguments.source + " is a policy");
  if (arguments.verify && !arguments.out.empty()) throw UsageError("--verify draws nothing: leave out --out");
  std::optional<DemonstrationReader> reader;
  if (dataset) reader.emplace(arguments.source);
  std::string id = arguments.environment;
  if (id.empty()) {
    id = dataset ? reader->header().environment_id
                 : chosen_environment({arguments.source}, arguments.environment);
  }
  if (dataset && !arguments.randomise.empty()) {
    throw UsageError("--randomise is for policies: a dataset says itself what its episodes were varied by");
  }
  if (const auto robot = dataset ? robot_file(id) : std::nullopt) {
    const std::string difference = robot_difference(reader->header(), *robot);
    if (!difference.empty()) throw Error(difference);
  }
  warn_about_robot(id);
  const auto environment = make_environment(id);
  if (arguments.verify) {
    verify_replay(*reader, arguments.source, *environment,
                  arguments.episode_given ? std::optional<int>(arguments.episode) : std::nullopt);
    return;
  }
  // Acted in a world of its own: a replay varies that on the stage as its episode was.
  const auto world = dataset ? nullptr : make_environment(id, load_randomisation(arguments.randomise, id));
  const std::unique_ptr<Actor> actor = dataset ? nullptr : actor_factory(arguments.source, id)();
  const Programme programme{.number = arguments.episode,
                            .last = dataset ? reader->size() - 1 : kMostEpisodes,
                            .open = [&](int number) {
                              return std::make_unique<Replay>(
                                  *environment,
                                  dataset ? take_demonstration(arguments, *reader, *environment, number)
                                          : take_policy(arguments, *actor, *world, number),
                                  arguments.source);
                            }};
  const auto camera = [&](const Scene& scene) {
    return arguments.camera.empty() ? 0 : find_camera(scene, arguments.camera);
  };
  if (arguments.out.empty()) {
    watch(arguments, programme, camera);
    return;
  }
  const Size size = parse_size(arguments.size);
  const auto replay = programme.open(arguments.episode);
  handle_interrupts();
  draw(*replay, {.out = arguments.out,
                 .width = size.width,
                 .height = size.height,
                 .camera = camera(replay->scene()),
                 .speed = arguments.speed,
                 .force = arguments.force,
                 .hud = !arguments.no_hud});
  std::printf("%s: %d pictures of %s in %s\n", arguments.out.c_str(), replay->last() + 1,
              replay->take().name.c_str(), id.c_str());
}

}  // namespace

void add_play(CLI::App& program) {
  const auto arguments = std::make_shared<PlayArguments>();
  CLI::App* command = program.add_subcommand("play", "Replay a demonstration or a policy; check recordings");
  command
      ->add_option("source", arguments->source,
                   "Dataset (.h5), policy (.pt) or run directory; 'expert' and 'random' are the task's own")
      ->required();
  command->add_option("--env", arguments->environment, "Task; default: the one the file names");
  CLI::Option* const episode = command
                                   ->add_option("--episode", arguments->episode,
                                                "Which demonstration, or which episode of eval --seed")
                                   ->check(CLI::Range(0, kMostEpisodes))
                                   ->capture_default_str();
  CLI::Option* const seed = command
                                ->add_option("--seed", arguments->seed,
                                             "For policies: as given to eval, which runs the same episodes")
                                ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{9999}))
                                ->capture_default_str();
  add_randomise_option(*command, arguments->randomise);
  add_world_option(*command);
  command->add_option("--camera", arguments->camera, "Camera to begin with; default: the task's first");
  command->add_option("--speed", arguments->speed, "1: real time")
      ->check(CLI::Range(0.01, 100.0))
      ->capture_default_str();
  command->add_option("--out", arguments->out,
                      "Draw without a window: a video (.mp4, .mkv, .webm, ...) or a folder for PNG files");
  command->add_option("--size", arguments->size, "Width x height, pixels")->capture_default_str();
  command->add_flag("--no-hud", arguments->no_hud, "With --out: only the scene");
  command->add_flag("--verify", arguments->verify,
                    "Draw nothing: simulate the recorded actions again and compare every state; all episodes "
                    "unless --episode is given");
  command->add_flag("--force", arguments->force, "Replace what --out names");
  command->callback([arguments, episode, seed] {
    arguments->episode_given = episode->count() > 0;
    arguments->seed_given = seed->count() > 0;
    play(*arguments);
  });
}

}  // namespace understudy::tools
