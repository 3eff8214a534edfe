#include "bc/adaptation/adaptation_run.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "bc/adaptation/generator_file.h"
#include "bc/runs/checkpoint.h"
#include "datasets/storage/archive.h"
#include "datasets/types/error.h"
#include "datasets/types/json_text.h"
#include "datasets/types/version.h"

namespace understudy {
namespace fs = std::filesystem;
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kLogged = 50;     // steps that a line of losses.csv is the mean of
constexpr int kMeasured = 200;  // pictures that the shift is measured on
constexpr const char* kPlan = "adaptation.json";

std::string number_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::string shift_text(const AdaptationShift& shift) {
  char text[120];
  std::snprintf(text, sizeof text, "shift %.2f px, worst 5 %% %.2f px", shift.mean, shift.worst);
  return text;
}

/// Trains the detector, or takes it from the folder. False when it was stopped.
bool ready(Detector& detector, const fs::path& folder, const AdaptationPlan& plan,
           const AdaptationFrames& sim, const AdaptationHooks& hooks) {
  const fs::path file = folder / "detector.ckpt";
  Vector numbers = detector.numbers();
  if (fs::exists(file)) {
    Archive archive(checkpoint_archive(read_file(file), file.string()), file.string());
    archive("detector", numbers);
    archive.want_finite(numbers);
    archive.finish();
    detector.set_numbers(numbers);
    return true;
  }
  double loss = 0;
  for (int step = 0; step < plan.config.detector_steps; ++step) {
    if (hooks.stop && hooks.stop()) return false;
    loss = detector.step(sim);
    if (hooks.progress)
      hooks.progress("detector", step + 1, plan.config.detector_steps, "loss " + number_text(loss));
  }
  numbers = detector.numbers();
  Archive archive;
  archive("detector", numbers);
  durable_write(fs::absolute(file), checkpoint_bytes(archive.bytes()));
  return true;
}

/// One generator on its way.
class Member {
 public:
  Member(fs::path folder, const AdaptationPlan& plan, const AdaptationFrames& sim,
         const AdaptationFrames& real, const Detector& detector, std::uint64_t seed)
      : folder_(std::move(folder)),
        plan_(plan),
        sim_(sim),
        detector_(detector),
        seed_(seed),
        adapter_(plan.config, sim, real, detector, seed),
        sums_(adapter_.loss_names().size(), 0.0) {
    fs::create_directories(folder_);
    csv_ = "step";
    for (const std::string& name : adapter_.loss_names()) csv_ += "," + name;
    csv_ += ",shift_mean_px,shift_worst_px\n";
    const fs::path state = folder_ / "state.ckpt";
    if (!fs::exists(state)) return;
    Archive archive(checkpoint_archive(read_file(state), state.string()), state.string());
    serialise(archive);
    archive.finish();
  }

  /// False when it was stopped.
  bool train(const AdaptationHooks& hooks, AdaptationMemberResult& result) {
    const int total = plan_.config.steps;
    const std::string task = "seed " + std::to_string(seed_);
    const int before = adapter_.steps_done();
    double seconds = 0;
    std::string extra;
    while (adapter_.steps_done() < total) {
      if (hooks.stop && hooks.stop()) {
        save();
        return false;
      }
      const auto start = Clock::now();
      const std::vector<double> losses = adapter_.step();
      seconds += std::chrono::duration<double>(Clock::now() - start).count();
      for (std::size_t i = 0; i < losses.size(); ++i) sums_[i] += losses[i];
      ++summed_;
      const int done = adapter_.steps_done();
      const bool look = done % plan_.config.every == 0 || done == total;
      if (done % kLogged == 0 || look) extra = log(done, look, hooks);
      if (look) save();
      if (hooks.progress) hooks.progress(task, done, total, extra);
    }
    const int steps = adapter_.steps_done() - before;
    if (steps > 0) result.seconds_a_step = seconds / steps;
    result.shift = adaptation_shift(adapter_, detector_, sim_);
    finish(result);
    return true;
  }

 private:
  std::string log(int done, bool look, const AdaptationHooks& hooks) {
    csv_ += std::to_string(done);
    for (double& sum : sums_) {
      csv_ += "," + number_text(sum / summed_);
      sum = 0;
    }
    summed_ = 0;
    std::string extra;
    if (look) {
      const AdaptationShift shift = adaptation_shift(adapter_, detector_, sim_);
      csv_ += "," + number_text(shift.mean) + "," + number_text(shift.worst);
      extra = shift_text(shift);
      int rows = 0;
      std::vector<std::uint8_t> rgb = adapter_.sheet(rows);
      char name[40];
      std::snprintf(name, sizeof name, "sheet_%06d.png", done);
      const int height = rows * sim_.height;
      const int width = static_cast<int>(rgb.size() / 3) / height;
      if (hooks.picture) hooks.picture(folder_ / name, width, height, std::move(rgb));
    } else {
      csv_ += ",,";
    }
    csv_ += "\n";
    durable_write(fs::absolute(folder_ / "losses.csv"), csv_);
    return extra;
  }

  void serialise(Archive& archive) {
    adapter_.serialise(archive);
    archive("losses", csv_);
    archive("sums", sums_);
    archive("summed", summed_);
    if (archive.loading() && sums_.size() != adapter_.loss_names().size())
      archive.refuse("sums of this method's losses", "others");
  }

  void save() {
    Archive archive;
    serialise(archive);
    durable_write(fs::absolute(folder_ / "state.ckpt"), checkpoint_bytes(archive.bytes()));
    durable_write(fs::absolute(folder_ / "losses.csv"), csv_);
    save_generator({.channels = plan_.config.method == AdaptationMethod::kGraspGan ? 4 : 3,
                    .width = sim_.width,
                    .height = sim_.height,
                    .camera = plan_.camera,
                    .method = adaptation_methods()[static_cast<std::size_t>(plan_.config.method)],
                    .numbers = adapter_.generator_numbers()},
                   folder_ / "generator.pt");
  }

  void finish(const AdaptationMemberResult& result) {
    const nlohmann::ordered_json json{{"seed", seed_},
                                      {"steps", adapter_.steps_done()},
                                      {"seconds_a_step", result.seconds_a_step},
                                      {"detector_error_px", result.shift.error},
                                      {"detector_error_adapted_px", result.shift.adapted_error},
                                      {"shift_mean_px", result.shift.mean},
                                      {"shift_worst_px", result.shift.worst}};
    // A run that had ended keeps what was measured then.
    if (result.seconds_a_step > 0 || !fs::exists(folder_ / "result.json"))
      durable_write(fs::absolute(folder_ / "result.json"), json.dump(2) + "\n");
  }

  fs::path folder_;
  const AdaptationPlan& plan_;
  const AdaptationFrames& sim_;
  const Detector& detector_;
  std::uint64_t seed_;
  Adapter adapter_;
  std::string csv_;
  std::vector<double> sums_;
  int summed_ = 0;
};

fs::path member_folder(const fs::path& folder, std::uint64_t seed) {
  return folder / ("seed_" + std::to_string(seed));
}

}  // namespace

std::string to_json(const AdaptationPlan& plan) {
  nlohmann::ordered_json json{{"program_version", program_version()}};
  json["settings"] = nlohmann::ordered_json::parse(to_json(plan.config));
  json["sim"] = {{"file", plan.sim}, {"sha256", plan.sim_sha256}};
  json["real"] = {{"file", plan.real}, {"sha256", plan.real_sha256}};
  json["camera"] = plan.camera;
  json["objects"] = plan.objects;
  json["seeds"] = plan.seeds;
  json["frames"] = plan.frames;
  return json.dump(2) + "\n";
}

AdaptationPlan adaptation_plan_from_json(const std::string& text, const std::string& place) {
  try {
    const auto json = parsed_json(text);
    AdaptationPlan plan;
    plan.config = adaptation_from_json(json.at("settings").dump(), place + ": settings");
    json.at("sim").at("file").get_to(plan.sim);
    json.at("sim").at("sha256").get_to(plan.sim_sha256);
    json.at("real").at("file").get_to(plan.real);
    json.at("real").at("sha256").get_to(plan.real_sha256);
    json.at("camera").get_to(plan.camera);
    json.at("objects").get_to(plan.objects);
    json.at("seeds").get_to(plan.seeds);
    json.at("frames").get_to(plan.frames);
    return plan;
  } catch (const nlohmann::json::exception& error) {
    throw Error(place + ": want what `understudy adapt train` writes, found something else (" +
                reason_of(error) + ")");
  }
}

AdaptationShift adaptation_shift(const Adapter& adapter, const Detector& detector,
                                 const AdaptationFrames& sim) {
  const std::size_t numbers = 3 * static_cast<std::size_t>(sim.height * sim.width);
  const int count = std::min(kMeasured, sim.count());
  AdaptationShift shift;
  std::vector<double> moved;
  for (int i = 0; i < count; ++i) {
    const auto row = static_cast<Eigen::Index>(static_cast<std::int64_t>(i) * sim.count() / count);
    std::vector<float> picture(numbers);
    sim.write(static_cast<int>(row), picture.data());
    const Matrix x = detector.find(picture), gx = detector.find(adapter.adapted(picture));
    for (Eigen::Index k = 0; k < detector.classes(); ++k) {
      const auto place = sim.places.row(row).segment<2>(2 * k);
      if (std::isnan(place[0])) continue;
      const auto at_x = x.row(0).segment<2>(2 * k), at_gx = gx.row(0).segment<2>(2 * k);
      shift.error += double{(at_x - place).norm()};
      shift.adapted_error += double{(at_gx - place).norm()};
      moved.push_back(double{(at_gx - at_x).norm()});
    }
  }
  if (moved.empty()) return shift;
  std::sort(moved.begin(), moved.end(), std::greater<>());
  const auto all = static_cast<double>(moved.size());
  shift.error /= all;
  shift.adapted_error /= all;
  for (const double distance : moved) shift.mean += distance / all;
  const std::size_t worst = std::max<std::size_t>(1, moved.size() / 20);
  for (std::size_t i = 0; i < worst; ++i) shift.worst += moved[i] / static_cast<double>(worst);
  return shift;
}

void begin_adaptation(const fs::path& folder, const AdaptationPlan& plan) {
  if (fs::exists(folder) && (!fs::is_directory(folder) || !fs::is_empty(folder))) {
    throw Error(folder.string() + ": exists already; choose another --out" +
                (fs::exists(folder / kPlan) ? ", or continue it with `understudy adapt resume`" : ""));
  }
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw Error(folder.string() + ": cannot be created: " + error.message() + "; choose another --out");
  durable_write(fs::absolute(folder / kPlan), to_json(plan));
}

AdaptationPlan read_adaptation(const fs::path& folder) {
  const fs::path file = folder / kPlan;
  if (!fs::exists(file)) {
    throw Error(folder.string() + ": want a run of `understudy adapt train`, found no " + std::string(kPlan) +
                " in it");
  }
  return adaptation_plan_from_json(read_file(file), file.string());
}

std::optional<std::vector<AdaptationMemberResult>> train_adaptation(const fs::path& folder,
                                                                    const AdaptationPlan& plan,
                                                                    const AdaptationFrames& sim,
                                                                    const AdaptationFrames& real,
                                                                    const AdaptationHooks& hooks) {
  if (sim.width != real.width || sim.height != real.height) {
    throw Error(plan.real + ": want pictures of " + std::to_string(sim.width) + "x" +
                std::to_string(sim.height) + " as in " + plan.sim + ", found " + std::to_string(real.width) +
                "x" + std::to_string(real.height) + "; render both with one --size");
  }
  const DirectoryLock lock(
      folder / ".lock", folder.string() + ": another process is training in it; stop it or wait for its end");
  Detector detector(static_cast<int>(plan.objects.size()), sim.width, sim.height, plan.seeds.front());
  if (!ready(detector, folder, plan, sim, hooks)) return std::nullopt;
  std::vector<AdaptationMemberResult> results;
  for (const std::uint64_t seed : plan.seeds) {
    Member member(member_folder(folder, seed), plan, sim, real, detector, seed);
    AdaptationMemberResult result{.seed = seed};
    if (!member.train(hooks, result)) return std::nullopt;
    results.push_back(result);
  }
  return results;
}

std::vector<fs::path> adaptation_generators(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const std::uint64_t seed : read_adaptation(folder).seeds) {
    const fs::path file = member_folder(folder, seed) / "generator.pt";
    if (fs::exists(file)) files.push_back(file);
  }
  if (files.empty())
    throw Error(folder.string() + ": holds no generator yet; `understudy adapt resume` goes on with it");
  return files;
}

}  // namespace understudy
