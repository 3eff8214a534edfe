#include "tests/support/sample_data.h"

#include <algorithm>

#include "tests/support/random_matrices.h"

namespace understudy::tests {
namespace fs = std::filesystem;

DatasetHeader sample_header() {
  DatasetHeader header;
  header.environment_id = "Sample";
  header.observation =
      Space({{.name = "position", .size = 2, .unit = "m", .meaning = "x, y"},
             {.name = "heading", .size = 1, .unit = "rad", .low = -4, .high = 4, .meaning = ""},
             {.name = "goal", .size = 3, .unit = "m", .meaning = "x, y, z"}});
  header.action =
      Space({{.name = "steer", .size = 1, .unit = "-", .low = -1, .high = 1, .meaning = "left"},
             {.name = "throttle", .size = 1, .unit = "-", .low = -1, .high = 1, .meaning = "ahead"}});
  header.state_dim = 4;
  header.control_rate = 30;
  header.substeps = 8;
  header.horizon = 600;
  header.device = "synthetic";
  header.binding = "left stick x = steer\n";
  header.program_version = "0.1.0-test";
  return header;
}

Episode sample_episode(const DatasetHeader& header, int steps, Rng& rng) {
  Episode episode;
  episode.observations = random_matrix(steps + 1, header.observation.size(), rng);
  episode.actions = random_matrix(steps, header.action.size(), rng).cwiseMin(1.0F).cwiseMax(-1.0F);
  episode.states = random_matrix(steps + 1, header.state_dim, rng).cast<double>() * (1.0 / 3.0);
  episode.info.axes = random_matrix(steps, 6, rng);
  episode.info.buttons = (random_matrix(steps, 15, rng).array() > 0).cast<float>();
  for (int t = 0; t < steps; ++t) {
    episode.rewards.push_back(static_cast<float>(rng.normal()));
    episode.info.timestamp.push_back((t + 0.1 * rng.uniform()) / header.control_rate);
    episode.info.input_age.push_back(0.01 * rng.uniform());
    episode.info.overrun.push_back(rng.uniform() < 0.1 ? 1 : 0);
    episode.info.intervention.push_back(rng.uniform() < 0.5 ? 1 : 0);
  }
  episode.seed = rng.bits();
  episode.terminated = rng.uniform() < 0.5;
  episode.truncated = rng.uniform() < 0.5;
  episode.success = rng.uniform() < 0.5;
  episode.operator_name = "sample";
  if (rng.uniform() < 0.5) episode.variation = "{\"physics.mass\":" + std::to_string(rng.uniform()) + "}";
  return episode;
}

Episode good_episode(const DatasetHeader& header, int steps, Rng& rng) {
  Episode episode = sample_episode(header, steps, rng);
  episode.terminated = true;
  episode.truncated = false;
  episode.success = true;
  return episode;
}

void append(DemonstrationWriter& writer, const Episode& episode) {
  writer.begin_episode(episode.seed, episode.observations.row(0).transpose(),
                       episode.states.row(0).transpose(), episode.operator_name, episode.variation);
  for (Eigen::Index t = 0; t < episode.actions.rows(); ++t) {
    const auto i = static_cast<std::size_t>(t);
    writer.append_step({.action = episode.actions.row(t).transpose(),
                        .reward = episode.rewards[i],
                        .next_observation = episode.observations.row(t + 1).transpose(),
                        .next_state = episode.states.row(t + 1).transpose(),
                        .timestamp = episode.info.timestamp[i],
                        .input_age = episode.info.input_age[i],
                        .overrun = episode.info.overrun[i] != 0,
                        .intervention = episode.info.intervention[i] != 0,
                        .axes = episode.info.axes.row(t).transpose(),
                        .buttons = episode.info.buttons.row(t).transpose()});
  }
}

int record(DemonstrationWriter& writer, const Episode& episode) {
  append(writer, episode);
  return writer.commit_episode(
      {.terminated = episode.terminated, .truncated = episode.truncated, .success = episode.success});
}

std::string difference(const Episode& a, const Episode& b) {
  const auto same = [](const auto& x, const auto& y) {
    return x.rows() == y.rows() && x.cols() == y.cols() && (x.array() == y.array()).all();
  };
  if (!same(a.observations, b.observations)) return "observations";
  if (!same(a.actions, b.actions)) return "actions";
  if (a.rewards != b.rewards) return "rewards";
  if (!same(a.states, b.states)) return "states";
  if (a.info.timestamp != b.info.timestamp) return "timestamp";
  if (a.info.input_age != b.info.input_age) return "input_age";
  if (a.info.overrun != b.info.overrun) return "overrun";
  if (a.info.intervention != b.info.intervention) return "intervention";
  if (!same(a.info.axes, b.info.axes)) return "axes";
  if (!same(a.info.buttons, b.info.buttons)) return "buttons";
  if (a.seed != b.seed) return "seed";
  if (a.terminated != b.terminated || a.truncated != b.truncated || a.success != b.success) return "flags";
  if (a.operator_name != b.operator_name) return "operator_name";
  if (a.variation != b.variation) return "variation";
  return "";
}

std::vector<std::string> listing(const fs::path& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace understudy::tests
