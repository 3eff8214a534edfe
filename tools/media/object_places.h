#pragma once
/// \file Where things are in the pictures of recorded episodes: a simulator's labels, which cost nothing.

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "datasets/types/matrix.h"

namespace understudy::tools {

/// Bodies of the dataset's task that pictures may be about: the arm's last link, and all that is no link of it.
std::vector<std::string> usual_objects(const std::filesystem::path& dataset);

/// [frames, 2 objects]: pixels across and down of the origin of each body called so in `objects`, as `camera`, `width` x
/// `height`, sees it at each (episode, row) of `frames`; NaN where it is not in the picture. Whether something stands in
/// front of it does not count. Throws UsageError listing the bodies when one is not there, Error when the dataset has no
/// states.
Matrix object_places(const std::filesystem::path& dataset, const std::string& camera, int width, int height,
                     const std::vector<std::string>& objects, const std::vector<std::pair<int, int>>& frames);

}  // namespace understudy::tools
