#include "irl/runs/unfinished_episodes.h"

#include <algorithm>
#include <limits>

namespace understudy {
namespace {

constexpr int kFirstRoom = 256;

/// Keeps the first rows.
void resize_rows(Steps& steps, int rows) {
  for (Matrix* matrix : {&steps.observations, &steps.actions, &steps.next_observations}) {
    matrix->conservativeResize(rows, Eigen::NoChange);
  }
  steps.rewards.conservativeResize(rows);
  const auto size = static_cast<std::size_t>(rows);
  steps.terminated.resize(size);
  steps.truncated.resize(size);
  steps.streams.resize(size);
}

void copy_row(const Steps& from, int from_row, Steps& to, int to_row) {
  to.observations.row(to_row) = from.observations.row(from_row);
  to.actions.row(to_row) = from.actions.row(from_row);
  to.next_observations.row(to_row) = from.next_observations.row(from_row);
  to.rewards(to_row) = from.rewards(from_row);
  const auto source = static_cast<std::size_t>(from_row);
  const auto target = static_cast<std::size_t>(to_row);
  to.terminated[target] = from.terminated[source];
  to.truncated[target] = from.truncated[source];
  to.streams[target] = from.streams[source];
}

}  // namespace

UnfinishedEpisodes::UnfinishedEpisodes(const Shape& shape)
    : episodes_(static_cast<std::size_t>(shape.streams)) {
  for (Episode& episode : episodes_) episode.steps.resize(0, shape.obs_dim, shape.act_dim);
}

void UnfinishedEpisodes::add(const Steps& steps, const std::function<void(Steps& episode)>& ended) {
  for (int row = 0; row < steps.size(); ++row) {
    const auto i = static_cast<std::size_t>(row);
    Episode& episode = episodes_[static_cast<std::size_t>(steps.streams[i])];
    if (episode.length == episode.steps.size()) {
      resize_rows(episode.steps, std::max(2 * episode.length, kFirstRoom));
    }
    copy_row(steps, row, episode.steps, episode.length++);
    if (steps.terminated[i] == 0 && steps.truncated[i] == 0) continue;
    resize_rows(episode.steps, episode.length);
    episode.length = 0;
    ended(episode.steps);
  }
}

void UnfinishedEpisodes::serialise(Archive& archive) {
  for (std::size_t i = 0; i < episodes_.size(); ++i) {
    Steps& steps = episodes_[i].steps;
    int& length = episodes_[i].length;
    archive("episode steps", length);
    archive.want_range(length, 0, std::numeric_limits<int>::max());
    if (length == 0) continue;
    if (!archive.loading()) resize_rows(steps, length);
    const auto matrix = [&](const char* name, Matrix& values) {
      const Eigen::Index columns = values.cols();
      archive(name, values);
      archive.want_range(values.rows(), length, length);
      archive.want_range(values.cols(), columns, columns);
    };
    matrix("episode observations", steps.observations);
    matrix("episode actions", steps.actions);
    matrix("episode next observations", steps.next_observations);
    resize_rows(steps, length);  // now that there are so many
    archive("episode rewards", steps.rewards);
    // Nothing has ended, or it would not be here.
    steps.terminated.assign(steps.terminated.size(), 0);
    steps.truncated.assign(steps.truncated.size(), 0);
    steps.streams.assign(steps.streams.size(), static_cast<int>(i));
  }
}

}  // namespace understudy
