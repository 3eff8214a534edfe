#pragma once
/// \file A run of `understudy adapt train`: one detector, and for each seed a member with generator.pt, losses.csv,
/// sheets and a checkpoint, that go on bit for bit where they were stopped.
///
///   RUN/adaptation.json   what it was made of: settings, both files with their SHA-256, camera, objects, seeds
///   RUN/detector.ckpt     the detector, once it has learnt
///   RUN/seed_N/losses.csv, sheet_STEP.png, state.ckpt, generator.pt, result.json

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bc/adaptation/adapter.h"
#include "datasets/storage/durable_file.h"

namespace understudy {

struct AdaptationPlan {
  AdaptationConfig config{};
  std::string sim{}, real{};                ///< datasets with pictures
  std::string sim_sha256{}, real_sha256{};  ///< of the files
  std::string camera{};
  std::vector<std::string> objects{};  ///< bodies that the detector finds
  std::vector<std::uint64_t> seeds{};  ///< one member each
  int frames = 5000;                   ///< most pictures that are read of each side
};

std::string to_json(const AdaptationPlan& plan);
AdaptationPlan adaptation_plan_from_json(const std::string& text, const std::string& place);

/// How a member's pictures differ from simulation's, as the detector sees them: distances in pixels over the objects of
/// simulated pictures of which they are in the picture.
struct AdaptationShift {
  double error = 0;          ///< mean, of the detector in x from where the object is
  double adapted_error = 0;  ///< the same in G(x)
  double mean = 0;           ///< from where the detector finds it in x to where it does in G(x)
  double worst = 0;          ///< mean of the worst 5 %
};
AdaptationShift adaptation_shift(const Adapter& adapter, const Detector& detector,
                                 const AdaptationFrames& sim);

struct AdaptationHooks {
  /// `task` (a member's or the detector's), steps done of how many, what else is worth seeing.
  std::function<void(const std::string& task, int done, int total, const std::string& extra)> progress{};
  std::function<bool()> stop{};  ///< true: save and stop
  /// Writes a PNG of RGB bytes.
  std::function<void(const std::filesystem::path&, int width, int height, std::vector<std::uint8_t> rgb)>
      picture{};
};

struct AdaptationMemberResult {
  std::uint64_t seed = 0;
  AdaptationShift shift{};
  double seconds_a_step = 0;  ///< of this session, without sheets and measuring; 0: it was there already
};

/// Makes `folder` for a plan. Throws Error when something is there.
void begin_adaptation(const std::filesystem::path& folder, const AdaptationPlan& plan);
/// The plan of an earlier begin. Throws Error when there is none.
AdaptationPlan read_adaptation(const std::filesystem::path& folder);
/// Trains what is not there yet. nullopt: it was stopped, and everything is saved. Throws Error when another process
/// trains in it, or frames are of different sizes.
std::optional<std::vector<AdaptationMemberResult>> train_adaptation(const std::filesystem::path& folder,
                                                                    const AdaptationPlan& plan,
                                                                    const AdaptationFrames& sim,
                                                                    const AdaptationFrames& real,
                                                                    const AdaptationHooks& hooks);

/// Generators of all members that are there, by seed in the order of the plan. Throws Error when there are none.
std::vector<std::filesystem::path> adaptation_generators(const std::filesystem::path& folder);

}  // namespace understudy
