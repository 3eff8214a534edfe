#include "tests/support/foreign_samples.h"

#include <bit>

#include "datasets/storage/hdf5_file.h"
#include "tests/support/file_content.h"
#include "tests/support/sample_data.h"

namespace understudy::tests {
namespace fs = std::filesystem;
namespace {

using hdf5::Handle;
using hdf5::Place;
using hdf5::Store;

struct Group {
  Group(const Place& parent, const std::string& name)
      : handle(hdf5::create_group(parent, name)), place{handle.get(), name} {}
  Handle handle;
  Place place;
};

void write(const Place& parent, const std::string& name, const Matrix& rows) {
  hdf5::write_array(parent, name, Store::kFloat32, static_cast<std::size_t>(rows.rows()),
                    static_cast<std::size_t>(rows.cols()), rows.data());
}
void write_double(const Place& parent, const std::string& name, const Matrix& rows) {
  const StateMatrix values = rows.cast<double>();
  hdf5::write_array(parent, name, Store::kFloat64, static_cast<std::size_t>(rows.rows()),
                    static_cast<std::size_t>(rows.cols()), values.data());
}
void write_rewards(const Place& parent, const Episode& episode) {
  hdf5::write_array(parent, "rewards", Store::kFloat32, episode.rewards.size(), 0, episode.rewards.data());
}
void write_flag(const Place& parent, const std::string& name, std::size_t steps, bool last) {
  std::vector<std::uint8_t> values(steps, 0);
  values.back() = last ? 1 : 0;
  hdf5::write_array(parent, name, Store::kBool, steps, 0, values.data());
}
std::size_t steps_of(const Episode& episode) {
  return static_cast<std::size_t>(episode.length());
}
Matrix columns(const Episode& episode, const Space& space, const Field& field) {
  return episode.observations.middleCols(space.offset(field.name), field.size);
}

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80U; value >>= 7U) bytes += static_cast<char>(value | 0x80U);
  return bytes + static_cast<char>(value);
}
std::string field(std::uint32_t number, const std::string& bytes) {
  return varint(number << 3U | 2U) + varint(bytes.size()) + bytes;
}
std::string field(std::uint32_t number, std::uint64_t value) {
  return varint(number << 3U) + varint(value);
}
std::string floats(const float* values, Eigen::Index count) {
  std::string bytes;
  for (Eigen::Index i = 0; i < count; ++i) {
    const auto bits = std::bit_cast<std::uint32_t>(values[i]);
    for (unsigned shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(bits >> shift);
  }
  return bytes;
}
std::string delimited(const std::string& message) {
  return varint(message.size()) + message;
}

}  // namespace

std::vector<Episode> foreign_episodes(std::uint64_t seed) {
  Rng rng(seed);
  std::vector<Episode> episodes;
  for (int i = 0; i < 3; ++i) {
    episodes.push_back(good_episode(sample_header(), 5 + i, rng));
    episodes.back().terminated = i != 1;
    episodes.back().truncated = i == 1;
  }
  return episodes;
}

void write_robomimic(const fs::path& file, const std::vector<Episode>& episodes, const Space& space) {
  const Handle handle = hdf5::create_file(file);
  const Place root{handle.get(), ""};
  const Group data(root, "data");
  hdf5::write_text(data.place, "env_args",
                   R"({"env_name": "Stack", "type": 1, "env_kwargs": {"control_freq": 20, "horizon": 400}})");
  for (std::size_t i = 0; i < episodes.size(); ++i) {
    const Episode& episode = episodes[i];
    const Group demo(data.place, "demo_" + std::to_string(i));
    hdf5::write_integer(demo.place, "num_samples", episode.length());
    write_double(demo.place, "actions", episode.actions);
    write_rewards(demo.place, episode);
    std::vector<std::int64_t> dones(steps_of(episode), 0);
    dones.back() = 1;
    hdf5::write_array(demo.place, "dones", Store::kInt64, dones.size(), 0, dones.data());
    const Group obs(demo.place, "obs");
    const Group next(demo.place, "next_obs");
    for (const Field& each : space.fields()) {
      const Matrix all = columns(episode, space, each);
      write(obs.place, each.name, all.topRows(episode.length()));
      write(next.place, each.name, all.bottomRows(episode.length()));
    }
  }
  const Group mask(root, "mask");
  hdf5::write_names(mask.place, "train", {"demo_0", "demo_" + std::to_string(episodes.size() - 1)});
  hdf5::write_names(mask.place, "half", {"demo_1"});
}

void write_robosuite(const fs::path& file, const std::vector<Episode>& episodes) {
  const Handle handle = hdf5::create_file(file);
  const Group data({handle.get(), ""}, "data");
  hdf5::write_text(data.place, "env_info", R"({"env_name": "Lift", "robots": "Panda"})");
  for (std::size_t i = 0; i < episodes.size(); ++i) {
    const Group demo(data.place, "demo_" + std::to_string(i + 1));
    hdf5::write_text(demo.place, "model_file", "<mujoco/>");
    write_double(demo.place, "states", episodes[i].observations.topRows(episodes[i].length()));
    write_double(demo.place, "actions", episodes[i].actions);
  }
}

void write_isaaclab(const fs::path& file, const std::vector<Episode>& episodes, const Space& space) {
  const Handle handle = hdf5::create_file(file);
  const Group data({handle.get(), ""}, "data");
  hdf5::write_text(data.place, "env_args", R"({"env_name": "Isaac-Stack-Cube-v0", "type": 2})");
  for (std::size_t i = 0; i < episodes.size(); ++i) {
    const Episode& episode = episodes[i];
    const Group demo(data.place, "demo_" + std::to_string(i));
    hdf5::write_bool(demo.place, "success", true);
    write(demo.place, "actions", episode.actions);
    const Group initial(demo.place, "initial_state");
    const Group robot(initial.place, "robot");
    write(robot.place, "root_pose", episode.observations.topRows(1));
    const Group obs(demo.place, "obs");
    const Group policy(obs.place, "policy");
    for (const Field& each : space.fields())
      write(policy.place, each.name, columns(episode, space, each).topRows(episode.length()));
  }
}

void write_minari(const fs::path& folder, const std::vector<Episode>& episodes, const Space& space) {
  fs::create_directories(folder / "data");
  const std::string box =
      R"({"type":"Box","dtype":"float32","shape":[2],"low":[-Infinity,-1.0],"high":[Infinity,1.0]})";
  std::string quoted;
  for (const char c : box) quoted += c == '"' ? std::string("\\\"") : std::string(1, c);
  write_content(folder / "data/metadata.json",
                R"({"data_format": "hdf5", "env_spec": "{\"id\": \"Maze-v3\", \"max_episode_steps\": 300}", )"
                "\"action_space\": \"" +
                    quoted + "\"}");
  const Handle handle = hdf5::create_file(folder / "data/main_data.hdf5");
  const Place root{handle.get(), ""};
  for (std::size_t i = 0; i < episodes.size(); ++i) {
    const Episode& episode = episodes[i];
    const Group group(root, "episode_" + std::to_string(i));
    hdf5::write_integer(group.place, "id", static_cast<std::int64_t>(i));
    hdf5::write_unsigned(group.place, "seed", episode.seed);
    write(group.place, "actions", episode.actions);
    write_rewards(group.place, episode);
    write_flag(group.place, "terminations", steps_of(episode), episode.terminated);
    write_flag(group.place, "truncations", steps_of(episode), episode.truncated);
    const Group infos(group.place, "infos");
    write_flag(infos.place, "success", steps_of(episode) + 1, true);
    const Group observations(group.place, "observations");
    const Group rest(observations.place, "rest");
    for (std::size_t f = 0; f < space.fields().size(); ++f) {
      const Field& each = space.fields()[f];
      if (f == 0) {
        write(observations.place, each.name, columns(episode, space, each));
      } else {
        write(rest.place, "_index_" + std::to_string(f - 1), columns(episode, space, each));
      }
    }
  }
}

void write_d4rl(const fs::path& file, const std::vector<Episode>& episodes, bool next, bool timeouts) {
  Eigen::Index rows = 0;
  for (const Episode& episode : episodes) rows += episode.length();
  Matrix observations(rows, episodes.front().observations.cols());
  Matrix outcomes(observations.rows(), observations.cols());
  Matrix actions(rows, episodes.front().actions.cols());
  std::vector<float> rewards;
  std::vector<std::uint8_t> terminals;
  std::vector<std::uint8_t> cuts;
  Eigen::Index row = 0;
  for (const Episode& episode : episodes) {
    const Eigen::Index steps = episode.length();
    observations.middleRows(row, steps) = episode.observations.topRows(steps);
    outcomes.middleRows(row, steps) = episode.observations.bottomRows(steps);
    actions.middleRows(row, steps) = episode.actions;
    rewards.insert(rewards.end(), episode.rewards.begin(), episode.rewards.end());
    row += steps;
    terminals.resize(static_cast<std::size_t>(row), 0);
    cuts.resize(static_cast<std::size_t>(row), 0);
    terminals.back() = episode.terminated ? 1 : 0;
    cuts.back() = episode.truncated ? 1 : 0;
  }
  const Handle handle = hdf5::create_file(file);
  const Place root{handle.get(), ""};
  write(root, "observations", observations);
  if (next) write(root, "next_observations", outcomes);
  write(root, "actions", actions);
  hdf5::write_array(root, "rewards", Store::kFloat32, rewards.size(), 0, rewards.data());
  hdf5::write_array(root, "terminals", Store::kBool, terminals.size(), 0, terminals.data());
  if (timeouts) hdf5::write_array(root, "timeouts", Store::kBool, cuts.size(), 0, cuts.data());
}

std::string mlagents_recording(const std::vector<Episode>& episodes) {
  std::size_t records = 0;
  std::string messages;
  for (std::size_t i = 0; i < episodes.size(); ++i) {
    const Episode& episode = episodes[i];
    for (Eigen::Index t = 0; t <= episode.length(); ++t, ++records) {
      const auto reward = t > 0 ? episode.rewards[static_cast<std::size_t>(t - 1)] : 0.0F;
      const std::string vector =
          field(1, static_cast<std::uint64_t>(episode.observations.cols())) +
          field(4, field(1, floats(episode.observations.row(t).data(), episode.observations.cols()))) +
          field(8, "vector");
      const std::string picture =
          field(1, varint(84) + varint(84) + varint(3)) + field(2, std::uint64_t{1}) + field(3, "PNG");
      std::string info = varint(7U << 3U | 5U) + floats(&reward, 1);
      if (t == episode.length()) {
        info += field(8, std::uint64_t{1});
        if (!episode.terminated) info += field(9, std::uint64_t{1});
      }
      info += field(10, i + 1) + field(13, picture) + field(13, vector);
      const Matrix action =
          t < episode.length() ? Matrix(episode.actions.row(t)) : Matrix::Zero(1, episode.actions.cols());
      messages += delimited(field(1, info) + field(2, field(6, floats(action.data(), action.size()))));
    }
  }
  std::string file = delimited(field(1, std::uint64_t{1}) + field(2, "demo") + field(3, records) +
                               field(4, episodes.size()));
  file.resize(33, '\0');
  return file + delimited(field(7, "Crawler") + field(9, field(1, std::uint64_t{2}))) + messages;
}

}  // namespace understudy::tests
