// `understudy play`: look at a demonstration or a policy, in the window or as a video; or check that recorded
// actions lead to the recorded states.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "capture/input/bindings.h"
#include "capture/view/hud.h"
#include "capture/view/window.h"
#include "datasets/format/demonstration_reader.h"
#include "datasets/format/robot_record.h"
#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"
#include "envs/contract/episode_seeds.h"
#include "envs/rendering/camera.h"
#include "envs/rendering/offscreen.h"
#include "envs/rollouts/rollout.h"
#include "envs/tasks/registry.h"
#include "tools/commands/command.h"
#include "tools/console/actor_choice.h"
#include "tools/console/console.h"
#include "tools/console/randomise_option.h"
#include "tools/console/robot_warnings.h"
#include "tools/media/replay_check.h"
#include "tools/media/video.h"

namespace understudy::tools {
namespace {

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

/// One episode to look at.
struct Take {
  std::string name;   ///< e.g. "demo_3"
  std::string actor;  ///< who acted
  Episode episode;
};

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

Take take_demonstration(const PlayArguments& arguments, const DemonstrationReader& reader,
                        const Environment& environment) {
  if (arguments.seed_given) throw UsageError("--seed is for policies; --episode N chooses a demonstration");
  if (arguments.episode >= reader.size()) {
    throw UsageError("--episode " + std::to_string(arguments.episode) + ": " + arguments.source +
                     " has episodes 0 to " + std::to_string(reader.size() - 1));
  }
  Take take;
  take.name = reader.name(arguments.episode);
  take.episode = reader.read(arguments.episode);
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

Take take_policy(const PlayArguments& arguments, Environment& environment) {
  const std::unique_ptr<Actor> actor = actor_factory(arguments.source, environment.spec().id)();
  const std::uint64_t seed =
      episode_seed(SeedUse::kEvaluation, arguments.seed, static_cast<std::uint64_t>(arguments.episode));
  Take take;
  take.name = "episode " + std::to_string(arguments.episode);
  take.actor = arguments.source;
  take.episode = rollout(environment, *actor, seed, {.keep_states = true});
  return take;
}

/// A take on the stage: any of its moments can be shown.
class Replay {
 public:
  Replay(Environment& environment, Take take, const std::string& place)
      : environment_(environment), take_(std::move(take)) {
    vary_as_recorded(environment, take_.episode, place);
    Vector observation(environment.spec().observation.size());
    environment.reset(take_.episode.seed, observation);
    hud_.task = environment.spec().id;
    hud_.device = take_.actor;
    hud_.action_names = entry_names(environment.spec().action);
    show(0);
  }

  /// Moments 0 to T.
  int last() const { return take_.episode.length(); }
  double rate() const { return environment_.spec().control_rate; }
  const Take& take() const { return take_; }

  void show(int moment) {
    const Episode& episode = take_.episode;
    environment_.show_state(episode.states.row(moment).transpose());
    hud_.phase = "replay";
    hud_.episode_seconds = moment / rate();
    hud_.action.clear();
    hud_.message.clear();
    if (moment < last()) {
      hud_.action.assign(episode.actions.row(moment).begin(), episode.actions.row(moment).end());
    } else {
      const bool judged = environment_.spec().has_success();
      hud_.message = take_.name + (!judged ? ": over" : episode.success ? ": success" : ": failure");
    }
  }
  const Scene& scene() { return environment_.scene(); }
  HudState& hud() { return hud_; }

 private:
  Environment& environment_;
  Take take_;
  HudState hud_;
};

/// Pictures into a file or a folder.
void draw(const PlayArguments& arguments, Replay& replay, int camera) {
  const Size size = parse_size(arguments.size);
  OffscreenRenderer renderer({.width = size.width, .height = size.height, .renderer = {}});
  const auto sink = make_frame_sink(arguments.out, {.width = size.width,
                                                    .height = size.height,
                                                    .rate = replay.rate() * arguments.speed,
                                                    .force = arguments.force});
  std::unique_ptr<Hud> hud;
  if (!arguments.no_hud) renderer.with_context([&] { hud = std::make_unique<Hud>(); });
  const auto overlay = [&] {
    replay.hud().figures = replay.scene().figures;
    if (hud) hud->draw(replay.hud(), size.width, size.height);
  };
  handle_interrupts();
  CameraMotion motion;
  {
    Progress progress("drawing " + replay.take().name, replay.last() + 1, "pictures");
    for (int moment = 0; moment <= replay.last(); ++moment) {
      if (interrupted()) {
        throw Interrupted("stopped after " + std::to_string(moment) + " of " +
                          std::to_string(replay.last() + 1) + " pictures; nothing was kept of " +
                          arguments.out);
      }
      replay.show(moment);
      sink->write(renderer.render(
          replay.scene(), resolve_camera(replay.scene(), camera, motion, 1 / replay.rate()), overlay));
      progress.update(moment + 1);
    }
  }
  sink->finish();
  renderer.with_context([&] { hud.reset(); });
  std::printf("%s: %d pictures of %s in %s\n", arguments.out.c_str(), replay.last() + 1,
              replay.take().name.c_str(), replay.hud().task.c_str());
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

void watch(const PlayArguments& arguments, Replay& replay, int camera) {
  const Size size = parse_size(arguments.size);
  Window window({.title = "Understudy: " + replay.hud().task + ", " + replay.take().name,
                 .width = size.width,
                 .height = size.height,
                 .remedy = "draw to a file with --out FILE.mp4"});
  window.set_camera(camera);
  replay.hud().controls = {{"Space", "pause / go on"}, {"\u2190 \u2192", "one second; paused: one step"},
                           {"Home End", "begin, end"}, {"C", "next camera"},
                           {"F12", "save a picture"},  {"Esc", "quit"}};
  handle_interrupts();
  using Clock = std::chrono::steady_clock;
  Playhead head;
  std::string note;
  auto before = Clock::now();
  while (!interrupted()) {
    const auto now = Clock::now();
    if (!head.paused) {
      const double passed = std::chrono::duration<double>(now - before).count();
      head.moment = std::min<double>(replay.last(), head.moment + passed * replay.rate() * arguments.speed);
    }
    before = now;
    for (WindowKey key = window.poll_key(); key != WindowKey::kNone; key = window.poll_key()) {
      if (key == WindowKey::kCamera) window.next_camera();
      if (key == WindowKey::kScreenshot) {
        note = free_picture_name(replay.hud().task);
        window.request_screenshot(note);
      }
      if (!head.obey(key, replay.last(), replay.rate())) return;
    }
    replay.show(static_cast<int>(head.moment));
    if (head.paused) replay.hud().phase = "paused";
    if (const auto failure = window.screenshot_result()) {
      std::printf("%s\n", failure->empty() ? ("saved " + note).c_str() : failure->c_str());
    }
    window.submit(replay.scene(), replay.hud());
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
  const auto environment = make_environment(id, load_randomisation(arguments.randomise, id));
  if (arguments.verify) {
    verify_replay(*reader, arguments.source, *environment,
                  arguments.episode_given ? std::optional<int>(arguments.episode) : std::nullopt);
    return;
  }
  Replay replay(
      *environment,
      dataset ? take_demonstration(arguments, *reader, *environment) : take_policy(arguments, *environment),
      arguments.source);
  const int camera = arguments.camera.empty() ? 0 : find_camera(replay.scene(), arguments.camera);
  if (arguments.out.empty()) {
    watch(arguments, replay, camera);
  } else {
    draw(arguments, replay, camera);
  }
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
                                   ->check(CLI::Range(0, 99999))
                                   ->capture_default_str();
  CLI::Option* const seed = command
                                ->add_option("--seed", arguments->seed,
                                             "For policies: as given to eval, which runs the same episodes")
                                ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{9999}))
                                ->capture_default_str();
  add_randomise_option(*command, arguments->randomise);
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
