#include "envs/rendering/film.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "datasets/types/rng.h"

namespace understudy {
namespace {

constexpr float kWhite = 255;
constexpr float kNoiseFloor = 0.1F;  // of the variance at full light

/// Gaussian along both axes, edges repeated.
void blur(std::vector<float>& light, int width, int height, float deviation) {
  const int reach = static_cast<int>(std::ceil(3 * deviation));
  if (reach < 1) return;
  std::vector<float> weights;
  float sum = 0;
  for (int i = -reach; i <= reach; ++i) {
    const float x = static_cast<float>(i) / deviation;
    weights.push_back(std::exp(-x * x / 2));
    sum += weights.back();
  }
  std::vector<float> from(light.size());
  for (const bool across : {true, false}) {
    from.swap(light);
    for (int row = 0; row < height; ++row) {
      for (int column = 0; column < width; ++column) {
        for (int c = 0; c < 3; ++c) {
          float mean = 0;
          for (int i = -reach; i <= reach; ++i) {
            const int x = across ? std::clamp(column + i, 0, width - 1) : column;
            const int y = across ? row : std::clamp(row + i, 0, height - 1);
            mean += weights[static_cast<std::size_t>(i + reach)] *
                    from[static_cast<std::size_t>((y * width + x) * 3 + c)];
          }
          light[static_cast<std::size_t>((row * width + column) * 3 + c)] = mean / sum;
        }
      }
    }
  }
}

}  // namespace

void develop(const Look& look, Image& image) {
  Rng rng(look.seed ^ picture_hash(image.rgb.data(), image.rgb.size()));
  std::vector<float> light(image.rgb.size());
  for (std::size_t i = 0; i < light.size(); ++i) {
    const float value = static_cast<float>(image.rgb[i]) / kWhite;
    light[i] = value * value;  // as the renderer's shaders have it
  }
  blur(light, image.width, image.height, look.blur * static_cast<float>(image.height));
  std::size_t i = 0;
  for (int row = 0; row < image.height; ++row) {
    const float y = (static_cast<float>(row) + 0.5F) / static_cast<float>(image.height) * 2 - 1;
    for (int column = 0; column < image.width; ++column) {
      const float x = (static_cast<float>(column) + 0.5F) / static_cast<float>(image.width) * 2 - 1;
      const float lens = look.exposure * (1 - look.vignette * (x * x + y * y) / 2);
      for (int c = 0; c < 3; ++c, ++i) {
        float value =
            std::pow(std::sqrt(std::clamp(light[i] * lens * look.balance[c], 0.0F, 1.0F)), look.gamma);
        if (look.noise > 0)
          value += look.noise * std::sqrt(kNoiseFloor + (1 - kNoiseFloor) * value) *
                   static_cast<float>(rng.normal());
        image.rgb[i] = static_cast<std::uint8_t>(std::lround(kWhite * std::clamp(value, 0.0F, 1.0F)));
      }
    }
  }
}

}  // namespace understudy
