#include <hdf5.h>

#include "datasets/format/demonstration_reader.h"
#include "datasets/storage/hdf5_file.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/sample_data.h"
#include "tests/support/temporary_directory.h"

using namespace understudy;
using namespace understudy::tests;
namespace fs = std::filesystem;

namespace {

using hdf5::Handle;
using hdf5::Place;
using hdf5::Store;

/// Counting values, so that every row can be told from every other.
std::vector<float> counting(std::size_t count, float first) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = first + static_cast<float>(i);
  return values;
}

enum class Next { kNone, kNextObs, kExtraRow };

/// A file as robosuite and robomimic write them: float64 actions, no attributes of ours, demos from demo_1.
void write_robomimic(const fs::path& file, Next next) {
  const Handle handle = hdf5::create_file(file);
  const Place root{handle.get(), ""};
  const Handle data = hdf5::create_group(root, "data");
  hdf5::write_text({data.get(), ""}, "env_args",
                   R"({"env_name": "Lift", "type": 1, "env_kwargs": {"control_freq": 20, "horizon": 400}})");
  for (const int number : {1, 2, 10}) {
    const std::string name = "data/demo_" + std::to_string(number);
    const Handle demo = hdf5::create_group(root, name);
    const Place place{demo.get(), name};
    hdf5::write_integer(place, "num_samples", 4);
    const std::vector<double> actions(12, 0.1 * number / 10);
    hdf5::write_array(place, "actions", Store::kFloat64, 4, 3, actions.data());
    const std::vector<std::int64_t> dones{0, 0, 0, number == 2 ? 0 : 1};
    hdf5::write_array(place, "dones", Store::kInt64, 4, 0, dones.data());
    const std::vector<double> states(4 * 5, 1.0);
    hdf5::write_array(place, "states", Store::kFloat64, 4, 5, states.data());
    const std::size_t rows = next == Next::kExtraRow ? 5 : 4;
    const auto write_group = [&](const char* group_name, float first) {
      const Handle group = hdf5::create_group(place, group_name);
      const Place obs{group.get(), ""};
      hdf5::write_array(obs, "robot0-Eef.pos", Store::kFloat32, rows, 2, counting(rows * 2, first).data());
      hdf5::write_array(obs, "gripper", Store::kFloat32, rows, 0, counting(rows, 100 + first).data());
      const std::array<hsize_t, 4> shape{rows, 2, 2, 3};
      const Handle space(H5Screate_simple(4, shape.data(), nullptr), H5Sclose);
      const Handle image(H5Dcreate2(group.get(), "agentview_image", H5T_STD_U8LE, space.get(), H5P_DEFAULT,
                                    H5P_DEFAULT, H5P_DEFAULT),
                         H5Dclose);
      REQUIRE(image);
    };
    write_group("obs", 0);
    if (next == Next::kNextObs) write_group("next_obs", 2);
  }
}

}  // namespace

TEST_CASE("a robomimic file of others is read with what it tells") {
  const TemporaryDirectory directory;
  const fs::path file = directory / "lift.hdf5";
  write_robomimic(file, Next::kNextObs);
  const DemonstrationReader reader(file);
  REQUIRE_FALSE(reader.is_ours());
  REQUIRE(reader.size() == 3);
  REQUIRE(reader.name(0) == "demo_1");
  REQUIRE(reader.name(2) == "demo_10");
  REQUIRE(reader.masks().empty());
  REQUIRE(reader.skipped_fields() == std::vector<std::string>{"agentview_image"});
  const DatasetHeader& header = reader.header();
  REQUIRE(header.environment_id == "Lift");
  REQUIRE(header.control_rate == 20);
  REQUIRE(header.horizon == 400);
  REQUIRE(header.action.size() == 3);
  REQUIRE(header.observation.size() == 3);
  REQUIRE(header.observation.offset("robot0_eef_pos") == 1);

  const Episode episode = reader.read(0);
  REQUIRE(episode.length() == 4);
  REQUIRE(episode.observations.rows() == 5);
  // next_obs counts from 2 for the pair and from 102 for the gripper; its last row is the last observation.
  REQUIRE(episode.observations(4, 0) == 105);
  REQUIRE(episode.observations(4, 1) == 8);
  REQUIRE(episode.observations(4, 2) == 9);
  REQUIRE(episode.observations(3, 1) == 6);
  REQUIRE(episode.rewards == std::vector<float>(4, 0.0F));
  REQUIRE(episode.states.rows() == 0);
  REQUIRE(episode.info.timestamp.empty());
  REQUIRE(episode.success);
  REQUIRE_FALSE(episode.terminated);
  REQUIRE(episode.truncated);
  REQUIRE_FALSE(reader.read(1).success);
}

TEST_CASE("an observation more than actions is used, and without the last one the last action is dropped") {
  const TemporaryDirectory directory;
  write_robomimic(directory / "extra.hdf5", Next::kExtraRow);
  const Episode extra = DemonstrationReader(directory / "extra.hdf5").read(0);
  REQUIRE(extra.length() == 4);
  REQUIRE(extra.observations(4, 1) == 8);

  write_robomimic(directory / "none.hdf5", Next::kNone);
  const Episode none = DemonstrationReader(directory / "none.hdf5").read(0);
  REQUIRE(none.length() == 3);
  REQUIRE(none.observations.rows() == 4);
  REQUIRE(none.rewards.size() == 3);
}

TEST_CASE(
    "observations of others are read in the task's order where they have its names, else in one piece") {
  const TemporaryDirectory directory;
  write_robomimic(directory / "lift.hdf5", Next::kExtraRow);
  const Space action({{.name = "push", .size = 3, .unit = "N", .low = -1, .high = 1, .meaning = ""}});
  const Field arm{.name = "robot0_eef_pos", .size = 2, .unit = "m", .meaning = ""};
  const Field gripper{.name = "gripper", .size = 1, .unit = "-", .meaning = ""};
  {
    DemonstrationReader reader(directory / "lift.hdf5");
    reader.fit(Space({arm, gripper}), action);
    CHECK(reader.header().action == action);
    const Episode episode = reader.read(0);
    CHECK(episode.observations.row(0) == Eigen::RowVector3f(0, 1, 100));
    CHECK(episode.observations.row(4) == Eigen::RowVector3f(8, 9, 104));
  }

  Field renamed = gripper;
  renamed.name = "hand";
  CHECK_THROWS_WITH(
      DemonstrationReader(directory / "lift.hdf5").fit(Space({arm, renamed}), action),
      ContainsSubstring("want an observation array hand[1], found gripper[1], robot0_eef_pos[2]; say which"));
  {
    DemonstrationReader fewer(directory / "lift.hdf5");  // what the task does not know is left out
    fewer.fit(Space({arm}), action);
    CHECK(fewer.read(0).observations.row(0) == Eigen::RowVector2f(0, 1));
  }

  // One array may have any name.
  {
    const Handle file = hdf5::open_file_to_fill(directory / "lift.hdf5");
    const Place root{file.get(), ""};
    for (const char* demo : {"demo_1", "demo_2", "demo_10"}) {
      const std::string obs = std::string("data/") + demo + "/obs";
      for (const char* name : {"robot0-Eef.pos", "gripper"}) hdf5::remove_link(root, obs + "/" + name);
      hdf5::write_array(root, obs + "/flat", Store::kFloat32, 5, 3, counting(15, 0).data());
    }
  }
  DemonstrationReader flat(directory / "lift.hdf5");
  flat.fit(Space({arm, gripper}), action);
  CHECK(flat.read(2).observations.row(1) == Eigen::RowVector3f(3, 4, 5));
}

TEST_CASE("text among the observations of others is left out, and rounding of actions forgiven") {
  const TemporaryDirectory directory;
  const fs::path file = directory / "lift.hdf5";
  write_robomimic(file, Next::kExtraRow);
  const auto with_actions = [&](double value) {
    const Handle handle = hdf5::open_file_to_fill(file);
    const Place root{handle.get(), ""};
    hdf5::remove_link(root, "data/demo_1/actions");
    hdf5::write_array(root, "data/demo_1/actions", Store::kFloat64, 4, 3,
                      std::vector<double>(12, value).data());
  };
  {
    const Handle handle = hdf5::open_file_to_fill(file);
    hdf5::write_names({handle.get(), ""}, "data/demo_1/obs/words", {"a", "b", "c", "d", "e"});
  }
  with_actions(-1.0000002);
  {
    const DemonstrationReader reader(file);
    CHECK(reader.skipped_fields() == std::vector<std::string>{"agentview_image", "words"});
    CHECK(reader.read(0).actions == Matrix::Constant(4, 3, -1));
  }
  with_actions(1.00001);
  CHECK_THROWS_WITH(DemonstrationReader(file).read(0),
                    ContainsSubstring("found 1.00001001 (absolute) in row 0"));
}

TEST_CASE("recording into a file of others is refused and leaves it untouched") {
  const TemporaryDirectory directory;
  const fs::path file = directory / "lift.hdf5";
  write_robomimic(file, Next::kNextObs);
  const std::string bytes = content(file);
  REQUIRE_THROWS_WITH(DemonstrationWriter(file, sample_header()),
                      ContainsSubstring("want a dataset that understudy"));
  REQUIRE(content(file) == bytes);
}

TEST_CASE("other layouts are called by their names") {
  const TemporaryDirectory directory;
  const fs::path file = directory / "other.hdf5";
  std::string complaint;
  {
    const Handle handle = hdf5::create_file(file);
    const Place root{handle.get(), ""};
    SECTION("Minari") {
      hdf5::create_group(root, "episode_0");
      complaint = "found a Minari dataset";
    }
    SECTION("D4RL") {
      const std::vector<float> values(4, 0.0F);
      hdf5::write_array(root, "observations", Store::kFloat32, 2, 2, values.data());
      hdf5::write_array(root, "terminals", Store::kFloat32, 2, 0, values.data());
      complaint = "found a flat D4RL file";
    }
    SECTION("robosuite's raw recordings, which have no observations") {
      hdf5::create_group(root, "data");
      const Handle demo = hdf5::create_group(root, "data/demo_1");
      const std::vector<float> values(4, 0.0F);
      hdf5::write_array({demo.get(), ""}, "actions", Store::kFloat32, 2, 2, values.data());
      complaint = "/data/demo_1/obs: want a group of observations, found none; extract observations first";
    }
  }
  REQUIRE_THROWS_WITH(DemonstrationReader(file), ContainsSubstring(complaint));
}
