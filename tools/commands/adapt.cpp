// `understudy adapt`: pictures of one camera made to look like another's, without pairs.

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "datasets/types/error.h"
#include "tools/commands/command.h"
#if defined(UNDERSTUDY_HAVE_TORCH) && defined(UNDERSTUDY_HAVE_SDL)
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "bc/adaptation/adaptation_run.h"
#include "bc/adaptation/generator_file.h"
#include "datasets/curation/image_dataset.h"
#include "datasets/format/demonstration_reader.h"
#include "datasets/storage/sha256.h"
#include "datasets/types/shell_quoted.h"
#include "datasets/types/version.h"
#include "envs/rendering/image.h"
#include "tools/console/console.h"
#include "tools/media/object_places.h"
#endif

namespace understudy::tools {
#if defined(UNDERSTUDY_HAVE_TORCH) && defined(UNDERSTUDY_HAVE_SDL)
namespace {

struct TrainOptions {
  std::string method = "cyclegan";
  AdaptationPlan plan;
  std::string out;
  std::optional<int> steps, batch, every, detector_steps;
  std::optional<double> learning_rate, cycle, identity, perception;
};

struct ApplyOptions {
  std::string run, data, out;
  std::optional<std::uint64_t> member;
  bool force = false;
};

/// The only camera with colours, or the one that is named.
std::string camera_of(const std::string& file, const std::string& wanted) {
  std::string found = wanted;
  const std::vector<ImageField> fields = DemonstrationReader(file).header().images.fields;
  for (const ImageField& field : fields) {
    if (!wanted.empty() || field.kind != ImageKind::kColour) continue;
    if (!found.empty()) {
      throw UsageError("--camera: want the camera to adapt, of which " + file +
                       " has several, found none: add --camera " + found);
    }
    found = field.camera;
  }
  if (found.empty())
    throw Error(file +
                ": want pictures, found none; render them: understudy data images FILE --camera NAME:64x64");
  return found;
}

std::vector<std::pair<int, int>> pairs_of(const std::vector<FramePlace>& places) {
  std::vector<std::pair<int, int>> pairs;
  for (const FramePlace& place : places) pairs.emplace_back(place.episode, place.row);
  return pairs;
}

void train(const std::filesystem::path& folder, const AdaptationPlan& plan, const AdaptationFrames& sim,
           const AdaptationFrames& real) {
  handle_interrupts();
  std::unique_ptr<Progress> progress;
  std::string task;
  const AdaptationHooks hooks{
      .progress =
          [&](const std::string& name, int done, int total, const std::string& extra) {
            if (name != task || !progress) {
              progress = std::make_unique<Progress>("adaptation, " + name, total, "steps", done - 1);
              task = name;
            }
            progress->update(done, extra);
          },
      .stop = interrupted,
      .picture =
          [](const std::filesystem::path& path, int width, int height, std::vector<std::uint8_t> rgb) {
            write_png(path, {.width = width, .height = height, .rgb = std::move(rgb)});
          }};
  const auto results = train_adaptation(folder, plan, sim, real, hooks);
  progress.reset();
  if (!results) {
    throw Interrupted(
        "interrupted: what was learnt is saved, of the detector once it is done; go on with `understudy "
        "adapt resume " +
        shell_quoted(folder.string()) + "`");
  }
  for (const AdaptationMemberResult& member : *results) {
    std::printf(
        "seed %llu: the detector is %.2f px off in simulation and %.2f px in what it became; things moved by "
        "%.2f px, the worst 5 %% by %.2f px",
        static_cast<unsigned long long>(member.seed), member.shift.error, member.shift.adapted_error,
        member.shift.mean, member.shift.worst);
    if (member.seconds_a_step > 0) std::printf("; %.3f s a step", member.seconds_a_step);
    std::printf("\n");
  }
  std::printf("next        understudy adapt apply %s %s --out adapted.h5\n",
              shell_quoted(folder.string()).c_str(), shell_quoted(plan.sim).c_str());
}

void prepare_and_train(const std::filesystem::path& folder, const AdaptationPlan& plan, bool fresh) {
  const bool content = plan.config.method == AdaptationMethod::kGraspGan;
  const std::vector<FramePlace> places = spread_frames(plan.sim, plan.frames);
  AdaptationFrames sim = read_frames(plan.sim, plan.camera, places, content);
  const AdaptationFrames real =
      read_frames(plan.real, plan.camera, spread_frames(plan.real, plan.frames), false);
  sim.places = object_places(plan.sim, plan.camera, sim.width, sim.height, plan.objects, pairs_of(places));
  if (fresh) begin_adaptation(folder, plan);
  train(folder, plan, sim, real);
}

void begin(const TrainOptions& options) {
  AdaptationPlan plan = options.plan;
  const auto& methods = adaptation_methods();
  plan.config = default_adaptation(static_cast<AdaptationMethod>(
      std::find(methods.begin(), methods.end(), options.method) - methods.begin()));
  const auto take = [](const auto& given, auto& field) {
    if (given) field = *given;
  };
  take(options.steps, plan.config.steps);
  take(options.batch, plan.config.batch);
  take(options.every, plan.config.every);
  take(options.detector_steps, plan.config.detector_steps);
  take(options.learning_rate, plan.config.learning_rate);
  take(options.cycle, plan.config.cycle);
  take(options.identity, plan.config.identity);
  take(options.perception, plan.config.perception);
  validate(plan.config);
  if (plan.seeds.empty()) plan.seeds = {1};
  std::vector<std::uint64_t> sorted = plan.seeds;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
    throw UsageError("--seeds: want each seed once, found one twice");
  for (std::string* file : {&plan.sim, &plan.real})
    *file = std::filesystem::absolute(*file).lexically_normal().string();
  plan.camera = camera_of(plan.sim, plan.camera);
  if (plan.objects.empty()) plan.objects = usual_objects(plan.sim);
  plan.sim_sha256 = file_sha256(plan.sim);
  plan.real_sha256 = file_sha256(plan.real);
  prepare_and_train(options.out, plan, true);
}

void resume(const std::string& run) {
  const AdaptationPlan plan = read_adaptation(run);
  for (const auto& [file, sha256] : {std::pair{plan.sim, plan.sim_sha256}, {plan.real, plan.real_sha256}}) {
    const std::string found = file_sha256(file);
    if (found != sha256) {
      throw Error(file + ": want the dataset that the run began with, SHA-256 " + sha256 + ", found " +
                  found + "; restore it, or train anew");
    }
  }
  prepare_and_train(run, plan, false);
}

std::vector<std::unique_ptr<Generator>> generators_of(const ApplyOptions& options) {
  std::vector<std::unique_ptr<Generator>> generators;
  if (options.member) {
    generators.push_back(std::make_unique<Generator>(load_generator(
        std::filesystem::path(options.run) / ("seed_" + std::to_string(*options.member)) / "generator.pt")));
    return generators;
  }
  for (const std::filesystem::path& file : adaptation_generators(options.run))
    generators.push_back(std::make_unique<Generator>(load_generator(file)));
  return generators;
}

/// One episode's pictures, the camera's own adapted, the others as they are.
void apply_to(const DemonstrationReader& reader, int episode, const Generator& generator, ImageDataset& out) {
  const std::vector<ImageField>& fields = reader.header().images.fields;
  ImageNotes notes;
  for (const ImageField& field : fields)
    if (field.kind == ImageKind::kSegmentation) notes.bodies = reader.image_bodies(episode, field);
  const int rows = reader.summary(episode).steps + 1;
  out.begin(episode, rows, notes);
  std::vector<std::vector<std::uint8_t>> images(fields.size());
  std::vector<std::uint8_t> adapted;
  for (int row = 0; row < rows; ++row) {
    std::vector<const void*> pointers;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      images[i].resize(fields[i].bytes());
      reader.read_image(episode, fields[i], row, images[i].data());
      if (fields[i].kind == ImageKind::kColour && fields[i].camera == generator.file().camera) {
        generator.adapt(images[i], adapted);
        images[i] = adapted;
      }
      pointers.push_back(images[i].data());
    }
    out.append(pointers);
  }
  out.commit();
}

void apply(const ApplyOptions& options) {
  const auto generators = generators_of(options);
  const DemonstrationReader reader(options.data);
  const GeneratorFile& first = generators.front()->file();
  ImageHeader header = reader.header().images;
  const ImageField wanted{
      .camera = first.camera, .kind = ImageKind::kColour, .width = first.width, .height = first.height};
  if (std::find(header.fields.begin(), header.fields.end(), wanted) == header.fields.end()) {
    throw Error(options.data + ": want " + wanted.text() + " as " + options.run + " was trained on, found " +
                images_text(header.fields));
  }
  std::string numbers;
  for (const auto& generator : generators) numbers += generator->file().sha256;
  header.driver += ", adapted by " + first.method + " " + text_sha256(numbers).substr(0, 16);
  header.program_version = program_version();
  ImageDataset out(options.data, options.out, header, {.force = options.force, .exchange = true});
  handle_interrupts();
  {
    Progress progress("adapting " + options.data, out.episodes(), "episodes");
    for (int i = 0; i < out.episodes(); ++i) {
      if (interrupted()) {
        throw Interrupted("interrupted: " + std::to_string(i) + " of " + std::to_string(out.episodes()) +
                          " episodes are adapted; the same command goes on from there");
      }
      // An ensemble's members take turns.
      if (!out.has(i)) apply_to(reader, i, *generators[static_cast<std::size_t>(i) % generators.size()], out);
      progress.update(i + 1);
    }
  }
  const bool changed = out.finish();
  std::printf("%s: %s of %d episodes as %zu generator%s of %s give%s them%s\n", options.out.c_str(),
              wanted.text().c_str(), out.episodes(), generators.size(), generators.size() == 1 ? "" : "s",
              options.run.c_str(), generators.size() == 1 ? "s" : "", changed ? "" : ": it was up to date");
}

void add_train_command(CLI::App& adapt) {
  const auto options = std::make_shared<TrainOptions>();
  CLI::App* command =
      adapt.add_subcommand("train", "Train generators on pictures of both cameras, without pairs");
  command
      ->add_option("--method", options->method,
                   "cyclegan; retinagan: what a detector finds stays; graspgan: content")
      ->check(CLI::IsMember(adaptation_methods()))
      ->capture_default_str();
  command->add_option("--sim", options->plan.sim, "Dataset with simulated pictures and states")->required();
  command->add_option("--real", options->plan.real, "Dataset with the other camera's pictures")->required();
  command->add_option("--out", options->out, "Folder for the run")->required();
  command->add_option("--camera", options->plan.camera, "Camera, where there are several");
  command
      ->add_option("--objects", options->plan.objects,
                   "Bodies that must stay where they are [the arm's last link and what is no link]")
      ->delimiter(',');
  command->add_option("--seeds", options->plan.seeds, "One generator each, e.g. 1,2,3 for an ensemble [1]")
      ->delimiter(',')
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1} << 53));
  command->add_option("--frames", options->plan.frames, "Most pictures of each side, evenly spread")
      ->check(CLI::Range(1, 200000))
      ->capture_default_str();
  command->add_option("--steps", options->steps, "Of training [4000]")->check(CLI::Range(1, 10000000));
  command->add_option("--batch", options->batch, "Pictures of each side a step [4]")
      ->check(CLI::Range(1, 256));
  command->add_option("--learning-rate", options->learning_rate, "Of Adam [2e-4; retinagan 1e-4]")
      ->check(CLI::Range(1e-12, 1.0));
  command->add_option("--cycle", options->cycle, "Weight of there and back again [10]")
      ->check(CLI::Range(0.0, 1e6));
  command
      ->add_option("--identity", options->identity, "Weight of leaving real pictures alone [5; retinagan 0]")
      ->check(CLI::Range(0.0, 1e6));
  command
      ->add_option("--perception", options->perception,
                   "Weight of what the detector finds [0; retinagan 0.1]")
      ->check(CLI::Range(0.0, 1e6));
  command
      ->add_option("--every", options->every, "Steps from checkpoint to checkpoint and sheet to sheet [500]")
      ->check(CLI::Range(1, 1000000));
  command->add_option("--detector-steps", options->detector_steps, "Of the detector's training [600]")
      ->check(CLI::Range(1, 1000000));
  command->callback([options] { begin(*options); });
}

void add_apply_command(CLI::App& adapt) {
  const auto options = std::make_shared<ApplyOptions>();
  CLI::App* command =
      adapt.add_subcommand("apply", "A dataset with its pictures adapted, all else unchanged");
  command->add_option("run", options->run, "Run of adapt train")->required();
  command->add_option("data", options->data, "Dataset with pictures")->required();
  command->add_option("--out", options->out, "Dataset to make or to bring up to date")->required();
  command->add_option("--member", options->member,
                      "Seed of the one generator to use [all, episode by episode in turn]");
  command->add_flag("--force", options->force, "Replace another file of that name");
  command->callback([options] { apply(*options); });
}

}  // namespace

void add_adapt(CLI::App& program) {
  CLI::App* adapt = program.add_subcommand("adapt", "Make simulated pictures look like another camera's");
  adapt->require_subcommand(1);
  add_train_command(*adapt);
  const auto run = std::make_shared<std::string>();
  CLI::App* command = adapt->add_subcommand("resume", "Go on with a run that was stopped, to the same bits");
  command->add_option("run", *run, "Run of adapt train")->required();
  command->callback([run] { resume(*run); });
  add_apply_command(*adapt);
}

#else

void add_adapt(CLI::App& program) {
  CLI::App* adapt = program.add_subcommand(
      "adapt", "Make simulated pictures look like another camera's (not in this build)");
  adapt->allow_extras();
  adapt->callback([] {
    throw UsageError(
        "adapt: want a build with LibTorch and SDL2, found one without; build with UNDERSTUDY_TORCH=ON "
        "and UNDERSTUDY_SDL=ON");
  });
}

#endif

}  // namespace understudy::tools
