#include "datasets/types/episode.h"

#include "datasets/types/error.h"

namespace understudy {

void check_shapes(const Episode& episode, const std::string& place) {
  const auto steps = episode.actions.rows();
  const auto want = [&](const char* array, Eigen::Index rows, Eigen::Index expected, bool optional) {
    if (rows == expected || (optional && rows == 0)) return;
    throw Error(place + "/" + array + ": want " + std::to_string(expected) + " rows to match " +
                std::to_string(steps) + " actions, found " + std::to_string(rows));
  };
  const auto rows = [](const auto& values) { return static_cast<Eigen::Index>(values.size()); };
  want("observations", episode.observations.rows(), steps + 1, false);
  want("rewards", rows(episode.rewards), steps, false);
  want("states", episode.states.rows(), steps + 1, true);
  want("infos/timestamp", rows(episode.info.timestamp), steps, true);
  want("infos/input_age", rows(episode.info.input_age), steps, true);
  want("infos/overrun", rows(episode.info.overrun), steps, true);
  want("infos/intervention", rows(episode.info.intervention), steps, true);
  want("infos/doubt", rows(episode.info.doubt), steps, true);
  want("infos/axes", episode.info.axes.rows(), steps, true);
  want("infos/buttons", episode.info.buttons.rows(), steps, true);
}

}  // namespace understudy
