#include "tools/media/task_pictures.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "datasets/types/error.h"
#include "envs/contract/random_actor.h"
#include "envs/rendering/image_text.h"
#include "envs/rendering/offscreen.h"
#include "envs/tasks/registry.h"
#include "tools/console/console.h"

namespace understudy::tools {
namespace {

constexpr int kWidth = 640;  // of a task's picture, pixels
constexpr int kHeight = 420;
constexpr std::uint64_t kSeed = 1;
constexpr double kMoment = 1.5;  // s after the episode began

constexpr int kGap = 20;  // between and around the tiles of the sheet, pixels
constexpr int kTitle = 30;
constexpr int kSummary = 20;
constexpr int kCaption = kTitle + kSummary + 14;
constexpr int kMostColumns = 4;

/// The task a while into an episode; an episode that would be over by then is stopped halfway.
void act(Environment& environment) {
  const EnvironmentSpec& spec = environment.spec();
  const std::unique_ptr<Actor> actor =
      has_expert(spec.id) ? make_expert(spec.id) : make_random_actor(spec.action.size());
  int steps = std::min(spec.horizon / 2, static_cast<int>(std::lround(kMoment * spec.control_rate)));
  Matrix observations(1, spec.observation.size());
  Matrix actions(1, spec.action.size());
  for (bool whole = false; !whole;) {
    whole = true;
    Vector observation(spec.observation.size());
    environment.reset(kSeed, observation);
    actor->reset(0, kSeed);
    for (int step = 0; step < steps; ++step) {
      observations.row(0) = observation.transpose();
      actor->act(observations, actions);
      const StepResult result = environment.step(actions.row(0).transpose(), observation);
      if (!result.terminated && !result.truncated) continue;
      steps = step / 2;
      whole = false;
      break;
    }
  }
}

void paste(const Image& tile, int left, int top, Image& sheet) {
  const auto bytes = static_cast<std::size_t>(tile.width) * 3;
  for (int row = 0; row < tile.height; ++row) {
    const std::uint8_t* const from = tile.pixel(0, row);
    std::copy(from, from + bytes, sheet.rgb.data() + (sheet.pixel(left, top + row) - sheet.rgb.data()));
  }
}

struct Tile {
  std::string title;
  std::string summary;
  Image image;
};

Image contact_sheet(const std::vector<Tile>& tiles) {
  const auto count = static_cast<int>(tiles.size());
  const int columns =
      std::min(kMostColumns, static_cast<int>(std::ceil(std::sqrt(static_cast<double>(count)))));
  const int rows = (count + columns - 1) / columns;
  Image sheet{.width = kGap + columns * (kWidth + kGap),
              .height = kGap + rows * (kHeight + kCaption + kGap),
              .rgb = {}};
  sheet.rgb.assign(static_cast<std::size_t>(sheet.width) * static_cast<std::size_t>(sheet.height) * 3, 255);
  const Typeface bold(true);
  const Typeface plain(false);
  for (int i = 0; i < count; ++i) {
    const Tile& tile = tiles[static_cast<std::size_t>(i)];
    const int left = kGap + i % columns * (kWidth + kGap);
    const int top = kGap + i / columns * (kHeight + kCaption + kGap);
    paste(tile.image, left, top, sheet);
    bold.draw(sheet, left, top + kHeight + 6, tile.title, kTitle, {20, 24, 32});
    plain.draw(sheet, left, top + kHeight + 6 + kTitle + 2, plain.fit(tile.summary, kSummary, kWidth),
               kSummary, {90, 96, 108});
  }
  return sheet;
}

}  // namespace

void write_task_pictures(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directory(folder, error);
  if (!std::filesystem::is_directory(folder)) {
    throw Error(folder.string() + ": cannot be made: " +
                (error ? error.message() : std::string("a file of that name is there")));
  }
  const std::vector<std::string> ids = environment_ids();
  std::vector<Tile> tiles;
  {
    Progress progress("drawing", static_cast<double>(ids.size()), "tasks");
    // Twice the size and halved: these pictures are looked at closely.
    OffscreenRenderer renderer({.width = 2 * kWidth, .height = 2 * kHeight, .renderer = {}});
    for (const std::string& id : ids) {
      const auto environment = make_environment(id);
      act(*environment);
      // Another renderer for each task would do too: scenes of two tasks may have the same revision.
      Scene scene = environment->scene();
      scene.revision = static_cast<unsigned>(tiles.size());
      CameraMotion none;
      tiles.push_back({.title = id,
                       .summary = environment->spec().summary,
                       .image = halved(renderer.render(scene, resolve_camera(scene, 0, none, 0)))});
      write_png(folder / (id + ".png"), tiles.back().image);
      progress.update(static_cast<double>(tiles.size()));
    }
  }
  write_png(folder / "tasks.png", contact_sheet(tiles));
  std::printf("%s: pictures of %zu tasks, and tasks.png with all of them\n", folder.c_str(), tiles.size());
}

}  // namespace understudy::tools
