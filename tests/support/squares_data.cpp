#include "tests/support/squares_data.h"

#include <algorithm>
#include <vector>

#include "datasets/curation/image_dataset.h"
#include "datasets/format/demonstration_reader.h"
#include "tests/support/sample_data.h"

namespace understudy::tests {
namespace {

constexpr int kWidth = 24, kHeight = 20, kSquare = 4, kReach = 8;

ImageHeader images() {
  return {.fields = {{.camera = "eye", .kind = ImageKind::kColour, .width = kWidth, .height = kHeight},
                     {.camera = "other", .kind = ImageKind::kColour, .width = 16, .height = 16}},
          .driver = "a test",
          .program_version = "1"};
}

void square(std::vector<std::uint8_t>& picture, int left, int top, int colour) {
  for (int row = top; row < top + kSquare; ++row) {
    for (int column = left; column < left + kSquare; ++column)
      picture[static_cast<std::size_t>((row * kWidth + column) * 3 + colour)] = 230;
  }
}

}  // namespace

EnvironmentSpec squares_task() {
  EnvironmentSpec spec;
  spec.id = "Squares";
  spec.success = "always";
  spec.observation = Space({{"clock", 1, "-", 0, 1, ""}, {"secret", 2, "-", -1, 1, ""}});
  spec.action = Space({{"across", 1, "-", -1, 1, ""}, {"down", 1, "-", -1, 1, ""}});
  return spec;
}

void write_squares(const std::filesystem::path& file, int episodes, int steps, std::uint64_t seed) {
  const EnvironmentSpec spec = squares_task();
  DatasetHeader header = sample_header();
  header.environment_id = spec.id;
  header.observation = spec.observation;
  header.action = spec.action;
  Rng rng(seed);
  std::filesystem::path plain = file;
  plain += ".plain";
  {
    DemonstrationWriter writer(plain, header);
    for (int i = 0; i < episodes; ++i) {
      Episode episode = good_episode(header, steps, rng);
      for (int t = 0; t <= steps; ++t) {  // states: left and top of green, then of red
        for (int axis = 0; axis < 2; ++axis) {
          const int room = (axis == 0 ? kWidth : kHeight) - kSquare;
          const int green = static_cast<int>(rng.below(static_cast<std::uint64_t>(room)));
          const int from = std::max(0, green - kReach), to = std::min(room, green + kReach);
          const int red = from + static_cast<int>(rng.below(static_cast<std::uint64_t>(to - from + 1)));
          const auto way = static_cast<float>(red - green) / kReach;
          episode.states(t, axis) = green;
          episode.states(t, 2 + axis) = red;
          episode.observations(t, 1 + axis) = way;
          if (t < steps) episode.actions(t, axis) = way;
        }
        episode.observations(t, 0) = static_cast<float>(t) / static_cast<float>(steps);
      }
      record(writer, episode);
    }
    writer.pack();
  }
  ImageDataset dataset(plain, file, images());
  const DemonstrationReader reader(plain);
  for (int i = 0; i < episodes; ++i) {
    const Episode episode = reader.read(i);
    dataset.begin(i, steps + 1, {.bodies = {"world"}, .cameras = "{}"});
    for (int t = 0; t <= steps; ++t) {
      const auto at = [&](int entry) { return static_cast<int>(episode.states(t, entry)); };
      std::vector<std::uint8_t> eye(kWidth * kHeight * 3, 40), other(16 * 16 * 3);
      square(eye, at(0), at(1), 1);
      square(eye, at(2), at(3), 0);
      for (std::uint8_t& level : other) level = static_cast<std::uint8_t>(rng.below(256));
      dataset.append({eye.data(), other.data()});
    }
    dataset.commit();
  }
  dataset.finish();
}

}  // namespace understudy::tests
