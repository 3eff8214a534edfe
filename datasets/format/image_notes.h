#pragma once
/// \file What a dataset says of an episode's images beside the images.

#include <string>
#include <vector>

namespace understudy {

/// For one episode.
struct ImageNotes {
  std::vector<std::string> bodies{};  ///< what the numbers in a segmentation stand for, from 0
  std::string cameras{};              ///< JSON object: camera -> size, intrinsics, place
};

}  // namespace understudy
