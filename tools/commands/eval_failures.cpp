#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <set>
#include <utility>

#include "datasets/types/error.h"
#include "envs/rollouts/rollout.h"
#include "envs/tasks/registry.h"
#include "tools/commands/eval_parts.h"
#include "tools/media/replay.h"
#include "tools/media/video.h"

namespace understudy::tools {
namespace {

namespace fs = std::filesystem;

// What a failure takes to be understood, at a price that many can be drawn for.
constexpr int kWidth = 640, kHeight = 360;
constexpr double kRate = 10;  // pictures per second

/// The policy's name as part of a file's.
std::string file_name(const std::string& policy) {
  std::string name = policy;
  while (name.size() > 1 && name.back() == '/') name.pop_back();
  std::replace_if(
      name.begin(), name.end(),
      [](unsigned char letter) { return std::isalnum(letter) == 0 && letter != '.' && letter != '_'; }, '-');
  return name;
}

std::string prefix(const std::string& policy, bool worst) {
  return file_name(policy) + (worst ? "-worst-" : "-median-");
}

}  // namespace

FailureVideos::FailureVideos(std::string folder, std::string environment_id, Randomisation randomisation,
                             const std::vector<std::string>& policies)
    : folder_(std::move(folder)),
      environment_(std::move(environment_id)),
      randomisation_(std::move(randomisation)) {
  want_ffmpeg(folder_);
  std::set<std::string> names;
  for (const std::string& policy : policies) {
    if (!names.insert(file_name(policy)).second) {
      throw UsageError(
          "--failures: want policies whose videos can be told apart, found two that are called " +
          file_name(policy));
    }
  }
  std::error_code failure;
  fs::create_directories(folder_, failure);
  if (failure) throw Error(folder_ + ": cannot make the folder: " + failure.message());
  for (const auto& entry : fs::directory_iterator(folder_)) {
    const std::string name = entry.path().filename().string();
    for (const std::string& policy : policies) {
      if (!name.starts_with(prefix(policy, true)) && !name.starts_with(prefix(policy, false))) continue;
      throw Error(entry.path().string() + ": is a video of " + policy +
                  " already; choose another --failures folder or remove it");
    }
  }
}

void FailureVideos::draw(Evaluated& evaluated, const ActorFactory& make_actor) const {
  const auto world = make_environment(environment_, randomisation_);
  const auto stage = make_environment(environment_);  // a replay varies it as its episode was
  const auto actor = make_actor();
  for (NotableEpisode& episode : evaluated.notable) {
    const std::uint64_t seed = episode.outcome.seed;
    const fs::path file =
        fs::path(folder_) / (prefix(evaluated.name, episode.worst) + std::to_string(seed) + ".mp4");
    const std::string name = "seed " + std::to_string(seed) +
                             (episode.outcome.failed() ? ", " + episode.outcome.cause : std::string());
    Replay replay(*stage,
                  {.name = name,
                   .actor = evaluated.name,
                   .episode = rollout(*world, *actor, seed, {.keep_states = true})},
                  evaluated.name);
    tools::draw(replay, {.out = file.string(),
                         .width = kWidth,
                         .height = kHeight,
                         .most_rate = kRate,
                         .renderer = {.shadow_size = 1024, .soft_shadows = false, .segments = 16}});
    episode.video = file.string();
  }
}

}  // namespace understudy::tools
