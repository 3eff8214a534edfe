#include "bc/cloning/sight_data.h"

#include <utility>

#include "bc/designs/vision.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

std::vector<std::string> names_in(const std::string& text) {
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    names.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return names;
}

/// Only these columns, in this order.
void keep_columns(Matrix& matrix, const std::vector<int>& columns) {
  Matrix kept(matrix.rows(), static_cast<Eigen::Index>(columns.size()));
  for (std::size_t i = 0; i < columns.size(); ++i)
    kept.col(static_cast<Eigen::Index>(i)) = matrix.col(columns[i]);
  matrix = std::move(kept);
}

std::string names_of(const Space& space) {
  std::string names;
  for (const Field& field : space.fields()) names += (names.empty() ? "" : ", ") + field.name;
  return names;
}

}  // namespace

SettingList settings(SightOptions& o) {
  return {
      {"cameras", &o.cameras,
       "Cameras that the policy sees through, NAME,NAME (see: understudy data images); none: it sees all "
       "fields"},
      {"fields", &o.fields, "With --cameras: fields of the observation that it sees beside them, or 'none'"},
      {"vision", &o.network, "With --cameras: network of each camera", 0, 0, vision_networks()},
      {"crop", &o.crop, "Pixels cut off a picture's width and height, in training at random", 0, 4000},
      {"keypoints", &o.keypoints, "Places that are found in a picture", 1, 1024},
      {"picture-features", &o.features, "Numbers that are left of a picture", 1, 4096},
      {"brightness", &o.brightness, "In training pictures are up to this share brighter or darker", 0, 0.99},
      {"colour", &o.colour, "Likewise red, green and blue, each by itself", 0, 0.99},
      {.name = "image-memory",
       .value = &o.memory,
       .help =
           "MiB for pictures, which are read from the file ahead of their use; results do not depend on it",
       .low = 1,
       .high = 1e6,
       .use = SettingUse::kPlace}};
}

std::vector<std::string> camera_names(const SightOptions& options) {
  return names_in(options.cameras);
}

void validate(const SightOptions& options) {
  if (options.sees() && options.fields.empty())
    throw UsageError(
        "--fields: want the fields of the observation that the policy sees beside --cameras, or none, found "
        "nothing "
        "(see: understudy envs ID)");
  if (!options.sees() && !options.fields.empty())
    throw UsageError("--fields: want --cameras too: without pictures a policy sees all fields");
}

void restrict_to_sight(CloningData& data, const SightOptions& options, const std::string& file,
                       Space& observation) {
  Sight sight{.fields = {}, .cameras = cameras_of(file, camera_names(options))};
  if (options.fields != "none") sight.fields = names_in(options.fields);
  std::vector<int> entries;
  Space seen;
  try {
    entries = seen_entries(observation, sight);
    seen = seen_space(observation, sight);
  } catch (const Error& error) {
    throw UsageError("--fields: " + std::string(error.what()) + "; the task has " + names_of(observation));
  }
  std::vector<PicturePlace> places;
  for (CloningPairs* pairs : {&data.training, &data.validation}) {
    keep_columns(pairs->observations, entries);
    pairs->first_place = static_cast<int>(places.size());
    places.insert(places.end(), pairs->places.begin(), pairs->places.end());
  }
  const std::size_t memory = static_cast<std::size_t>(options.memory) << 20;
  const auto source = std::make_shared<PictureSource>(file, sight.cameras, std::move(places), memory);
  data.training.pictures = data.validation.pictures = source;
  data.cameras = sight.cameras;
  observation = std::move(seen);
}

}  // namespace understudy
