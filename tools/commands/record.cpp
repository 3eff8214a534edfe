// `understudy record`: teleoperate a task and record it.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "capture/devices/gamepad.h"
#include "capture/devices/keyboard.h"
#include "capture/devices/scripted.h"
#include "capture/devices/synthetic.h"
#include "capture/input/binding_file.h"
#include "capture/recording/recorder.h"
#include "capture/recording/rewindable_environment.h"
#include "capture/view/operator_screen.h"
#include "datasets/types/error.h"
#include "datasets/types/shell_quoted.h"
#include "datasets/types/version.h"
#include "envs/contract/time_limit.h"
#include "envs/contract/watching_actor.h"
#include "envs/rollouts/evaluation.h"
#include "envs/tasks/registry.h"
#include "tools/commands/command.h"
#include "tools/commands/earlier_episodes.h"
#include "tools/commands/wheel.h"
#include "tools/console/actor_choice.h"
#include "tools/console/console.h"
#include "tools/console/randomise_option.h"
#include "tools/console/robot_warnings.h"
#include "tools/console/task_header.h"
#include "tools/console/world_option.h"
#include "tools/media/image_rendering.h"

namespace understudy::tools {
namespace {

struct RecordArguments {
  std::string environment;
  std::string out;
  std::string device = "gamepad";
  std::string layout;
  std::string binding;
  std::string randomise;
  std::string policy;
  int episodes = 50;
  std::uint64_t seed = 1;
  std::optional<double> rate{};  ///< the task's own if not given
  double episode_seconds = 60;
  int give_up = 30;
  std::string operator_name;  ///< of the synthetic operator: its number
  std::string note;
  int retrain_every = 0;
  std::string retrain_with = "--epochs 10 --eval-episodes 5 --final-episodes 5 --candidates 1";
  bool check_replays = false;
  std::optional<int> operators{};
  bool headless = false;
  std::optional<std::string> window{};  ///< size, may be empty; none: not asked for
  double scale = 0;
  bool realtime = false;
  bool keep_failures = false;
  bool force = false;
  std::vector<std::string> cameras;
  std::string size = "84x84";
  bool depth = false;
  bool segmentation = false;
};

constexpr double kLeastRate = 0.1;    // Hz
constexpr double kMostRate = 10'000;  // Hz

const std::vector<std::string> kDevices{"gamepad", "keyboard", "synthetic", "scripted"};

bool is_person(const std::string& device) {
  return device == "gamepad" || device == "keyboard";
}

/// Who drives, when that is one of the numbered operators. Throws UsageError for numbers that there are not.
std::optional<OperatorTurns> operator_turns(const RecordArguments& arguments) {
  const bool named = !arguments.operator_name.empty();
  if (arguments.operators && named)
    throw UsageError("--operator and --operators: want one of them, found both");
  if (arguments.operators ? arguments.device != "synthetic" : arguments.device == "scripted" && named) {
    throw UsageError((arguments.operators ? "--operators" : "--operator") + std::string(" with --device ") +
                     arguments.device + ": want --device synthetic");
  }
  if (arguments.device != "synthetic" || (!arguments.operators && !named)) return std::nullopt;
  const std::string found =
      arguments.operators ? std::to_string(*arguments.operators) : arguments.operator_name;
  int number = 0;
  const auto [end, error] = std::from_chars(found.data(), found.data() + found.size(), number);
  if (error != std::errc() || end != found.data() + found.size() || number < 1 || number > kMostOperators) {
    throw UsageError((arguments.operators ? "--operators" : "--operator") +
                     std::string(": want a number from 1 to ") + std::to_string(kMostOperators) + ", found " +
                     found + "; leave it out for the default operator");
  }
  if (arguments.operators) return OperatorTurns{.first = 1, .count = number};
  return OperatorTurns{.first = number, .count = 1};
}

void check(const RecordArguments& arguments) {
  operator_turns(arguments);
  if (arguments.rate && !(*arguments.rate >= kLeastRate && *arguments.rate <= kMostRate)) {
    char found[32];
    std::snprintf(found, sizeof found, "%g", *arguments.rate);
    throw UsageError(std::string("--rate: want a number of Hz from 0.1 to 10000, found ") + found);
  }
  if (!(arguments.episode_seconds > 0) || !std::isfinite(arguments.episode_seconds))
    throw UsageError("--episode-seconds: want a number above 0, found another");
  if (std::find(kDevices.begin(), kDevices.end(), arguments.device) == kDevices.end()) {
    throw UsageError(unknown_name("device", arguments.device, kDevices));
  }
  if (arguments.device == "keyboard" && arguments.headless) {
    throw UsageError(
        "--device keyboard needs its window, where the key presses come from: leave out --headless");
  }
  if (arguments.scale != 0 && !(arguments.scale >= 0.5 && arguments.scale <= 4)) {
    throw UsageError("--scale: want a number from 0.5 to 4, found " + std::to_string(arguments.scale));
  }
  if (arguments.window && !is_person(arguments.device) && !arguments.realtime) {
    throw UsageError("--window with --device " + arguments.device +
                     " needs --realtime: faster than real time "
                     "there is nothing to see");
  }
  if (arguments.retrain_every < 0) {
    throw UsageError("--retrain-every: want a number of episodes, or 0 for never, found " +
                     std::to_string(arguments.retrain_every));
  }
  if (arguments.retrain_every > 0 && (arguments.policy.empty() || arguments.policy == "expert" ||
                                      arguments.policy == "random" || arguments.device == "scripted")) {
    throw UsageError("--retrain-every: want --policy FILE, which is trained on, and a device to correct it");
  }
  if (arguments.give_up < 0) {
    throw UsageError("--give-up: want a number of attempts, or 0 for never, found " +
                     std::to_string(arguments.give_up));
  }
  if (arguments.keep_failures && is_person(arguments.device)) {
    throw UsageError("--keep-failures is for synthetic and scripted operators: a person chooses by button");
  }
}

/// The binding tables of a task, so that help never differs from what the program does.
std::string controls_text(const RecordArguments& arguments) {
  if (arguments.environment.empty())
    return "With --env TASK this help also says what each button and key does there.\n";
  const EnvironmentSpec spec = make_environment(arguments.environment)->spec();
  if (spec.action.size() > static_cast<int>(kAnalogControls))
    return spec.id + " moves more than a pad can.\n";
  const Binding binding =
      make_binding(arguments.layout.empty() ? spec.layout : arguments.layout, spec.action);
  std::string text;
  for (const bool pad : {true, false}) {
    text += pad ? spec.id + ", gamepad:\n" : "\n" + spec.id + ", keyboard:\n";
    for (const auto& [control, meaning] : pad ? pad_help(binding) : keyboard_help(binding)) {
      char line[120];
      std::snprintf(line, sizeof line, "  %-30s %s\n", control.c_str(), meaning.c_str());
      text += line;
    }
  }
  return text + "\nTo edit them: understudy devices binding --env " + spec.id +
         " > FILE, then --binding FILE\n";
}

std::unique_ptr<Device> make_device(const RecordArguments& arguments, InputEvents& events,
                                    const Binding& binding, Environment& environment, double rate) {
  const EnvironmentSpec& spec = environment.spec();
  if (arguments.device == "gamepad") return std::make_unique<Gamepad>(events, binding);
  if (arguments.device == "keyboard") return std::make_unique<Keyboard>(events, binding);
  if (arguments.device == "scripted") {
    auto actor = arguments.policy.empty() ? make_expert(spec.id) : actor_factory(arguments.policy, spec.id)();
    watch(*actor, environment);
    const auto verdict = !spec.has_success()       ? ScriptedVerdict::kAcceptAll
                         : arguments.keep_failures ? ScriptedVerdict::kKeepFailures
                                                   : ScriptedVerdict::kSuccessOnly;
    return std::make_unique<ScriptedDevice>(std::move(actor), verdict);
  }
  SyntheticConfig config;
  config.keep_failures = arguments.keep_failures;
  if (const auto turns = operator_turns(arguments)) {
    const auto expert = [id = spec.id](const ExpertStyle& style) { return make_expert(id, style); };
    return std::make_unique<SyntheticOperator>(events, binding, spec, expert, *turns, rate, config);
  }
  return std::make_unique<SyntheticOperator>(events, binding, spec, make_expert(spec.id, operator_style()),
                                             rate, config);
}

WindowOptions window_options(const RecordArguments& arguments, const std::string& id) {
  WindowOptions options;
  options.title = "Understudy: " + id;
  options.scale = static_cast<float>(arguments.scale);
  options.aids = true;
  if (!arguments.window.value_or("").empty()) {
    try {
      parse_picture_size(*arguments.window, options.width, options.height);
    } catch (const UsageError& error) {
      throw UsageError(std::string("--window: ") + error.what());
    }
  }
  if (arguments.device == "keyboard")
    options.remedy = "log in to a desktop, or use --device gamepad --headless";
  if (!is_person(arguments.device)) options.remedy = "leave out --window";
  return options;
}

std::string count(int number, const std::string& noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

std::string unfinished_text(const RecordingSummary& summary, const std::string& out) {
  if (summary.unfinished_steps == 0) return "";
  return "the unfinished episode (" + count(summary.unfinished_steps, "step") +
         ") is kept: `understudy data recover " + shell_quoted(out) + "` adds it, marked as cut off";
}

void print_summary(const RecordArguments& arguments, const RecordingSummary& summary,
                   const DemonstrationWriter& writer, const Device& device, const Clock& clock, double rate,
                   bool judged) {
  std::printf("recorded    %s with %s\n", arguments.environment.c_str(), device.description().c_str());
  std::printf("saved       %s; verdicts: %d success, %d failure, %d discarded, %d taken back\n",
              count(summary.saved, "episode").c_str(), summary.successes, summary.failures, summary.discards,
              summary.undone);
  if (summary.finished > 0 && judged) {
    const Interval interval = wilson_interval(summary.achieved, summary.finished);
    std::printf("operator    reached the goal in %d of %d attempts: %.1f %% (95 %% interval %.1f to %.1f)\n",
                summary.achieved, summary.finished, 100.0 * summary.achieved / summary.finished,
                100 * interval.low, 100 * interval.high);
  }
  std::printf("rate        %.2f Hz of %g (%s clock), %s in %lld steps\n", summary.rate, rate,
              clock.real() ? "real" : "simulated", count(summary.overruns, "overrun").c_str(),
              static_cast<long long>(summary.steps));
  std::printf("dataset     %s: %s, %d of them demonstrations\n", arguments.out.c_str(),
              count(writer.episodes(), "episode").c_str(), writer.successes());
  if (summary.replayed > 0) {
    std::printf("replays     %d of %s came out the same when simulated again\n", summary.replays_the_same,
                count(summary.replayed, "episode").c_str());
  }
  const std::string unfinished = unfinished_text(summary, arguments.out);
  if (!unfinished.empty()) std::printf("unfinished  %s\n", unfinished.c_str());
  if (writer.successes() > 0) {
    std::printf("next        understudy train bc --env %s --data %s --out %s\n",
                shell_quoted(arguments.environment).c_str(), shell_quoted(arguments.out).c_str(),
                shell_quoted("runs/" + arguments.environment + "-bc").c_str());
  }
}

/// The task, with time enough for a person.
std::unique_ptr<Environment> make_task(const RecordArguments& arguments) {
  auto environment =
      make_environment(arguments.environment, load_randomisation(arguments.randomise, arguments.environment));
  auto* limited = dynamic_cast<TimeLimit*>(environment.get());
  if (limited != nullptr && is_person(arguments.device)) limited->lift();
  return environment;
}

/// The policy that the operator corrects, if there is one.
std::unique_ptr<Wheel> make_wheel(const RecordArguments& arguments, Environment& task) {
  if (arguments.policy.empty() || arguments.device == "scripted") return nullptr;
  return std::make_unique<Wheel>(WheelOptions{.environment = arguments.environment,
                                              .policy = arguments.policy,
                                              .data = arguments.out,
                                              .training = arguments.retrain_with},
                                 task);
}

RecorderOptions recorder_options(const RecordArguments& arguments, const EnvironmentSpec& spec, double rate) {
  RecorderOptions options;
  options.episodes = arguments.episodes;
  options.seed = arguments.seed;
  options.first_index = next_episode_index(arguments.out, arguments.seed);
  options.rate = rate;
  options.episode_seconds = arguments.episode_seconds;
  // What failed for a program fails again.
  options.same_start = is_person(arguments.device);
  if (is_person(arguments.device)) options.operator_name = arguments.operator_name;
  options.note = arguments.note;
  options.session = next_session(arguments.out);
  options.pack_every = arguments.retrain_every;
  // A person knows when to stop; failures that are kept count, and tasks without a criterion know none.
  if (!is_person(arguments.device) && !arguments.keep_failures && spec.has_success())
    options.give_up = arguments.give_up;
  return options;
}

void record(const RecordArguments& arguments) {
  check(arguments);
  warn_about_robot(arguments.environment);
  RewindableEnvironment task([&arguments] { return make_task(arguments); });
  RewindableEnvironment* const environment = &task;
  const EnvironmentSpec& spec = environment->spec();
  const double rate = arguments.rate.value_or(spec.control_rate);
  const std::string layout = arguments.layout.empty() ? spec.layout : arguments.layout;
  Binding binding;  // a scripted expert needs none
  if (!arguments.binding.empty()) {
    binding = load_binding(arguments.binding, spec.action, layout);
  } else if (arguments.device != "scripted") {
    binding = make_binding(layout, spec.action);
  }

  if (is_person(arguments.device)) {
    const std::string place = arguments.binding.empty() ? "layout " + layout : arguments.binding;
    const bool keyboard = arguments.device == "keyboard";
    want_usable(binding, keyboard, place);
    for (const std::string& line : unmoved_entries(binding, keyboard, place))
      std::fprintf(stderr, "%s\n", line.c_str());
  }

  // Whatever may be missing is found missing before anything is made.
  const CameraRigOptions rig =
      rig_options(arguments.cameras, arguments.size, arguments.depth, arguments.segmentation);
  if (!rig.cameras.empty()) check_cameras(spec.id, rig);
  InputEvents events;
  std::unique_ptr<Device> device = make_device(arguments, events, binding, *environment, rate);
  Device* const hand = device.get();  // a policy at the wheel does not go round it
  const std::unique_ptr<Wheel> wheel = make_wheel(arguments, task);
  if (wheel) device = wheel->make_device(std::move(device));
  if (operator_turns(arguments)) {
    const std::string ways = expert_ways(spec.id);
    std::printf("operators   %s\n", ways.empty()
                                        ? (spec.id + " has one way: they differ by hand and pace").c_str()
                                        : ("each has a way: " + ways).c_str());
  }
  std::unique_ptr<OperatorScreen> screen;
  if (arguments.window || (is_person(arguments.device) && !arguments.headless)) {
    screen = std::make_unique<OperatorScreen>(window_options(arguments, spec.id), spec.action);
    if (is_person(arguments.device)) {
      screen->follow_view();
      hand->turn_actions([&screen](VectorRef action) { screen->turn(action); });
    }
  }
  std::unique_ptr<Clock> clock;
  if (is_person(arguments.device) || arguments.realtime) {
    clock = std::make_unique<RealClock>();
  } else {
    clock = std::make_unique<SimulatedClock>();
  }
  DatasetHeader header = task_header(*environment);
  header.device = device->kind();
  header.binding = device->kind() == "scripted" ? "" : to_text(binding);
  header.program_version = program_version();
  DemonstrationWriter writer(arguments.out, header, {.force = arguments.force});
  for (const std::string& note : writer.recovered().notes) std::printf("recovered   %s\n", note.c_str());

  const RecorderOptions options = recorder_options(arguments, spec, rate);
  std::optional<ReplayGate> gate;
  if (clock->real() || arguments.check_replays) gate.emplace([&arguments] { return make_task(arguments); });
  handle_interrupts();
  RecordingSummary summary;
  {
    Progress progress("record " + spec.id, arguments.episodes, "episodes");
    std::optional<EarlierEpisodes> earlier;
    RecorderHooks hooks;
    hooks.interrupted = interrupted;
    hooks.episode_over = [&](const RecordingSummary& sofar) {
      if (earlier) screen->show_coverage(earlier->over(sofar));
      progress.update(sofar.saved, count(sofar.finished, "attempt"));
    };
    hooks.checkpoint = [&] { task.mark(); };
    if (gate) hooks.gate = &*gate;
    if (wheel) {
      hooks.before_episode = [&] { wheel->before_episode(); };
      hooks.packed = [&] { wheel->train(); };
    }
    if (screen) {
      earlier.emplace(arguments.out, *environment);
      screen->show_path(earlier->path());
      hooks.present = [&](const Scene& scene, const HudState& hud) { screen->show(scene, hud); };
      hooks.view = [&](Function function) { screen->call(function); };
      hooks.prepared = [&](const Vector& start) { screen->show_coverage(earlier->prepared(start)); };
    }
    summary = Recorder(*environment, *device, writer, *clock, options, hooks).run();
  }
  if (summary.interrupted) {
    const std::string unfinished = unfinished_text(summary, arguments.out);
    throw Interrupted("interrupted: " + count(summary.saved, "episode") + " of this session saved" +
                      (writer.episodes() > 0
                           ? ", " + arguments.out + " holds " + std::to_string(writer.episodes())
                           : std::string(", no file was made")) +
                      (unfinished.empty() ? "" : "; " + unfinished));
  }
  print_summary(arguments, summary, writer, *device, *clock, rate, spec.has_success());
  if (summary.gave_up) {
    throw Error(
        "record: want " + count(arguments.episodes, "successful episode") + ", found " +
        std::to_string(summary.saved) + " when " + count(arguments.give_up, "attempt") +
        " in a row had failed; keep failures with --keep-failures, go on longer with --give-up, or let "
        "another hand do it (--device gamepad, --device scripted)");
  }
  // Not while it is recorded: drawing would compete with the control loop, and the states
  // hold all there is to see.
  if (!rig.cameras.empty() && writer.episodes() > 0) {
    render_images(arguments.out, images_file(arguments.out), rig, arguments.force);
  }
}

}  // namespace

void add_record(CLI::App& program) {
  auto arguments = std::make_shared<RecordArguments>();
  CLI::App* command = program.add_subcommand("record", "teleoperate a task and record demonstrations");
  command->add_option("--env", arguments->environment, "task (see: understudy envs)")->required();
  command->add_option("--out", arguments->out, "dataset to make, or to add to")->required();
  command->add_option("--device", arguments->device, "who moves the controls")
      ->type_name("gamepad|keyboard|synthetic|scripted")
      ->capture_default_str();
  command->add_option(
      "--policy", arguments->policy,
      "this policy file or run directory, or 'random', drives; you take over while you hold the "
      "button for it. With --device scripted: in the expert's place");
  command
      ->add_option(
          "--retrain-every", arguments->retrain_every,
          "with --policy: train it on what is recorded after every so many saved episodes, beside the "
          "session, and go on with what comes of it; 0: never")
      ->capture_default_str();
  command->add_option("--retrain-with", arguments->retrain_with, "options for that `train bc`")
      ->capture_default_str();
  command->add_option("--episodes", arguments->episodes, "episodes to save; 0: until you stop")
      ->capture_default_str();
  command
      ->add_option("--seed", arguments->seed, "which episodes; a later session goes on where this one ends")
      ->capture_default_str();
  command->add_option("--layout", arguments->layout, "which control does what [the task's own]")
      ->type_name("default|joint|drive");
  command->add_option("--binding", arguments->binding, "file with a binding table of your own");
  add_randomise_option(*command, arguments->randomise);
  add_world_option(*command);
  command->add_option("--rate", arguments->rate, "Hz; other than the task's own: slow or fast motion");
  command
      ->add_option("--episode-seconds", arguments->episode_seconds,
                   "longest episode, s of the task's time; programs also stop at the task's own horizon")
      ->capture_default_str();
  auto* headless = command->add_flag("--headless", arguments->headless, "no window");
  command
      ->add_option("--window", arguments->window,
                   "size of the window, e.g. 1600x900 [two thirds of the display]; without a size: watch a "
                   "synthetic or scripted session")
      ->expected(0, 1)
      ->excludes(headless);
  command->add_option("--scale", arguments->scale,
                      "of letters and panels, 1: made for 1280x720; 0: as the window's size suggests");
  command->add_flag("--realtime", arguments->realtime, "synthetic and scripted sessions in real time");
  command
      ->add_option("--give-up", arguments->give_up,
                   "failed attempts in a row after which a synthetic or scripted session ends; 0: never")
      ->capture_default_str();
  command->add_option(
      "--operator", arguments->operator_name,
      "who drives: a person's name, kept with each episode; with --device synthetic a number, each "
      "with a way and a hand of its own");
  command->add_option("--note", arguments->note, "kept with each episode");
  command->add_option("--operators", arguments->operators,
                      "with --device synthetic: operators 1 to this number take turns, one episode each");
  command->add_flag("--keep-failures", arguments->keep_failures,
                    "synthetic and scripted operators save failed episodes as failures");
  command->add_flag("--check-replays", arguments->check_replays,
                    "simulate every saved episode again, beside the session: always done in real time");
  command->add_flag("--force", arguments->force, "set a file aside that cannot be added to");
  command
      ->add_option(
          "--camera", arguments->cameras,
          "afterwards, render what this camera (NAME or NAME:WIDTHxHEIGHT; may be repeated) saw into "
          "OUT_images.h5, as `understudy data images` does")
      ->allow_extra_args(false);
  command->add_option("--size", arguments->size, "of cameras without a size of their own")
      ->capture_default_str();
  command->add_flag("--depth", arguments->depth, "with --camera: depth as well");
  command->add_flag("--segmentation", arguments->segmentation, "with --camera: segmentation as well");
  command->footer([arguments] { return controls_text(*arguments); });
  command->callback([arguments] { record(*arguments); });
}

}  // namespace understudy::tools
