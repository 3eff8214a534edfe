#include "datasets/curation/validation.h"

#include <hdf5.h>

#include <nlohmann/json.hpp>

#include "datasets/curation/minari_export.h"
#include "datasets/curation/statistics.h"
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

fs::path make_dataset(const fs::path& file, int episodes) {
  Rng rng(1);
  DemonstrationWriter writer(file, sample_header());
  for (int i = 0; i < episodes; ++i) record(writer, good_episode(sample_header(), 20, rng));
  writer.pack();
  return file;
}

}  // namespace

TEST_CASE("each violation of the contract is found and named") {
  const TemporaryDirectory directory;
  const fs::path file = make_dataset(directory / "demos.h5", 4);
  REQUIRE(validate(file) == std::vector<std::string>{});
  std::string complaint;
  {
    const hdf5::Handle handle = hdf5::open_file_to_fill(file);
    const hdf5::Place root{handle.get(), ""};
    const auto open = [&](const std::string& group) { return std::move(*hdf5::open_group(root, group)); };
    const auto remove = [&](const std::string& name) { H5Ldelete(root.id, name.c_str(), H5P_DEFAULT); };
    const auto replace_integer = [&](const std::string& group, const std::string& name, std::int64_t value) {
      const hdf5::Handle object = open(group);
      H5Adelete(object.get(), name.c_str());
      hdf5::write_integer({object.get(), group}, name, value);
    };
    const std::vector<float> zeros(200, 0.0F);
    const std::vector<double> times{0, 1, 2, 3, 4, 5, 4.5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19};
    SECTION("a gap in the numbering") {
      remove("data/demo_2");
      complaint = "/understudy/checksums: want 3 entries to match the demonstrations, found 4";
    }
    SECTION("a stranger in /data") {
      hdf5::create_group(root, "data/notes");
      complaint = ":/data: want nothing but demo_<number>, found 5 children for 4 demonstrations";
    }
    SECTION("a wrong total") {
      replace_integer("data", "total", 7);
      complaint = ":/data@total: want 80, found 7";
    }
    SECTION("a variation that is no object of numbers") {
      const hdf5::Handle demo = open("data/demo_1");
      H5Adelete(demo.get(), "variation");
      hdf5::write_text({demo.get(), "data/demo_1"}, "variation", "{\"physics.mass\":\"heavy\"}");
      complaint =
          ":/data/demo_1@variation: want a JSON object of numbers, found '{\"physics.mass\":\"heavy\"}'";
    }
    SECTION("env_args without env_kwargs") {
      const hdf5::Handle data = open("data");
      H5Adelete(data.get(), "env_args");
      hdf5::write_text({data.get(), ""}, "env_args", R"({"env_name": "Sample", "type": 2})");
      complaint = ":/data@env_args: want env_kwargs, found none";
    }
    SECTION("a wrong number of samples") {
      replace_integer("data/demo_1", "num_samples", 21);
      complaint = "/data/demo_1@num_samples: want 20, found 21";
    }
    SECTION("an observation field too many") {
      hdf5::write_array(root, "data/demo_1/obs/extra", hdf5::Store::kFloat32, 21, 2, zeros.data());
      complaint = "/data/demo_1/obs/extra: want fields of the observation space only";
    }
    SECTION("an observation row too few") {
      remove("data/demo_1/obs/goal");
      hdf5::write_array(root, "data/demo_1/obs/goal", hdf5::Store::kFloat32, 20, 3, zeros.data());
      complaint = "/data/demo_1/obs/goal: want [21, 3], found [20, 3]";
    }
    SECTION("actions that are not float32") {
      remove("data/demo_1/actions");
      const std::vector<double> actions(40, 0.0);
      hdf5::write_array(root, "data/demo_1/actions", hdf5::Store::kFloat64, 20, 2, actions.data());
      complaint = "/data/demo_1/actions: want entries of type float32";
    }
    SECTION("actions that Minari does not see") {
      remove("episode_1/actions");
      hdf5::write_array(root, "episode_1/actions", hdf5::Store::kFloat32, 20, 2, zeros.data());
      complaint = "/episode_1/actions: want a hard link to ";
    }
    SECTION("a time that goes back") {
      remove("data/demo_1/infos/timestamp");
      hdf5::write_array(root, "data/demo_1/infos/timestamp", hdf5::Store::kFloat64, 20, 0, times.data());
      complaint =
          "/data/demo_1/infos/timestamp: want times that do not decrease, found a step back after row 5";
    }
    SECTION("a changed value") {
      remove("data/demo_1/rewards");
      hdf5::write_array(root, "data/demo_1/rewards", hdf5::Store::kFloat32, 20, 0, zeros.data());
      complaint = "/data/demo_1: the content does not match its checksum";
    }
    SECTION("flags that are no bools") {
      remove("episode_1/terminations");
      const std::vector<std::uint8_t> flags(20, 0);
      hdf5::write_array(root, "episode_1/terminations", hdf5::Store::kUint8, 20, 0, flags.data());
      complaint = "/episode_1/terminations: want entries of type bool";
    }
    SECTION("terminations that contradict the episode") {
      remove("episode_1/terminations");
      const std::vector<std::uint8_t> flags(20, 0);
      hdf5::write_array(root, "episode_1/terminations", hdf5::Store::kBool, 20, 0, flags.data());
      complaint = "/episode_1/terminations: want 1 in row 19, found 0";
    }
    SECTION("overlapping masks") {
      remove("mask/train");
      remove("mask/valid");
      hdf5::write_names(root, "mask/train", {"demo_0", "demo_1"});
      hdf5::write_names(root, "mask/valid", {"demo_1"});
      complaint = ":/mask: want train and valid without a common demonstration, found demo_1";
    }
    SECTION("a mask that names nobody") {
      remove("mask/train");
      hdf5::write_names(root, "mask/train", {"demo_9"});
      complaint = ":/mask/train: want names of demonstrations, found 'demo_9'";
    }
    SECTION("a stranger at the root") {
      hdf5::create_group(root, "episode_4");
      complaint = ":/episode_4: want data, mask, understudy";
    }
  }
  const auto lines = validate(file);
  CAPTURE(lines);
  REQUIRE(std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
    return line.rfind(file.string(), 0) == 0 && line.find(complaint) != std::string::npos;
  }));
}

TEST_CASE("validating what is no dataset gives one line and does not throw") {
  const TemporaryDirectory directory;
  REQUIRE(validate(directory / "no.h5").size() == 1);
  write_content(directory / "text.h5", "text");
  REQUIRE(validate(directory / "text.h5").size() == 1);
}

TEST_CASE(
    "Minari's metadata describes the very file that was recorded, and recording on leaves it as it is") {
  const TemporaryDirectory directory;
  const fs::path file = make_dataset(directory / "demos.h5", 3);
  const fs::path data = export_minari(file, directory / "minari", "understudy/sample-v0", false);
  REQUIRE(data == directory.path() / "minari/understudy/sample-v0/data");
  REQUIRE(fs::equivalent(file, data / "main_data.hdf5"));
  const auto json = nlohmann::json::parse(content(data / "metadata.json"));
  REQUIRE(json["total_episodes"] == 3);
  REQUIRE(json["total_steps"] == 60);
  REQUIRE(json["dataset_id"] == "understudy/sample-v0");
  const auto observation = nlohmann::json::parse(json["observation_space"].get<std::string>());
  REQUIRE(observation["type"] == "Dict");
  REQUIRE(observation["subspaces"]["goal"]["shape"] == std::vector<int>{3});
  const auto action = nlohmann::json::parse(json["action_space"].get<std::string>());
  REQUIRE(action["low"] == std::vector<float>{-1, -1});
  REQUIRE(action["high"] == std::vector<float>{1, 1});

  const std::string bytes = content(file);
  Rng rng(2);
  {
    DemonstrationWriter writer(file, sample_header());
    record(writer, good_episode(sample_header(), 20, rng));
    writer.pack();
  }
  REQUIRE(content(data / "main_data.hdf5") == bytes);
  REQUIRE_THROWS_WITH(export_minari(file, directory / "minari", "understudy/sample-v0", false),
                      ContainsSubstring("exists already"));
  export_minari(file, directory / "minari", "understudy/sample-v0", true);
  REQUIRE(DemonstrationReader(data / "main_data.hdf5").size() == 4);
}

TEST_CASE("a Minari id that Minari would refuse is refused before anything is written") {
  const TemporaryDirectory directory;
  const fs::path file = make_dataset(directory / "demos.h5", 1);
  REQUIRE(minari_id("Drive") == "understudy/drive-v0");
  for (const char* id : {"sample", "sample-v", "../sample-v0", "a b-v0", ""}) {
    CAPTURE(id);
    REQUIRE_THROWS_AS(export_minari(file, directory / "minari", id, false), UsageError);
  }
  REQUIRE_FALSE(fs::exists(directory / "minari"));
}

TEST_CASE("statistics of a dataset are those of its episodes") {
  const TemporaryDirectory directory;
  Rng rng(3);
  Episode first = good_episode(sample_header(), 2, rng);
  Episode second = good_episode(sample_header(), 3, rng);
  first.rewards = {1.0F, 2.0F};
  second.rewards = {-1.0F, 0.5F, 0.0F};
  first.info.timestamp = {0.0, 0.05};
  second.info.timestamp = {0.0, 0.02, 0.1};
  first.info.overrun = {0, 1};
  second.info.overrun = {1, 0, 1};
  second.info.input_age = {0.001, 0.002, 0.003};
  first.info.input_age = {0.004, 0.005};
  second.success = false;
  {
    DemonstrationWriter writer(directory / "demos.h5", sample_header());
    record(writer, first);
    record(writer, second);
    writer.pack();
  }
  const DatasetStatistics s = statistics(DemonstrationReader(directory / "demos.h5"));
  REQUIRE(s.episodes == 2);
  REQUIRE(s.successes == 1);
  REQUIRE(s.recovered == 0);
  REQUIRE(s.steps == 5);
  REQUIRE(s.length.mean == 2.5);
  REQUIRE(s.episode_return.low == -0.5);
  REQUIRE(s.episode_return.high == 3.0);
  // One interval of 0.05 s, and two in 0.1 s: 20 Hz both.
  REQUIRE(s.rate.low == Approx(20));
  REQUIRE(s.rate.high == Approx(20));
  REQUIRE(s.longest_step == Approx(0.08));
  REQUIRE(s.overruns == 3);
  REQUIRE(s.input_age.mean == Approx(0.003));
}

TEST_CASE("a dataset with one demonstration, or none that succeeded, leaves empty masks out") {
  const TemporaryDirectory directory;
  Rng rng(4);
  {
    DemonstrationWriter writer(directory / "one.h5", sample_header());
    record(writer, good_episode(sample_header(), 3, rng));
    writer.pack();
    Episode failed = good_episode(sample_header(), 3, rng);
    failed.success = false;
    DemonstrationWriter other(directory / "none.h5", sample_header());
    record(other, failed);
    other.pack();
  }
  const DemonstrationReader one(directory / "one.h5");
  REQUIRE(one.masks() == std::vector<std::string>{"train"});
  REQUIRE(one.mask("train") == std::vector<int>{0});
  REQUIRE(one.mask("valid").empty());
  const DemonstrationReader none(directory / "none.h5");
  REQUIRE(none.masks().empty());
  REQUIRE(none.mask("train").empty());
  REQUIRE(validate(directory / "none.h5") == std::vector<std::string>{});
}
