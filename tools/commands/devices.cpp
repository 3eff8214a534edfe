// `understudy devices`: which controllers there are, what they report, and how noisy they are at rest.

#include <unistd.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "capture/devices/gamepad.h"
#include "capture/input/binding_file.h"
#include "capture/input/calibration.h"
#include "capture/recording/control_loop.h"
#include "datasets/types/error.h"
#include "datasets/types/shell_quoted.h"
#include "envs/tasks/registry.h"
#include "tools/commands/command.h"
#include "tools/console/console.h"

namespace understudy::tools {
namespace {

constexpr double kReadRate = 200;  ///< Hz at which calibration reads the pad
constexpr double kShowRate = 30;   ///< Hz at which test shows it

struct DevicesArguments {
  std::string environment;
  std::string layout;
  std::string out;
  double seconds = 0;
  bool force = false;
};

/// The task that was asked for, or the first that a pad can drive.
EnvironmentSpec chosen_task(const DevicesArguments& arguments) {
  if (!arguments.environment.empty()) return make_environment(arguments.environment)->spec();
  for (const std::string& id : environment_ids()) {
    EnvironmentSpec spec = make_environment(id)->spec();
    if (spec.action.size() <= static_cast<int>(kAnalogControls)) return spec;
  }
  throw Error("no task that a pad can drive: name one with --env");
}

Binding chosen_binding(const DevicesArguments& arguments) {
  const EnvironmentSpec spec = chosen_task(arguments);
  return make_binding(arguments.layout.empty() ? spec.layout : arguments.layout, spec.action);
}

void list() {
  InputEvents events;
  const std::vector<ControllerInfo> controllers = list_controllers(events);
  if (controllers.empty()) {
    throw Error(
        "no gamepad or joystick found: plug one in; if it stays unseen, check that you may read "
        "/dev/input/event* (group input)");
  }
  for (const ControllerInfo& controller : controllers) {
    std::printf("%s\n  guid     %s\n  mapping  %s\n", controller.name.c_str(), controller.guid.c_str(),
                controller.game_controller ? controller.mapping.c_str()
                                           : "none known: set SDL_GAMECONTROLLERCONFIG to use it");
  }
}

/// Polls the pad outside a session.
void poll(Gamepad& pad, double time) {
  static const Vector nothing;
  pad.poll({SessionState::kReady, time, &nothing, false});
}

void show(const Gamepad& pad, const std::string& called) {
  const PadPosition& at = pad.position();
  std::printf("left %+.3f %+.3f  right %+.3f %+.3f  triggers %.3f %.3f  buttons", at[PadAxis::kLeftX],
              at[PadAxis::kLeftY], at[PadAxis::kRightX], at[PadAxis::kRightY], at[PadAxis::kLeftTrigger],
              at[PadAxis::kRightTrigger]);
  for (std::size_t i = 0; i < kPadButtons; ++i) {
    if (at.buttons[i]) std::printf(" %s", name_of(static_cast<PadButton>(i)));
  }
  if (!called.empty()) std::printf("  ->%s", called.c_str());
}

void test(const DevicesArguments& arguments) {
  InputEvents events;
  want_gamepad(events);
  Gamepad pad(events, chosen_binding(arguments));
  std::printf("%s; Ctrl-C ends\n", pad.description().c_str());
  handle_interrupts();
  RealClock clock;
  ControlLoop loop(clock, kShowRate);
  const bool terminal = isatty(STDOUT_FILENO) != 0;
  PadPosition shown;
  while (!interrupted()) {
    const Tick tick = loop.wait();
    if (arguments.seconds > 0 && tick.deadline > arguments.seconds) break;
    poll(pad, tick.start);
    if (!pad.connected()) throw Error("the controller was unplugged");
    std::string called;
    for (const Function function : pad.take_functions()) called += std::string(" ") + name_of(function);
    const bool changed = tick.index == 0 || !called.empty() || pad.position().axes != shown.axes ||
                         pad.position().buttons != shown.buttons;
    if (!changed) continue;
    shown = pad.position();
    if (terminal) std::printf("\r\033[K");
    show(pad, called);
    if (!terminal || !called.empty()) std::printf("\n");
    std::fflush(stdout);
  }
  if (terminal) std::printf("\n");
}

void calibrate_pad(const DevicesArguments& arguments) {
  InputEvents events;
  want_gamepad(events);
  Binding binding = chosen_binding(arguments);
  Gamepad pad(events, binding);
  std::printf("%s: put it down and do not touch it for %g s\n", pad.description().c_str(), arguments.seconds);
  std::fflush(stdout);
  handle_interrupts();
  RealClock clock;
  ControlLoop loop(clock, kReadRate);
  std::vector<PadPosition> readings;
  for (Tick tick = loop.wait(); tick.deadline < arguments.seconds; tick = loop.wait()) {
    if (interrupted()) throw Interrupted("interrupted: nothing was written");
    poll(pad, tick.start);
    if (!pad.connected()) throw Error("the controller was unplugged while calibrating; nothing was written");
    readings.push_back(pad.position());
  }
  const Calibration calibration = calibrate(readings);
  const auto print = [](const char* name, const RestNoise& noise) {
    std::printf("%-12s mean %.4f  sigma %.4f  dead zone %.4f\n", name, noise.mean, noise.deviation,
                noise.dead_zone());
  };
  print("left stick", calibration.left_stick);
  print("right stick", calibration.right_stick);
  print("triggers", calibration.triggers);
  binding.response = with_dead_zones(binding.response, calibration);
  if (arguments.out.empty()) {
    std::printf(
        "to use it: understudy devices calibrate --out FILE, then understudy record --binding FILE\n");
    return;
  }
  save_binding(arguments.out, binding, arguments.force);
  std::printf("wrote %s; use it with: understudy record --binding %s\n", arguments.out.c_str(),
              shell_quoted(arguments.out).c_str());
}

void add_binding_options(CLI::App* command, const std::shared_ptr<DevicesArguments>& arguments) {
  command->add_option("--env", arguments->environment,
                      "task whose controls are meant [the first that a pad can drive]");
  command->add_option("--layout", arguments->layout, "default, joint or drive [the task's own]");
}

}  // namespace

void add_devices(CLI::App& program) {
  CLI::App* command = program.add_subcommand("devices", "list, test and calibrate controllers");
  command->require_subcommand(0, 1);
  command->callback([command] {
    if (command->get_subcommands().empty()) list();
  });
  command->add_subcommand("list", "name, GUID and mapping of every controller")->callback(list);

  auto testing = std::make_shared<DevicesArguments>();
  CLI::App* test_command = command->add_subcommand("test", "show what a pad reports, live");
  add_binding_options(test_command, testing);
  test_command->add_option("--seconds", testing->seconds, "s to run; 0: until Ctrl-C")->capture_default_str();
  test_command->callback([testing] { test(*testing); });

  auto calibrating = std::make_shared<DevicesArguments>();
  calibrating->seconds = 4;
  CLI::App* calibrate_command =
      command->add_subcommand("calibrate", "measure noise at rest and propose dead zones");
  add_binding_options(calibrate_command, calibrating);
  calibrate_command->add_option("--seconds", calibrating->seconds, "s to measure")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 600.0));
  calibrate_command->add_option("--out", calibrating->out, "binding file to write");
  calibrate_command->add_flag("--force", calibrating->force, "overwrite it");
  calibrate_command->callback([calibrating] { calibrate_pad(*calibrating); });

  auto binding = std::make_shared<DevicesArguments>();
  CLI::App* binding_command =
      command->add_subcommand("binding", "print a task's binding table, to be edited");
  add_binding_options(binding_command, binding);
  binding_command->callback([binding] { std::fputs(to_text(chosen_binding(*binding)).c_str(), stdout); });
}

}  // namespace understudy::tools
