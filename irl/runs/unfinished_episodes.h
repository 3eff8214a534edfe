#pragma once
/// \file Episodes under way, kept for rewards that score whole episodes.

#include <functional>
#include <vector>

#include "datasets/storage/archive.h"
#include "irl/contract/transition.h"

namespace understudy {

class UnfinishedEpisodes {
 public:
  struct Shape {
    int streams = 1;
    int obs_dim = 0;
    int act_dim = 0;
  };
  explicit UnfinishedEpisodes(const Shape& shape);

  /// Adds one step of every stream, row by row. Each episode that it ends goes to `ended`, all of its steps
  /// in time order, and is forgotten.
  void add(const Steps& steps, const std::function<void(Steps& episode)>& ended);

  void serialise(Archive& archive);

 private:
  struct Episode {
    Steps steps;  ///< as many as there is room for
    int length = 0;
  };
  std::vector<Episode> episodes_;  ///< one per stream
};

}  // namespace understudy
