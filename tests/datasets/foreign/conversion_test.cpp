#include "datasets/foreign/conversion.h"

#include <algorithm>
#include <functional>
#include <limits>

#include "datasets/curation/dataset_edit.h"
#include "datasets/curation/validation.h"
#include "datasets/foreign/robomimic_export.h"
#include "datasets/format/demonstration_reader.h"
#include "datasets/storage/hdf5_file.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/foreign_samples.h"
#include "tests/support/sample_data.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

namespace fs = std::filesystem;

Conversion bring_in(const fs::path& from, const fs::path& to, const std::optional<DatasetHeader>& task,
                    const std::vector<std::string>& pairs = {}, ConversionOptions options = {}) {
  const auto source = open_source(from);
  std::vector<FieldPair> parsed;
  for (const std::string& pair : pairs) parsed.push_back(parse_field_pair(pair));
  return convert(*source, map_fields(source->description(), task, parsed), from, to, options);
}

/// The first `steps` transitions hold the same bits.
void check_same(const Episode& found, const Episode& want, int steps) {
  REQUIRE(found.length() == steps);
  CHECK(found.observations == want.observations.topRows(steps + 1));
  CHECK(found.actions == want.actions.topRows(steps));
}

bool has_word(const std::vector<std::string>& words, const std::string& part) {
  return std::any_of(words.begin(), words.end(),
                     [&](const auto& w) { return w.find(part) != std::string::npos; });
}

}  // namespace

TEST_CASE("every layout comes in with its transitions to the last bit, and keeps the contract") {
  const TemporaryDirectory scratch;
  const std::vector<Episode> episodes = foreign_episodes(1);
  const DatasetHeader task = sample_header();
  fs::path file = scratch / "theirs.hdf5";
  std::vector<std::string> pairs;
  int lost = 0;  // steps at the end of an episode, whose outcome is not in the file
  bool rewards = true, seeds = false, ends = false, success = true;
  SECTION("robomimic") {
    write_robomimic(file, episodes, task.observation);
  }
  SECTION("robosuite's recordings") {
    write_robosuite(file, episodes);
    lost = 1;
    rewards = false;
  }
  SECTION("Isaac Lab") {
    write_isaaclab(file, episodes, task.observation);
    for (const char* name : {"position", "heading", "goal"})
      pairs.push_back(std::string(name) + "=policy/" + name);
    lost = 1;
    rewards = false;
  }
  SECTION("Minari") {
    file = scratch / "maze-v0";
    write_minari(file, episodes, task.observation);
    pairs = {"heading=rest/_index_0", "goal=rest/_index_1"};
    seeds = ends = true;
  }
  SECTION("D4RL") {
    write_d4rl(file, episodes, true, true);
    ends = true;
    success = false;
  }
  SECTION("D4RL without next observations") {
    write_d4rl(file, episodes, false, true);
    lost = 1;
    success = false;
  }
  SECTION("ML-Agents") {
    file = scratch / "crawler.demo";
    write_content(file, mlagents_recording(episodes));
    ends = true;
    success = false;
  }
  const fs::path out = scratch / "ours.h5";
  const Conversion done = bring_in(file, out, task, pairs);
  CHECK(done.episodes == 3);
  CHECK(done.successes == (success ? 3 : 0));
  CHECK(done.unknown == (success ? 0 : 3));
  CHECK_FALSE(done.rounded);
  CHECK(validate(out).empty());
  CHECK(listing(scratch / "ours.h5.parts").empty());
  const DemonstrationReader reader(out);
  CHECK(reader.is_ours());
  CHECK(reader.header().observation == task.observation);
  CHECK(reader.header().environment_id == "Sample");
  for (int i = 0; i < 3; ++i) {
    const Episode& want = episodes[static_cast<std::size_t>(i)];
    const Episode found = reader.read(i);
    check_same(found, want, want.length() - lost);
    if (rewards) {
      CHECK(std::equal(found.rewards.begin(), found.rewards.end(), want.rewards.begin()));
    } else {
      CHECK(found.rewards == std::vector<float>(found.rewards.size(), 0.0F));
    }
    if (seeds) CHECK(found.seed == want.seed);
    CHECK(found.terminated == (ends && want.terminated));
    CHECK(found.truncated != found.terminated);
    CHECK(found.success == success);
  }
}

TEST_CASE("without a task the fields of the file are those of the dataset, in the order of their names") {
  const TemporaryDirectory scratch;
  const std::vector<Episode> episodes = foreign_episodes(2);
  write_robomimic(scratch / "theirs.hdf5", episodes, sample_header().observation);
  bring_in(scratch / "theirs.hdf5", scratch / "ours.h5", std::nullopt, {"where=position"});
  const DemonstrationReader reader(scratch / "ours.h5");
  const auto& fields = reader.header().observation.fields();
  REQUIRE(fields.size() == 3);
  CHECK(fields[0].name == "goal");
  CHECK(fields[1].name == "heading");
  CHECK(fields[2].name == "where");
  CHECK(reader.header().environment_id.empty());
  CHECK(reader.header().control_rate == 20);
  CHECK(reader.header().horizon == 400);
  const Episode found = reader.read(0);
  CHECK(found.observations.leftCols(3) == episodes[0].observations.rightCols(3));
  CHECK(found.observations.rightCols(2) == episodes[0].observations.leftCols(2));
  CHECK(validate(scratch / "ours.h5").empty());

  DemonstrationReader fitted(scratch / "ours.h5");  // and can be read as a task's that has these fields
  const DatasetHeader task = sample_header();
  CHECK_THROWS_WITH(fitted.fit(task.observation, task.action), ContainsSubstring("position"));
}

TEST_CASE("lists of episodes come along, and failed ones are neither trained on nor held out") {
  const TemporaryDirectory scratch;
  write_robomimic(scratch / "theirs.hdf5", foreign_episodes(3), sample_header().observation);
  {
    const hdf5::Handle file = hdf5::open_file_to_fill(scratch / "theirs.hdf5");
    hdf5::write_bool({file.get(), ""}, "unused", true);
    const auto demo = hdf5::open_group({file.get(), ""}, "data/demo_2");
    hdf5::write_bool({demo->get(), ""}, "success", false);
  }
  const Conversion done = bring_in(scratch / "theirs.hdf5", scratch / "ours.h5", sample_header());
  const DemonstrationReader reader(scratch / "ours.h5");
  CHECK(reader.mask("train") == std::vector<int>{0});
  CHECK(reader.mask("half") == std::vector<int>{1});
  CHECK(has_word(done.words, "mask train: 1 episodes"));
  CHECK(validate(scratch / "ours.h5").empty());
}

TEST_CASE("actions outside [-1, 1] are refused, or rescaled by a scale that the file keeps") {
  const TemporaryDirectory scratch;
  std::vector<Episode> episodes = foreign_episodes(4);
  const std::vector<Episode> before = episodes;
  for (Episode& episode : episodes)
    episode.actions.col(1) = (episode.actions.col(1).array() * 4 + 2).matrix();
  const fs::path theirs = scratch / "theirs.hdf5";
  write_d4rl(theirs, episodes, true, true);
  CHECK_THROWS_WITH(
      bring_in(theirs, scratch / "ours.h5", sample_header()),
      ContainsSubstring("actions[1]: want actions in [-1, 1]") && ContainsSubstring("--rescale"));
  CHECK_FALSE(fs::exists(scratch / "ours.h5"));

  const auto source = open_source(theirs);
  const FieldMap map = map_fields(source->description(), sample_header(), {});
  const ActionScale scale = find_action_scale(*source, map);
  CHECK(scale.scale[0] == 1);
  CHECK(scale.offset[0] == 0);
  convert(*source, map, theirs, scratch / "ours.h5", {.scale = scale});
  const DemonstrationReader reader(scratch / "ours.h5");
  const ActionScale kept = action_scale_from_json(reader.header().action_scale, 2, "ours.h5");
  CHECK(kept.scale == scale.scale);
  CHECK(kept.offset == scale.offset);
  float low = 1, high = -1;
  for (int i = 0; i < 3; ++i) {
    const Episode& want = episodes[static_cast<std::size_t>(i)];
    const Episode found = reader.read(i);
    CHECK(found.actions.col(0) == want.actions.col(0));
    low = std::min(low, found.actions.col(1).minCoeff());
    high = std::max(high, found.actions.col(1).maxCoeff());
    for (int t = 0; t < want.length(); ++t) {
      CHECK(kept.scale[1] * static_cast<double>(found.actions(t, 1)) + kept.offset[1] ==
            Approx(static_cast<double>(want.actions(t, 1))).margin(1e-6));
    }
  }
  CHECK(low == -1);
  CHECK(high == 1);

  write_d4rl(scratch / "inside.hdf5", before, true, true);
  bring_in(scratch / "inside.hdf5", scratch / "inside.h5", sample_header());
  const DatasetEdit merged{.files = {scratch / "inside.h5", scratch / "ours.h5"},
                           .episodes = {{0, 0}, {1, 0}}};
  CHECK_THROWS_WITH(write_edited(merged, scratch / "both.h5"), ContainsSubstring("actions were rescaled"));
}

TEST_CASE("fields are mapped by name and size, by --map, by parts, and by width where there are no names") {
  const DatasetHeader task = sample_header();
  ForeignDescription foreign;
  foreign.action = {{"action", 2}};
  foreign.observation = {{"Goal", 3}, {"heading", 1}, {"pos", 4}, {"touch", 2}};
  CHECK_THROWS_WITH(map_fields(foreign, task, {}), ContainsSubstring("want a field position of 2 entries") &&
                                                       ContainsSubstring("--map position=THEIRS"));
  const FieldMap map = map_fields(foreign, task, {parse_field_pair("position=pos[1:3]")});
  CHECK(map.observation == std::vector<int>{5, 6, 3, 0, 1, 2});
  CHECK(map.action == std::vector<int>{0, 1});
  CHECK(has_word(map.words, "no use for touch[2]"));
  CHECK(has_word(map.words, "by width alone"));  // the action's two

  CHECK_THROWS_WITH(map_fields(foreign, task, {parse_field_pair("position=pos")}),
                    ContainsSubstring("want 2 entries"));
  CHECK_THROWS_WITH(map_fields(foreign, task, {parse_field_pair("position=pos[3:5]")}),
                    ContainsSubstring("want 2 entries"));
  CHECK_THROWS_WITH(map_fields(foreign, task, {parse_field_pair("positon=pos")}),
                    ContainsSubstring("did you mean 'position'"));
  CHECK_THROWS_WITH(map_fields(foreign, task, {parse_field_pair("position=poz[1:3]")}),
                    ContainsSubstring("did you mean 'pos'"));
  for (const char* wrong :
       {"a", "=b", "a=", "a=b[1]", "a=b[2:1]", "a=b[x:2]", "a=b[-1:2]", "a=b[1:99999999999]"})
    CHECK_THROWS_AS(parse_field_pair(wrong), UsageError);

  foreign.has_names = false;
  foreign.observation = {{"observations", 7}};
  CHECK_THROWS_WITH(map_fields(foreign, task, {}), ContainsSubstring("found observations[7]"));
  foreign.observation = {{"observations", 6}};
  CHECK(map_fields(foreign, task, {}).observation == std::vector<int>{0, 1, 2, 3, 4, 5});
}

TEST_CASE("what cannot be brought in is refused in one line that says where and why") {
  const TemporaryDirectory scratch;
  std::vector<Episode> episodes = foreign_episodes(5);
  const DatasetHeader task = sample_header();
  const fs::path file = scratch / "theirs.hdf5";
  const fs::path out = scratch / "ours.h5";
  const auto change = [&](const std::function<void(const hdf5::Place&)>& work) {
    const hdf5::Handle handle = hdf5::open_file_to_fill(file);
    work({handle.get(), ""});
  };
  const std::vector<float> four(4, 0.5F);
  const auto four_rows = [&](const std::string& name) {
    change([&](const hdf5::Place& root) {
      hdf5::remove_link(root, name);
      hdf5::write_array(root, name, hdf5::Store::kFloat32, 4, 1, four.data());
    });
  };
  std::string complaint;
  SECTION("a D4RL file that does not say where episodes were cut") {
    write_d4rl(file, episodes, true, false);
    complaint = "theirs.hdf5:/timeouts: want a flag a step, found none: give --episode-steps N";
  }
  SECTION("not a number") {
    episodes[1].observations(2, 3) = std::numeric_limits<float>::quiet_NaN();
    write_robomimic(file, episodes, task.observation);
    complaint =
        "theirs.hdf5:/data/demo_1: goal[0]: want finite values that float32 can hold, found nan in row 2";
  }
  SECTION("lengths that do not match") {
    write_robomimic(file, episodes, task.observation);
    four_rows("data/demo_1/obs/heading");
    complaint = "theirs.hdf5:/data/demo_1/obs/heading: want 6 rows of 1 numbers, found [4, 1]";
  }
  SECTION("rewards of another number") {
    write_d4rl(file, episodes, true, true);
    four_rows("rewards");
    complaint = "theirs.hdf5:/rewards: want 18 numbers, one a step, found [4, 1]";
  }
  SECTION("no actions") {
    write_isaaclab(file, episodes, task.observation);
    change([](const hdf5::Place& root) { hdf5::remove_link(root, "data/demo_0/actions"); });
    complaint = "theirs.hdf5:/data/demo_0/actions: want an array or a group, found none";
  }
  SECTION("no states in a recording of robosuite") {
    write_robosuite(file, episodes);
    change([](const hdf5::Place& root) { hdf5::remove_link(root, "data/demo_1/states"); });
    complaint = "theirs.hdf5:/data/demo_1/obs: want what the actor was given, found none";
  }
  SECTION("another layout") {
    hdf5::create_file(file);
    complaint = "theirs.hdf5: want /data/demo_<n> (robomimic, robosuite, Isaac Lab), /episode_<n>";
  }
  SECTION("no file") {
    complaint = "theirs.hdf5: no such file";
  }
  SECTION("a file that was cut") {
    write_robomimic(file, episodes, task.observation);
    write_content(file, content(file).substr(0, 9000));
    complaint = "theirs.hdf5: want a complete HDF5 file, found one that was cut short";
  }
  REQUIRE_THROWS_WITH(bring_in(file, out, task), ContainsSubstring(complaint));
  CHECK_FALSE(fs::exists(out));
}

TEST_CASE("a recording of ML-Agents that is cut, damaged or discrete is refused where it is so") {
  const TemporaryDirectory scratch;
  const std::string bytes = mlagents_recording(foreign_episodes(6));
  const fs::path file = scratch / "crawler.demo";
  write_content(file, bytes);
  CHECK(open_source(file)->description().task == "Crawler");
  write_content(file, bytes.substr(0, bytes.size() - 10));
  CHECK_THROWS_WITH(open_source(file),
                    ContainsSubstring("to the end of the file: it was cut or is damaged here"));
  write_content(file, bytes.substr(0, bytes.find("vector", 300) - 100));
  CHECK_THROWS_WITH(open_source(file), ContainsSubstring("crawler.demo: "));
  std::string discrete = bytes;
  discrete.replace(discrete.find("Crawler") + 7 + 2, 2, std::string("\x10\x02"));  // num_discrete_actions
  write_content(file, discrete);
  CHECK_THROWS_WITH(open_source(file), ContainsSubstring("choose among kinds (discrete)"));
  write_content(file, "not one");
  CHECK_THROWS_AS(open_source(file), Error);
  write_content(file, "");
  CHECK_THROWS_AS(open_source(file), Error);
}

TEST_CASE("D4RL episodes are cut where the task cut them, and pieces without a transition left out") {
  const TemporaryDirectory scratch;
  write_d4rl(scratch / "theirs.hdf5", foreign_episodes(7), false, false);
  const auto source = open_source(scratch / "theirs.hdf5", {.horizon = 6});
  // Of 5 (terminal), 6 (cut) and 7 (cut after 6): the last one alone has no outcome.
  REQUIRE(source->size() == 3);
  CHECK(source->read(0).actions.rows() == 4);
  CHECK(source->read(1).actions.rows() == 5);
  CHECK(source->read(2).actions.rows() == 5);
  CHECK(has_word(source->description().words, "1 episodes of which no action"));
}

TEST_CASE("what is written for robomimic comes in again as it was") {
  const TemporaryDirectory scratch;
  const std::vector<Episode> episodes = foreign_episodes(8);
  write_d4rl(scratch / "flat.hdf5", episodes, true, true);
  bring_in(scratch / "flat.hdf5", scratch / "ours.h5", sample_header(), {}, {.successful = true});
  CHECK(export_robomimic(scratch / "ours.h5", scratch / "theirs.hdf5", false) == 3);
  CHECK_THROWS_WITH(export_robomimic(scratch / "ours.h5", scratch / "theirs.hdf5", false),
                    ContainsSubstring("there is a file already"));
  bring_in(scratch / "theirs.hdf5", scratch / "again.h5", sample_header());
  const DemonstrationReader one(scratch / "ours.h5"), other(scratch / "again.h5");
  CHECK(other.all_masks() == one.all_masks());
  for (int i = 0; i < 3; ++i) CHECK(difference(one.read(i), other.read(i)).empty());
}

}  // namespace understudy::tests
