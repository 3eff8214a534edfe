#pragma once
/// \file What a policy that is cloned from pictures sees: options, and demonstrations seen so.

#include <string>
#include <vector>

#include "bc/cloning/cloning_data.h"
#include "bc/runs/setting.h"

namespace understudy {

struct SightOptions {
  std::string cameras{};  ///< names with commas between; none: the policy sees all fields and no pictures
  std::string fields{};   ///< of the observation, likewise, that stand beside them; or "none"
  std::string network = "cnn";  ///< these four: see bc/designs/vision.h
  int crop = 8;
  int keypoints = 32;
  int features = 64;
  double brightness = 0;  ///< this and colour: see bc/cloning/augmentation.h
  double colour = 0;
  int memory = 256;  ///< MiB for pictures, >= 1; nothing depends on it but speed

  bool sees() const { return !cameras.empty(); }
};

SettingList settings(SightOptions& options);

/// The cameras, each as cameras_of() wants it.
std::vector<std::string> camera_names(const SightOptions& options);

/// Throws UsageError for fields without cameras or cameras without fields.
void validate(const SightOptions& options);

/// Takes from `data`, of the data set `file` that is whole as yet, all fields but the chosen ones and gives it the
/// cameras and a source of their pictures; `observation` becomes what the policy is given. Throws UsageError that lists
/// the task's fields, and like cameras_of and PictureSource.
void restrict_to_sight(CloningData& data, const SightOptions& options, const std::string& file,
                       Space& observation);

}  // namespace understudy
