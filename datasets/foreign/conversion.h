#pragma once
/// \file Other programs' episodes as a dataset of ours, and ours as a file of robomimic's alone.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "datasets/foreign/episode_source.h"
#include "datasets/foreign/field_map.h"

namespace understudy {

/// An entry of the other program's action is scale * ours + offset.
struct ActionScale {
  std::vector<double> scale{};
  std::vector<double> offset{};
};

/// The text that DatasetHeader::action_scale holds; empty for an empty scale.
std::string action_scale_to_json(const ActionScale& scale);
/// Throws Error that begins with `place` when the text is not of `entries` entries.
ActionScale action_scale_from_json(const std::string& text, int entries, const std::string& place);

using ProgressCall = std::function<void(int done, int all)>;

/// What maps the action entries that leave [-1, 1] into it, and others as they are: from the bounds that the file
/// declares, else from the lowest and highest value in it. Reads every episode. Throws Error like EpisodeSource::read,
/// and for values that are not finite.
ActionScale find_action_scale(const EpisodeSource& source, const FieldMap& map,
                              const ProgressCall& progress = {});

struct ConversionOptions {
  std::optional<ActionScale> scale{};  ///< nullopt: actions are taken as they are
  bool successful = false;             ///< where the file does not say so: all of them succeeded
  bool force = false;                  ///< replace a file of that name
  ProgressCall progress{};
};

struct Conversion {
  int episodes = 0;
  int successes = 0;
  int unknown = 0;  ///< the file does not say whether they succeeded
  std::int64_t steps = 0;
  bool rounded = false;  ///< some numbers were float64 and are now the nearest float32
  std::vector<std::string> words{};
};

/// Writes the dataset `file` in one step, an episode at a time. Numbers are the nearest float32 to the file's own,
/// states float64. Lists of episodes are carried over; `train` and `valid` keep successful ones only, and are made as a
/// recording makes them where the file has none. Throws Error naming file, episode and array for values that are not
/// finite or too large for float32, for actions outside [-1, 1], and when `file` cannot be written; there is no new
/// file then.
Conversion convert(const EpisodeSource& source, const FieldMap& map, const std::filesystem::path& source_file,
                   const std::filesystem::path& file, const ConversionOptions& options = {});

}  // namespace understudy
