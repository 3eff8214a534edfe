// `understudy doctor`: what this machine lacks for the main job, with the remedy for each.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "datasets/types/error.h"
#include "datasets/types/version.h"
#include "tools/commands/command.h"
#ifdef UNDERSTUDY_HAVE_TORCH
#include "bc/networks/blas.h"
#include "bc/networks/libtorch.h"
#include "bc/networks/libtorch_functions.h"
#include "tools/console/training_report.h"
#endif
#ifdef UNDERSTUDY_HAVE_SDL
#include "capture/input/input_events.h"
#include "envs/rendering/offscreen.h"
#endif

namespace understudy::tools {
namespace {

enum class Verdict { kGood, kNote, kBad };

struct Finding {
  Verdict verdict;
  std::string what;
  std::string detail;
  std::string remedy;  ///< empty when nothing needs doing
};

Finding check_threads() {
  const unsigned cores = std::thread::hardware_concurrency();
  return {Verdict::kGood, "cores", std::to_string(cores), ""};
}

Finding check_blas() {
#ifdef UNDERSTUDY_HAVE_TORCH
  try {
    return {blas_kernel_warning().empty() ? Verdict::kGood : Verdict::kBad, "BLAS", blas_description(),
            blas_kernel_warning()};
  } catch (const Error& error) {
    return {Verdict::kBad, "BLAS", error.what(), "apt-get install libopenblas0-pthread"};
  }
#else
  return {Verdict::kNote, "training", "this build has no LibTorch: no train, no policies",
          "build with -DUNDERSTUDY_TORCH=ON"};
#endif
}

#ifdef UNDERSTUDY_HAVE_TORCH
Finding check_libtorch() {
  try {
    std::string version;
    libtorch_function<decltype(understudy_libtorch_version)>("understudy_libtorch_version")(version);
    return {Verdict::kGood, "LibTorch", version, ""};
  } catch (const Error& error) {
    return {Verdict::kBad, "LibTorch", error.what(), "apt-get install libtorch-dev"};
  }
}
#endif

Finding check_disk() {
  std::error_code error;
  const auto space = std::filesystem::space(".", error);
  if (error) return {Verdict::kBad, "disk", "cannot be asked: " + error.message(), "work in another folder"};
  char free[48];
  std::snprintf(free, sizeof free, "%.1f GiB free here", static_cast<double>(space.available) / (1 << 30));
  const bool enough = space.available > (std::uintmax_t{1} << 30);
  return {enough ? Verdict::kGood : Verdict::kBad, "disk", free, enough ? "" : "free at least 1 GiB"};
}

#ifdef UNDERSTUDY_HAVE_SDL
Finding check_offscreen() {
  try {
    const OffscreenRenderer renderer({.width = 64, .height = 64});
    return {Verdict::kGood, "pictures", renderer.driver(), ""};
  } catch (const Error& error) {
    return {Verdict::kBad, "pictures", error.what(), "apt-get install libegl1 libgl1-mesa-dri"};
  }
}

Finding check_display() {
  const char* x11 = std::getenv("DISPLAY");
  const char* wayland = std::getenv("WAYLAND_DISPLAY");
  if (x11 != nullptr || wayland != nullptr) {
    return {Verdict::kGood, "display", wayland != nullptr ? wayland : x11, ""};
  }
  return {Verdict::kNote, "display", "none: no window for a person to drive by",
          "log in to a desktop, or run under Xvfb; --device synthetic needs no display"};
}

Finding check_pads() {
  const InputEvents events;
  const auto pads = list_controllers(events);
  if (pads.empty()) {
    return {Verdict::kNote, "gamepad", "none found", "connect one, or use --device keyboard"};
  }
  std::string names;
  for (const auto& pad : pads) names += (names.empty() ? "" : ", ") + pad.name;
  return {Verdict::kGood, "gamepad", names, ""};
}
#endif

int diagnose() {
  std::vector<Finding> findings = {check_threads(), check_blas(), check_disk()};
#ifdef UNDERSTUDY_HAVE_TORCH
  findings.push_back(check_libtorch());
#endif
#ifdef UNDERSTUDY_HAVE_SDL
  findings.push_back(check_offscreen());
  findings.push_back(check_display());
  findings.push_back(check_pads());
#else
  findings.push_back({Verdict::kNote, "capture", "this build has no SDL2: no record, no play",
                      "build with -DUNDERSTUDY_SDL=ON"});
#endif
  std::printf("understudy %s (%s)\n", program_version().c_str(), source_revision().c_str());
  int bad = 0;
  for (const Finding& finding : findings) {
    const char* mark = finding.verdict == Verdict::kGood   ? "ok  "
                       : finding.verdict == Verdict::kNote ? "note"
                                                           : "BAD ";
    std::printf("%s  %-9s %s\n", mark, finding.what.c_str(), finding.detail.c_str());
    if (!finding.remedy.empty()) std::printf("                to mend: %s\n", finding.remedy.c_str());
    bad += finding.verdict == Verdict::kBad ? 1 : 0;
  }
  return bad;
}

}  // namespace

void add_doctor(CLI::App& program) {
  CLI::App* command =
      program.add_subcommand("doctor", "Check this machine: BLAS, graphics, display, gamepad, disk");
#ifdef UNDERSTUDY_HAVE_TORCH
  struct Options {
    bool mpi = false;
    double timeout = kRankTimeout;
  };
  const auto options = std::make_shared<Options>();
  command->add_flag("--mpi", options->mpi,
                    "Check the processes that mpirun or srun has started, and what an exchange takes");
  add_timeout_option(*command, options->timeout);
#endif
  command->callback([=] {
#ifdef UNDERSTUDY_HAVE_TORCH
    if (options->mpi) return diagnose_ranks(options->timeout);
#endif
    const int bad = diagnose();
    if (bad > 0) throw Error(std::to_string(bad) + " of the checks above failed; each says how to mend it");
  });
}

}  // namespace understudy::tools
