#pragma once
/// \file Files with a group /data/demo_<n> for each episode, as robomimic, robosuite and Isaac Lab write them. Included
/// by sources of this folder only.

#include <filesystem>
#include <string>
#include <vector>

#include "datasets/foreign/array_columns.h"
#include "datasets/foreign/episode_source.h"
#include "datasets/storage/hdf5_file.h"

namespace understudy {

class DemoGroups : public EpisodeSource {
 public:
  /// `observations`: what below a demonstration an actor is given, "obs" or "states". Throws Error when there is no
  /// demonstration, or the first one lacks actions or observations.
  DemoGroups(const std::filesystem::path& file, std::string format, const std::string& observations);

  const ForeignDescription& description() const override { return description_; }
  int size() const override { return static_cast<int>(names_.size()); }
  ForeignEpisode read(int index) const override;

  ForeignDescription& change() { return description_; }
  /// All that were stored succeeded.
  void only_successes() { only_successes_ = true; }
  hdf5::Place data() const { return {data_.get(), file_.string() + ":/data"}; }

 private:
  void describe();
  void describe_environment();
  void read_masks();

  std::filesystem::path file_;
  hdf5::Handle handle_;
  hdf5::Handle data_;
  std::string observation_name_;
  std::vector<std::string> names_;
  ArrayColumns observations_;
  ArrayColumns actions_;
  ArrayColumns states_;
  bool only_successes_ = false;
  ForeignDescription description_;
};

}  // namespace understudy
