#pragma once
/// \file What is fixed for all episodes of a dataset: the task, its spaces and rates, and where it came from.

#include <string>

#include "datasets/format/image_header.h"
#include "datasets/types/space.h"

namespace understudy {

/// Written once per dataset. The first eight members and `robot_sha256` identify the task: episodes are
/// only ever added to a dataset that agrees in all of them and holds no images. The others are provenance
/// and may differ between sessions.
struct DatasetHeader {
  std::string environment_id{};   ///< e.g. "Drive"
  Space observation{};            ///< on disk each field is its own array `obs/<name>`
  Space action{};                 ///< every entry in [-1, 1]
  int state_dim = 0;              ///< entries of the simulator's state; 0 when states are not kept
  double control_rate = 30;       ///< Hz, actions per second
  int substeps = 1;               ///< physics steps per action
  int horizon = 0;                ///< the most steps an episode may have; 0 when unknown
  std::string device{};           ///< what drove the latest session, e.g. "synthetic"
  std::string binding{};          ///< text of the latest session's binding table
  std::string program_version{};  ///< of the program that wrote the latest session
  std::string robot_sha256{};     ///< of the URDF file that `environment_id` names; empty: it names none
  /// JSON object: the file of another program that the episodes were converted from
  /// (datasets/foreign/conversion.h); empty: they were recorded.
  std::string source{};
  /// JSON object of two lists, `scale` and `offset`, an entry of each for an entry of the action: what the other
  /// program's action was is scale * action + offset. Empty: it was the same. Identifies the task, too.
  std::string action_scale{};
  ImageHeader images{};  ///< what was rendered from the states (datasets/curation/image_dataset.h)
};

/// Why episodes of `found` cannot be added to a dataset of `want`, as one line; empty when they can.
std::string header_mismatch(const DatasetHeader& want, const DatasetHeader& found);

/// The header as JSON text; `header_from_json` gives back the same header.
std::string header_to_json(const DatasetHeader& header);
/// Throws Error that begins with `place` when `text` is not what `header_to_json` writes.
DatasetHeader header_from_json(const std::string& text, const std::string& place);

}  // namespace understudy
