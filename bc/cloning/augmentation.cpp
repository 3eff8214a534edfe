#include "bc/cloning/augmentation.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>

#include "datasets/types/error.h"

namespace understudy {
namespace {

constexpr int kProbes = 64;      // at two places or factors by chance alone: at most 2^-63
constexpr double kExact = 1e-3;  // of a level of 255

float gain(double deviation, Rng& rng) {
  return static_cast<float>(rng.uniform(1 - deviation, 1 + deviation));
}

/// Different at neighbouring pixels and for each colour, and dark enough for no factor to saturate it.
std::vector<std::uint8_t> probe_picture(const SightCamera& camera) {
  std::vector<std::uint8_t> picture(static_cast<std::size_t>(camera.size()));
  for (std::size_t i = 0; i < picture.size(); ++i)
    picture[i] = static_cast<std::uint8_t>(20 + (i * 37 + i / 251) % 101);
  return picture;
}

[[noreturn]] void fail(const SightCamera& camera, const std::string& what) {
  throw Error("augmentation of camera " + camera.text() + ": " + what +
              "; this build does not train on what it is told to: report it");
}

/// The factors that `change` had on the probe, colour by colour; throws unless they are the same all over.
std::vector<double> factors(const std::vector<std::uint8_t>& picture, const SightCamera& camera, int crop,
                            const PictureChange& change) {
  const int width = camera.width - crop, height = camera.height - crop;
  std::vector<float> changed(static_cast<std::size_t>(width * height * 3));
  if (write_picture(picture.data(), camera, crop, change, changed.data()) != changed.data() + changed.size())
    fail(camera, "want " + std::to_string(changed.size()) + " numbers of a picture, found another count");
  std::vector<double> found;
  for (int c = 0; c < 3; ++c) {
    double before = 0, after = 0;
    for (int pass = 0; pass < 2; ++pass) {
      for (int row = 0; row < height; ++row) {
        for (int column = 0; column < width; ++column) {
          const auto from =
              static_cast<std::size_t>(((row + change.top) * camera.width + column + change.left) * 3 + c);
          const auto to = static_cast<std::size_t>((row * width + column) * 3 + c);
          const double was = picture[from], is = static_cast<double>(changed[to]);
          if (pass == 0) {
            before += was;
            after += is;
          } else if (std::abs(is - found.back() * was) > kExact) {
            fail(camera, "want the picture at (" + std::to_string(change.left) + ", " +
                             std::to_string(change.top) + "), found another");
          }
        }
      }
      if (pass == 0) found.push_back(after / before);
    }
  }
  return found;
}

}  // namespace

PictureChange draw_change(const AugmentationConfig& config, Rng& rng) {
  PictureChange change;
  if (config.crop > 0) {
    change.left = static_cast<int>(rng.below(static_cast<std::uint64_t>(config.crop) + 1));
    change.top = static_cast<int>(rng.below(static_cast<std::uint64_t>(config.crop) + 1));
  }
  if (config.brightness > 0) std::fill_n(change.gain, 3, gain(config.brightness, rng));
  if (config.colour > 0) {
    for (float& factor : change.gain) factor *= gain(config.colour, rng);
  }
  return change;
}

PictureChange no_change(const AugmentationConfig& config) {
  return {.left = config.crop / 2, .top = config.crop / 2};
}

float* write_picture(const std::uint8_t* picture, const SightCamera& camera, int crop,
                     const PictureChange& change, float* out) {
  const int width = camera.width - crop, height = camera.height - crop;
  for (int row = 0; row < height; ++row) {
    const std::uint8_t* from = picture + ((row + change.top) * camera.width + change.left) * 3;
    for (int i = 0; i < width; ++i) {
      for (int c = 0; c < 3; ++c) *out++ = std::min(255.0F, static_cast<float>(*from++) * change.gain[c]);
    }
  }
  return out;
}

void check_augmentation(const AugmentationConfig& config, const SightCamera& camera) {
  const std::vector<std::uint8_t> picture = probe_picture(camera);
  Rng rng(1);
  const auto check = [&](const char* name, const AugmentationConfig& alone, double deviation, bool alike) {
    std::set<std::pair<int, int>> places;
    std::set<double> brightnesses;
    bool unlike = false;
    for (int i = 0; i < kProbes; ++i) {
      const PictureChange change = draw_change(alone, rng);
      if (std::min(change.left, change.top) < 0 || std::max(change.left, change.top) > alone.crop)
        fail(camera, "want a crop within the picture, found one outside");
      const std::vector<double> found = factors(picture, camera, alone.crop, change);
      for (const double factor : found) {
        if (std::abs(factor - 1) > deviation + kExact)
          fail(camera, std::string(name) + ": want factors within " + std::to_string(deviation) +
                           " of 1, found " + std::to_string(factor));
        unlike = unlike || std::abs(factor - found[0]) > kExact;
      }
      places.emplace(change.left, change.top);
      brightnesses.insert(found[0]);
    }
    if (alone.crop > 0 && places.size() < 2) fail(camera, "want crops at several places, found one");
    if (deviation > 0 && brightnesses.size() < 2)
      fail(camera, std::string(name) + ": want factors that vary, found one");
    if (deviation > 0 && alike == unlike)
      fail(camera, std::string(name) + (alike ? ": want colours changed alike, found them apart"
                                              : ": want colours changed apart, found them alike"));
  };
  check("crop", {.crop = config.crop, .brightness = 0, .colour = 0}, 0, true);
  if (config.brightness > 0)
    check("brightness", {.crop = 0, .brightness = config.brightness, .colour = 0}, config.brightness, true);
  if (config.colour > 0)
    check("colour", {.crop = 0, .brightness = 0, .colour = config.colour}, config.colour, false);
  factors(picture, camera, config.crop, no_change(config));
}

}  // namespace understudy
