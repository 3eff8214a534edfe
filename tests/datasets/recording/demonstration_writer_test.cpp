#include <signal.h>
#include <sys/resource.h>

#include "datasets/curation/validation.h"
#include "datasets/format/dataset_paths.h"
#include "datasets/format/demonstration_reader.h"
#include "datasets/recording/demonstration_writer.h"
#include "datasets/storage/sha256.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/sample_data.h"
#include "tests/support/temporary_directory.h"

using namespace understudy;
using namespace understudy::tests;
namespace fs = std::filesystem;

namespace {

/// Records, packs and closes.
void make_dataset(const fs::path& file, const std::vector<Episode>& episodes) {
  DemonstrationWriter writer(file, sample_header());
  for (const Episode& episode : episodes) record(writer, episode);
  writer.pack();
}

std::vector<Episode> good_episodes(int count, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<Episode> episodes;
  for (int i = 0; i < count; ++i) episodes.push_back(good_episode(sample_header(), 5 + i, rng));
  return episodes;
}

void require_holds(const fs::path& file, const std::vector<Episode>& episodes) {
  const DemonstrationReader reader(file);
  REQUIRE(reader.size() == static_cast<int>(episodes.size()));
  for (int i = 0; i < reader.size(); ++i) {
    CAPTURE(i);
    REQUIRE(difference(reader.read(i), episodes[static_cast<std::size_t>(i)]) == "");
    REQUIRE(reader.checksum(i) == episode_sha256(episodes[static_cast<std::size_t>(i)]));
    REQUIRE(reader.name(i) == "demo_" + std::to_string(i));
  }
  REQUIRE(validate(file) == std::vector<std::string>{});
}

/// Lowers the process's file size limit, as a full disk would, for as long as it lives.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : old_handler_(signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{bytes, old_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &old_);
    signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_{};
  void (*old_handler_)(int);
};

}  // namespace

TEST_CASE("what was recorded is read back bit for bit, whatever the lengths and values") {
  const auto seed = GENERATE(range(0, 20));
  CAPTURE(seed);
  Rng rng(static_cast<std::uint64_t>(seed));
  const TemporaryDirectory directory;
  std::vector<Episode> episodes;
  const int count = 1 + static_cast<int>(rng.below(6));
  for (int i = 0; i < count; ++i) {
    episodes.push_back(sample_episode(sample_header(), 1 + static_cast<int>(rng.below(400)), rng));
  }
  make_dataset(directory / "demos.h5", episodes);
  require_holds(directory / "demos.h5", episodes);
  REQUIRE(listing(directory.path()) == std::vector<std::string>{"demos.h5"});
}

TEST_CASE("an episode that was not varied has the checksum and the attributes it always had") {
  Rng rng(3);
  Episode episode = good_episode(sample_header(), 5, rng);
  episode.variation.clear();
  const TemporaryDirectory directory;
  make_dataset(directory / "demos.h5", {episode});
  CHECK(content(directory / "demos.h5").find("variation") == std::string::npos);
  Episode varied = episode;
  varied.variation = "{\"physics.mass\":1.5}";
  CHECK(episode_sha256(varied) != episode_sha256(episode));
}

TEST_CASE("the header survives the file") {
  const TemporaryDirectory directory;
  make_dataset(directory / "demos.h5", good_episodes(1, 1));
  const DatasetHeader want = sample_header();
  const DemonstrationReader reader(directory / "demos.h5");
  const DatasetHeader& found = reader.header();
  REQUIRE(header_mismatch(want, found) == "");
  REQUIRE(found.observation == want.observation);
  REQUIRE(found.action == want.action);
  REQUIRE(found.device == want.device);
  REQUIRE(found.binding == want.binding);
  REQUIRE(found.program_version == want.program_version);
}

TEST_CASE("recording the same episodes twice gives byte-identical files") {
  const TemporaryDirectory directory;
  make_dataset(directory / "a.h5", good_episodes(5, 3));
  make_dataset(directory / "b.h5", good_episodes(5, 3));
  REQUIRE(content(directory / "a.h5") == content(directory / "b.h5"));
  REQUIRE(DemonstrationReader(directory / "a.h5").sha256() ==
          DemonstrationReader(directory / "b.h5").sha256());
}

TEST_CASE("a second session appends to the first") {
  const TemporaryDirectory directory;
  auto episodes = good_episodes(3, 4);
  make_dataset(directory / "demos.h5", episodes);
  const auto more = good_episodes(2, 5);
  {
    DemonstrationWriter writer(directory / "demos.h5", sample_header());
    REQUIRE(writer.episodes() == 3);
    REQUIRE(record(writer, more[0]) == 4);
    REQUIRE(record(writer, more[1]) == 5);
    writer.pack();
  }
  episodes.insert(episodes.end(), more.begin(), more.end());
  require_holds(directory / "demos.h5", episodes);
}

TEST_CASE("packing in the middle of a session and of an episode changes nothing in the end") {
  const TemporaryDirectory directory;
  const auto episodes = good_episodes(4, 6);
  {
    DemonstrationWriter writer(directory / "demos.h5", sample_header());
    record(writer, episodes[0]);
    record(writer, episodes[1]);
    writer.pack();
    record(writer, episodes[2]);
    append(writer, episodes[3]);
    writer.pack();
    require_holds(directory / "demos.h5", {episodes[0], episodes[1], episodes[2]});
    REQUIRE(writer.commit_episode({.terminated = true, .truncated = false, .success = true}) == 4);
    writer.pack();
  }
  require_holds(directory / "demos.h5", episodes);
}

TEST_CASE("closing without packing loses nothing") {
  const TemporaryDirectory directory;
  const auto episodes = good_episodes(3, 7);
  {
    DemonstrationWriter writer(directory / "demos.h5", sample_header());
    for (const Episode& episode : episodes) record(writer, episode);
  }
  REQUIRE(has_leftovers(directory / "demos.h5"));
  REQUIRE_THROWS_WITH(DemonstrationReader(directory / "demos.h5"), ContainsSubstring("data recover"));
  const RecoveryReport report = recover(directory / "demos.h5");
  REQUIRE(report.parts_packed == 3);
  REQUIRE(report.episodes_recovered == 0);
  REQUIRE_FALSE(has_leftovers(directory / "demos.h5"));
  require_holds(directory / "demos.h5", episodes);
  REQUIRE(recover(directory / "demos.h5").empty());
  // Parts lie beside the file itself, not beside a link to it.
  std::filesystem::create_symlink("demos.h5", directory / "link.h5");
  {
    DemonstrationWriter writer(directory / "link.h5", sample_header());
    record(writer, episodes.front());
  }
  REQUIRE(has_leftovers(directory / "link.h5"));
  REQUIRE(has_leftovers(directory / "demos.h5"));
}

TEST_CASE("a session that saves nothing leaves nothing behind") {
  const TemporaryDirectory directory;
  {
    DemonstrationWriter writer(directory / "demos.h5", sample_header());
    append(writer, good_episodes(1, 8)[0]);
    writer.discard_episode();
    writer.begin_episode(1, Vector::Zero(6), State::Zero(4), "sample");
    REQUIRE(writer.commit_episode({}) == 0);
    writer.pack();
  }
  REQUIRE(listing(directory.path()).empty());
}

TEST_CASE("undo takes saved episodes out in reverse order, across sessions, and restore brings them back") {
  const TemporaryDirectory directory;
  const fs::path file = directory / "demos.h5";
  const auto episodes = good_episodes(4, 9);
  make_dataset(file, {episodes[0], episodes[1]});
  {
    DemonstrationWriter writer(file, sample_header());
    record(writer, episodes[2]);
    record(writer, episodes[3]);
    const auto before = content(file);
    for (int left = 3; left >= 1; --left) {
      REQUIRE(writer.undo_last());
      REQUIRE(writer.episodes() == left);
    }
    REQUIRE(content(file) == before);
    writer.pack();
  }
  require_holds(file, {episodes[0]});
  REQUIRE(undone_episodes(file) == 3);
  REQUIRE(restore_undone(file, 2) == 2);
  require_holds(file, {episodes[0], episodes[1], episodes[2]});
  REQUIRE(restore_undone(file, 5) == 1);
  require_holds(file, episodes);
  REQUIRE(undone_episodes(file) == 0);
  REQUIRE(listing(directory.path()) == std::vector<std::string>{"demos.h5"});
}

TEST_CASE("undoing every episode removes the file but not the episodes") {
  const TemporaryDirectory directory;
  const fs::path file = directory / "demos.h5";
  const auto episodes = good_episodes(2, 10);
  make_dataset(file, episodes);
  {
    DemonstrationWriter writer(file, sample_header());
    REQUIRE(writer.undo_last());
    REQUIRE(writer.undo_last());
    REQUIRE_FALSE(writer.undo_last());
    writer.pack();
  }
  REQUIRE_FALSE(fs::exists(file));
  REQUIRE(restore_undone(file, 2) == 2);
  require_holds(file, episodes);
}

TEST_CASE("an undo without a pack still holds after the session") {
  const TemporaryDirectory directory;
  const fs::path file = directory / "demos.h5";
  const auto episodes = good_episodes(3, 11);
  make_dataset(file, episodes);
  { REQUIRE(DemonstrationWriter(file, sample_header()).undo_last()); }
  DemonstrationWriter writer(file, sample_header());
  REQUIRE(writer.episodes() == 2);
  REQUIRE_FALSE(writer.recovered().empty());
  require_holds(file, {episodes[0], episodes[1]});
}

TEST_CASE("undo is refused while an episode is live") {
  const TemporaryDirectory directory;
  DemonstrationWriter writer(directory / "demos.h5", sample_header());
  const auto episodes = good_episodes(2, 12);
  record(writer, episodes[0]);
  append(writer, episodes[1]);
  REQUIRE_THROWS_WITH(writer.undo_last(), ContainsSubstring("live"));
  REQUIRE(writer.episodes() == 1);
}

TEST_CASE("masks hold successful episodes only, disjoint, with one in ten held out") {
  const TemporaryDirectory directory;
  Rng rng(13);
  int successes = 0;
  {
    DemonstrationWriter writer(directory / "demos.h5", sample_header());
    for (int i = 0; i < 40; ++i) {
      const Episode episode = sample_episode(sample_header(), 3, rng);
      successes += episode.success ? 1 : 0;
      record(writer, episode);
    }
    REQUIRE(writer.successes() == successes);
    writer.pack();
  }
  const DemonstrationReader reader(directory / "demos.h5");
  REQUIRE(reader.masks() == std::vector<std::string>{"train", "valid"});
  const auto train = reader.mask("train");
  const auto valid = reader.mask("valid");
  REQUIRE(static_cast<int>(train.size() + valid.size()) == successes);
  REQUIRE(static_cast<int>(valid.size()) == (successes + 5) / 10);
  for (const auto& indices : {train, valid}) {
    for (const int index : indices) REQUIRE(reader.summary(index).success);
  }
  for (const int index : valid) REQUIRE(std::find(train.begin(), train.end(), index) == train.end());
}

TEST_CASE("two recorders cannot write the same dataset, and the second may once the first is done") {
  const TemporaryDirectory directory;
  {
    const DemonstrationWriter first(directory / "demos.h5", sample_header());
    REQUIRE_THROWS_WITH(DemonstrationWriter(directory / "demos.h5", sample_header()),
                        ContainsSubstring("another process is recording"));
    REQUIRE_THROWS_WITH(recover(directory / "demos.h5"), ContainsSubstring("another process is recording"));
  }
  REQUIRE_NOTHROW(DemonstrationWriter(directory / "demos.h5", sample_header()));
}

TEST_CASE("a dataset of another task is refused in one line, and set aside only with force") {
  const TemporaryDirectory directory;
  const fs::path file = directory / "demos.h5";
  const auto episodes = good_episodes(2, 14);
  make_dataset(file, episodes);
  const auto bytes = content(file);
  DatasetHeader other = sample_header();
  std::string complaint;
  SECTION("another task") {
    other.environment_id = "Elsewhere";
    complaint = "want task \"Sample\", found \"Elsewhere\"";
  }
  SECTION("another observation") {
    other.observation = Space({{.name = "position", .size = 2, .unit = "m", .meaning = ""}});
    complaint = "observation: want field heading[1], found none";
  }
  SECTION("another rate") {
    other.control_rate = 60;
    complaint = "want control_rate 30.0, found 60.0";
  }
  REQUIRE_THROWS_WITH(DemonstrationWriter(file, other),
                      ContainsSubstring(complaint) && ContainsSubstring("--force"));
  REQUIRE(content(file) == bytes);
  {
    DemonstrationWriter writer(file, other, {.force = true});
    REQUIRE(writer.episodes() == 0);
    REQUIRE(writer.recovered().notes.size() == 1);
  }
  REQUIRE(content(file.string() + ".replaced-1") == bytes);
}

TEST_CASE("a file that is not a dataset is refused and untouched, and set aside with force") {
  const TemporaryDirectory directory;
  const fs::path file = directory / "notes.txt";
  write_content(file, "my notes\n");
  REQUIRE_THROWS_WITH(DemonstrationWriter(file, sample_header()), ContainsSubstring("want an HDF5 file"));
  REQUIRE(listing(directory.path()) == std::vector<std::string>{"notes.txt"});
  const auto episodes = good_episodes(1, 15);
  {
    DemonstrationWriter writer(file, sample_header(), {.force = true});
    record(writer, episodes[0]);
    writer.pack();
  }
  REQUIRE(content(file.string() + ".replaced-1") == "my notes\n");
  require_holds(file, episodes);
}

TEST_CASE("a missing directory is named before anything is recorded") {
  const TemporaryDirectory directory;
  REQUIRE_THROWS_WITH(DemonstrationWriter(directory.path() / "no" / "demos.h5", sample_header()),
                      ContainsSubstring("no such directory"));
}

TEST_CASE("a bad step is refused with demo, array and row, and the episode goes on without it") {
  const TemporaryDirectory directory;
  DemonstrationWriter writer(directory / "demos.h5", sample_header());
  const Episode episode = good_episodes(1, 16)[0];
  append(writer, episode);
  Vector action = Vector::Zero(2);
  Vector observation = Vector::Zero(6);
  State state = State::Zero(4);
  Vector axes = Vector::Zero(6);
  Vector buttons = Vector::Zero(15);
  float reward = 0;
  std::string complaint;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  SECTION("NaN in an observation") {
    observation(3) = nan;
    complaint = "/data/demo_0/obs: want finite values, found NaN or infinity in row 5";
  }
  SECTION("infinite state") {
    state(0) = std::numeric_limits<double>::infinity();
    complaint = "/data/demo_0/states: want finite values";
  }
  SECTION("NaN reward") {
    reward = nan;
    complaint = "/data/demo_0/rewards: want a finite value";
  }
  SECTION("action out of range") {
    action(1) = -1.5F;
    complaint = "/data/demo_0/actions: want values in [-1, 1], found 1.5";
  }
  SECTION("observation of another size") {
    observation = Vector::Zero(5);
    complaint = "/data/demo_0/obs: want 6 entries, found 5";
  }
  SECTION("another number of axes") {
    axes = Vector::Zero(4);
    complaint = "/data/demo_0/infos/axes: want 6 entries, found 4";
  }
  REQUIRE_THROWS_WITH(writer.append_step({.action = action,
                                          .reward = reward,
                                          .next_observation = observation,
                                          .next_state = state,
                                          .axes = axes,
                                          .buttons = buttons}),
                      ContainsSubstring(complaint));
  REQUIRE(writer.commit_episode({.terminated = true, .truncated = false, .success = true}) == 1);
  writer.pack();
  require_holds(directory / "demos.h5", {episode});
}

TEST_CASE("a disk that fills up while recording costs no step that was accepted") {
  const TemporaryDirectory directory;
  const fs::path file = directory / "demos.h5";
  const auto episodes = good_episodes(2, 17);
  Rng rng(18);
  Episode longer = good_episode(sample_header(), 300, rng);
  DemonstrationWriter writer(file, sample_header());
  record(writer, episodes[0]);
  int accepted = 0;
  {
    const FileSizeLimit limit(20000);
    REQUIRE_THROWS_WITH(append(writer, longer), ContainsSubstring("saved episodes are safe"));
    accepted = writer.steps();
    REQUIRE(accepted > 10);
    REQUIRE(accepted < 300);
  }
  REQUIRE(writer.commit_episode({.terminated = true, .truncated = false, .success = true}) == 2);
  writer.pack();
  const auto kept = static_cast<std::size_t>(accepted);
  longer.observations.conservativeResize(accepted + 1, Eigen::NoChange);
  longer.actions.conservativeResize(accepted, Eigen::NoChange);
  longer.states.conservativeResize(accepted + 1, Eigen::NoChange);
  longer.info.axes.conservativeResize(accepted, Eigen::NoChange);
  longer.info.buttons.conservativeResize(accepted, Eigen::NoChange);
  longer.rewards.resize(kept);
  longer.info.timestamp.resize(kept);
  longer.info.input_age.resize(kept);
  longer.info.overrun.resize(kept);
  longer.info.intervention.resize(kept);
  require_holds(file, {episodes[0], longer});
}

TEST_CASE("a disk that is too full to save or pack loses nothing and the same call works later") {
  const TemporaryDirectory directory;
  const fs::path file = directory / "demos.h5";
  const auto episodes = good_episodes(4, 19);
  make_dataset(file, {episodes[0]});
  const auto bytes = content(file);
  DemonstrationWriter writer(file, sample_header());
  record(writer, episodes[1]);
  append(writer, episodes[2]);
  const EpisodeEnd end{.terminated = true, .truncated = false, .success = true};
  {
    const FileSizeLimit limit(8000);  // enough for the journal's end, too little for a part
    REQUIRE_THROWS_WITH(writer.commit_episode(end), ContainsSubstring("saved episodes are safe"));
  }
  REQUIRE(writer.episodes() == 2);
  REQUIRE(writer.commit_episode(end) == 3);
  {
    const FileSizeLimit limit(20000);
    REQUIRE_THROWS_WITH(writer.pack(), ContainsSubstring("saved episodes are safe"));
  }
  REQUIRE(content(file) == bytes);
  REQUIRE(record(writer, episodes[3]) == 4);
  writer.pack();
  require_holds(file, episodes);
}

TEST_CASE("an episode whose end was written but that could not be saved is recovered as saved") {
  const TemporaryDirectory directory;
  const fs::path file = directory / "demos.h5";
  const auto episodes = good_episodes(1, 20);
  {
    DemonstrationWriter writer(file, sample_header());
    append(writer, episodes[0]);
    const FileSizeLimit limit(8000);
    REQUIRE_THROWS(writer.commit_episode({.terminated = true, .truncated = false, .success = true}));
  }
  REQUIRE(recover(file).parts_packed == 1);
  require_holds(file, episodes);
}

TEST_CASE("a dataset behind a symbolic link is replaced where it lies") {
  const TemporaryDirectory directory;
  fs::create_directory(directory / "real");
  const fs::path real = directory.path() / "real" / "demos.h5";
  fs::create_symlink(real, directory / "link.h5");
  const auto episodes = good_episodes(2, 21);
  make_dataset(real, {episodes[0]});
  {
    DemonstrationWriter writer(directory / "link.h5", sample_header());
    record(writer, episodes[1]);
    writer.pack();
  }
  REQUIRE(fs::is_symlink(directory / "link.h5"));
  require_holds(real, episodes);
}
