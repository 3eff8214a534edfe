#include "bc/adaptation/adaptation_frames.h"

#include <algorithm>
#include <cmath>

#include "datasets/format/demonstration_reader.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

constexpr int kLeastSide = 32;  // pixels: below, nothing is left for the smallest discriminator

ImageField field_of(const DemonstrationReader& reader, const std::string& file, const std::string& camera,
                    ImageKind kind) {
  const ImageField wanted{.camera = camera, .kind = kind, .width = 0, .height = 0};
  const std::vector<ImageField>& fields = reader.header().images.fields;
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const ImageField& field) {
    return field.camera == camera && field.kind == kind;
  });
  if (found == fields.end()) {
    throw Error(file + ": want " + wanted.key() + ", found " + images_text(fields) +
                "; render it: understudy data images FILE --camera " + camera + ":64x64" +
                (kind == ImageKind::kSegmentation ? " --segmentation" : ""));
  }
  if (found->width % 8 != 0 || found->height % 8 != 0 || std::min(found->width, found->height) < kLeastSide) {
    throw Error(file + ": want pictures whose sides divide by 8 and are at least " +
                std::to_string(kLeastSide) + ", found " + found->text() +
                "; render them anew with --size 64x64");
  }
  return *found;
}

}  // namespace

int AdaptationFrames::count() const {
  return static_cast<int>(pictures.size() /
                          (3U * static_cast<std::size_t>(width) * static_cast<std::size_t>(height)));
}

void AdaptationFrames::write(int index, float* to) const {
  const std::size_t pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  const std::uint8_t* from = pictures.data() + static_cast<std::size_t>(index) * pixels * 3;
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t i = 0; i < pixels; ++i) *to++ = static_cast<float>(from[3 * i + c]) / 127.5F - 1;
}

std::uint8_t picture_byte(float value) {
  return static_cast<std::uint8_t>(std::lround(std::clamp((value + 1) * 127.5F, 0.0F, 255.0F)));
}

std::vector<FramePlace> spread_frames(const std::filesystem::path& file, int most) {
  const DemonstrationReader reader(file);
  std::vector<FramePlace> all;
  for (int episode = 0; episode < reader.size(); ++episode)
    for (int row = 0; row < static_cast<int>(reader.summary(episode).steps); ++row)
      all.push_back({episode, row});
  const std::size_t count = std::min(all.size(), static_cast<std::size_t>(most));
  std::vector<FramePlace> chosen;
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(all[i * all.size() / count]);
  return chosen;
}

AdaptationFrames read_frames(const std::filesystem::path& file, const std::string& camera,
                             const std::vector<FramePlace>& places, bool content) {
  const DemonstrationReader reader(file);
  const ImageField field = field_of(reader, file.string(), camera, ImageKind::kColour);
  AdaptationFrames frames{.width = field.width, .height = field.height};
  frames.pictures.resize(places.size() * field.bytes());
  for (std::size_t i = 0; i < places.size(); ++i)
    reader.read_image(places[i].episode, field, places[i].row, frames.pictures.data() + i * field.bytes());
  if (!content) return frames;
  const ImageField bodies = field_of(reader, file.string(), camera, ImageKind::kSegmentation);
  if (bodies.width != field.width || bodies.height != field.height)
    throw Error(file.string() + ": want " + bodies.key() + " of the size of " + field.text() + ", found " +
                bodies.text());
  const std::size_t pixels = bodies.bytes() / sizeof(std::int16_t);
  std::vector<std::int16_t> body(pixels);
  frames.masks.reserve(places.size() * pixels);
  Episode episode;
  for (std::size_t i = 0; i < places.size(); ++i) {
    reader.read_image(places[i].episode, bodies, places[i].row, body.data());
    for (const std::int16_t number : body) frames.masks.push_back(number > 0 ? 1 : 0);
    if (i == 0 || places[i].episode != places[i - 1].episode)
      episode = reader.read(places[i].episode, {.states = false, .info = false});
    if (i == 0) frames.actions.resize(static_cast<Eigen::Index>(places.size()), episode.actions.cols());
    frames.actions.row(static_cast<Eigen::Index>(i)) = episode.actions.row(places[i].row);
  }
  return frames;
}

}  // namespace understudy
