// `data lint`'s checks: each finds the defect that was planted, where it was planted, and nothing else.

#include "datasets/curation/lint.h"

#include <hdf5.h>

#include <algorithm>
#include <cmath>

#include "datasets/curation/dataset_edit.h"
#include "datasets/curation/episode_profile.h"
#include "datasets/recording/demonstration_writer.h"
#include "datasets/storage/hdf5_file.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/sample_data.h"
#include "tests/support/temporary_directory.h"

namespace understudy {
using namespace tests;
namespace {

constexpr int kEpisodes = 12;
constexpr int kSteps = 150;
constexpr double kRate = 30;

DatasetHeader header() {
  DatasetHeader header;
  header.environment_id = "Sample";
  header.observation = Space({{"place", 2, "m", -100, 100, "x, y"}, {"grip", 1, "m", 0, 1, "opening"}});
  header.action = Space({{"dx", 1, "-", -1, 1, "along"}, {"dy", 1, "-", -1, 1, "aside"}});
  header.state_dim = 2;
  header.control_rate = kRate;
  header.horizon = 600;
  return header;
}

/// A smooth way from a start of its own; no two are alike and none has a defect.
Episode clean(int number) {
  Rng rng(static_cast<std::uint64_t>(number) + 1);
  Episode episode;
  const double phase = rng.uniform(0, 6), reach = rng.uniform(1, 2), x = rng.normal(), y = rng.normal();
  episode.observations.resize(kSteps + 1, 3);
  episode.actions.resize(kSteps, 2);
  episode.states = StateMatrix::Zero(kSteps + 1, 2);
  episode.info.axes = Matrix::Zero(kSteps, 6);
  episode.info.buttons = Matrix::Zero(kSteps, 15);
  for (int t = 0; t <= kSteps; ++t) {
    const double angle = phase + 0.06 * t;
    episode.observations.row(t) << static_cast<float>(x + reach * std::cos(angle)),
        static_cast<float>(y + reach * std::sin(angle)),
        static_cast<float>(0.5 + 0.4 * std::sin(0.5 * angle));
    if (t == kSteps) break;
    episode.actions.row(t) << static_cast<float>(-0.5 * std::sin(angle)),
        static_cast<float>(0.5 * std::cos(angle));
    episode.rewards.push_back(1);
    episode.info.timestamp.push_back(t / kRate);
    episode.info.input_age.push_back(0.005);
    episode.info.overrun.push_back(0);
    episode.info.intervention.push_back(1);
  }
  episode.seed = static_cast<std::uint64_t>(number);
  episode.terminated = episode.success = true;
  episode.operator_name = "test";
  return episode;
}

/// A dataset of clean episodes in which `plant` spoils number 5.
class Planted {
 public:
  template <class Plant>
  explicit Planted(const Plant& plant) : file_((scratch_ / "d.h5").string()) {
    DemonstrationWriter writer(file_, header());
    for (int i = 0; i < kEpisodes; ++i) {
      Episode episode = clean(i);
      if (i == 5) plant(episode);
      record(writer, episode);
    }
    writer.pack();
  }
  const std::string& file() const { return file_; }
  LintReport lint(LintOptions options = {}) const {
    if (!options.distance) {
      // One dimension after the other, which is enough to tell near from far.
      options.distance = [](const Matrix& a, const Matrix& b) {
        double sum = 0;
        for (Eigen::Index c = 0; c < a.cols(); ++c) {
          Eigen::VectorXf x = a.col(c), y = b.col(c);
          std::sort(x.begin(), x.end());
          std::sort(y.begin(), y.end());
          sum += static_cast<double>((x - y).cwiseAbs().mean());
        }
        return sum;
      };
    }
    return understudy::lint(DemonstrationReader(file_), options);
  }

 private:
  TemporaryDirectory scratch_;
  std::string file_;
};

/// The only finding of a report, which is about episode 5.
LintFinding only_finding(const LintReport& report, int episode = 5) {
  std::string all;
  std::vector<LintFinding> found;
  for (const LintedEpisode& linted : report.episodes) {
    for (const LintFinding& finding : linted.findings) {
      all += std::to_string(linted.index) + " " + text_of(finding.check).name + ": " + finding.text + "\n";
      if (linted.index == episode) found.push_back(finding);
    }
  }
  INFO(all);
  REQUIRE(report.failed() == 1);
  REQUIRE(found.size() == 1);
  return found[0];
}

/// Of two alike one may be held out.
LintOptions without_leak() {
  LintOptions options;
  for (const LintCheckText& text : lint_checks()) options.checks.insert(text.check);
  options.checks.erase(LintCheck::kLeak);
  return options;
}

void set(const std::string& file, const char* array, const Matrix& values) {
  const hdf5::Handle handle = hdf5::open_file_to_fill(file);
  const hdf5::Handle data(H5Dopen2(handle.get(), array, H5P_DEFAULT), H5Dclose);
  REQUIRE(H5Dwrite(data.get(), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0);
}

}  // namespace

TEST_CASE("lint passes demonstrations without a defect, by every check that it can run") {
  const Planted data([](Episode&) {});
  LintOptions options;
  options.simulate = [](const Episode&, double) { return SimulatedEnd{.success = true}; };
  const LintReport report = data.lint(options);
  CHECK(report.failed() == 0);
  CHECK(report.notes.empty());
  for (const LintCheckText& text : lint_checks()) {
    CAPTURE(text.name);
    // One of the twelve is held out.
    CHECK(report.count(text.check, LintVerdict::kPass) == (text.check == LintCheck::kLeak ? 1 : kEpisodes));
  }
}

TEST_CASE("lint finds a stretch in which nothing moves, and says from which step on") {
  const Planted data([](Episode& episode) {
    for (int t = 41; t <= 110; ++t) episode.observations.row(t) = episode.observations.row(40);
    for (int t = 40; t < 110; ++t) episode.actions.row(t).setZero();
    // On from there without a jump, by the same way back.
    for (int t = 111; t <= kSteps; ++t) episode.observations.row(t) = episode.observations.row(150 - t);
  });
  const LintFinding finding = only_finding(data.lint());
  CHECK(finding.check == LintCheck::kIdle);
  // The action changes at step 40, so 69 steps follow.
  CHECK(finding.value == Approx(69 / kRate));
  CHECK_THAT(finding.text, ContainsSubstring("from step 41 on"));
}

TEST_CASE("lint finds an action that stands at its limit, and one that stands still") {
  const Planted clipped([](Episode& episode) {
    for (int t = 0; t < kSteps; ++t) episode.actions(t, 1) = t % 50 == 0 ? 0.9F : t % 2 == 0 ? 1.0F : 0.9995F;
  });
  const LintFinding at_limit = only_finding(clipped.lint());
  CHECK(at_limit.check == LintCheck::kClipped);
  CHECK(at_limit.value == Approx(147.0 / 150));
  CHECK_THAT(at_limit.text, StartsWith("action/dy"));
  const Planted still([](Episode& episode) { episode.actions.col(0).tail(kSteps - 10).setConstant(0.25F); });
  const LintFinding stuck = only_finding(still.lint());
  CHECK(stuck.check == LintCheck::kStuck);
  CHECK_THAT(stuck.text,
             ContainsSubstring("action/dx keeps one value for 140 of 150 steps, from step 10 on"));
  const Planted sensor([](Episode& episode) { episode.observations.col(2).setConstant(0.5F); });
  CHECK_THAT(only_finding(sensor.lint()).text, StartsWith("obs/grip keeps one value"));
}

TEST_CASE("lint finds a jump of an observation and of an action") {
  const Planted seen([](Episode& episode) { episode.observations(77, 1) += 8; });
  const LintFinding jump = only_finding(seen.lint());
  CHECK(jump.check == LintCheck::kJump);
  CHECK_THAT(jump.text, StartsWith("obs/place[1] changes by"));
  CHECK_THAT(jump.text, ContainsSubstring("at step 7"));
  const Planted done([](Episode& episode) {
    episode.actions(30, 0) = 1;
    episode.actions(31, 0) = -1;
  });
  const LintFinding turn = only_finding(done.lint());
  CHECK(turn.check == LintCheck::kJump);
  CHECK_THAT(turn.text, StartsWith("action/dx changes by 2 at step 31"));
}

TEST_CASE("lint finds steps that came late, missed deadlines and a clock that goes backwards") {
  const auto late = [](int steps) {
    return [steps](Episode& episode) {
      for (int t = 0; t < steps; ++t)
        for (int after = 10 * t + 20; after < kSteps; ++after) episode.info.timestamp[after] += 0.1;
    };
  };
  // Two of 150 are over 1 %, one is not.
  CHECK(only_finding(Planted(late(2)).lint()).check == LintCheck::kTiming);
  CHECK(Planted(late(1)).lint().failed() == 0);
  const Planted overran([](Episode& episode) { std::fill_n(episode.info.overrun.begin() + 5, 4, 1); });
  const LintFinding finding = only_finding(overran.lint());
  CHECK(finding.check == LintCheck::kTiming);
  CHECK(finding.value == Approx(4.0 / 150));
  const Planted backwards([](Episode& episode) { episode.info.timestamp[60] = 0; });
  CHECK(only_finding(backwards.lint()).text == "its clock goes backwards");
}

TEST_CASE("lint finds observations beyond their range and actions that no array may have") {
  const Planted data([](Episode& episode) { episode.observations.col(2).array() += 0.45F; });
  const LintFinding finding = only_finding(data.lint());
  CHECK(finding.check == LintCheck::kRange);
  CHECK_THAT(finding.text, StartsWith("obs/grip is 1."));
  const Planted spoilt([](Episode&) {});
  Matrix actions = clean(5).actions;
  actions(7, 1) = 1.5F;
  set(spoilt.file(), "/data/demo_5/actions", actions);
  const LintFinding unreadable = only_finding(spoilt.lint());
  CHECK(unreadable.check == LintCheck::kRange);
  CHECK_THAT(unreadable.text, ContainsSubstring("demo_5/actions"));
  LintOptions without;
  without.checks = {LintCheck::kIdle};
  CHECK_THROWS_AS(spoilt.lint(without), Error);
}

TEST_CASE("lint finds an episode that is in the file twice, and with a threshold one that nearly is") {
  const Planted twice([](Episode& episode) { episode = clean(2); });
  const LintFinding same = only_finding(twice.lint(without_leak()));
  CHECK(same.check == LintCheck::kDuplicate);
  CHECK(same.text == "is the same as demo_2, bit for bit");
  const Planted nearly([](Episode& episode) {
    episode = clean(2);
    episode.observations.array() += 1e-4F;
  });
  LintOptions options = without_leak();
  CHECK(nearly.lint(options).failed() == 0);
  for (const LintCheckText& text : lint_checks()) options.thresholds.push_back(text.threshold);
  options.thresholds[static_cast<std::size_t>(LintCheck::kDuplicate)] = 0.001;
  const LintFinding near = only_finding(nearly.lint(options));
  CHECK(near.check == LintCheck::kDuplicate);
  CHECK_THAT(near.text, StartsWith("is a copy of demo_2 but for"));
}

TEST_CASE("lint finds an episode held out that is a copy of one trained on") {
  const Planted data([](Episode& episode) {
    episode = clean(2);
    episode.observations.array() += 1e-4F;
  });
  const DemonstrationReader reader(data.file());
  DatasetEdit edit{.files = {data.file()}, .episodes = all_episodes(reader)};
  edit.change_masks = [](NamedMasks& masks) { masks = {{"train", {0, 1, 2, 3}}, {"valid", {5, 6}}}; };
  write_edited(edit, data.file(), {.force = true});
  const LintReport report = data.lint();
  const LintFinding finding = only_finding(report);
  CHECK(finding.check == LintCheck::kLeak);
  CHECK_THAT(finding.text, StartsWith("is a copy of demo_2 of train"));
  CHECK(report.count(LintCheck::kLeak, LintVerdict::kPass) == 1);
}

TEST_CASE("lint finds a label that the simulator disagrees with, and judges none that it cannot simulate") {
  const Planted data([](Episode& episode) { episode.success = false; });
  LintOptions options;
  options.simulate = [](const Episode& episode, double tolerance) {
    CHECK(tolerance == 1e-6);
    CHECK(episode.states.rows() == kSteps + 1);
    return episode.seed == 3 ? SimulatedEnd{.why = "it differs"} : SimulatedEnd{.success = true};
  };
  const LintReport report = data.lint(options);
  const LintFinding finding = only_finding(report);
  CHECK(finding.check == LintCheck::kLabel);
  CHECK(finding.text == "is called a failure, the simulator says success");
  CHECK(report.count(LintCheck::kLabel, LintVerdict::kNotJudged) == 1);
  REQUIRE(report.notes.size() == 1);
  CHECK(report.notes[0] == "label: 1 episodes not judged: it differs");
}

TEST_CASE("lint finds an episode that is far from all others") {
  const Planted data([](Episode& episode) {
    episode.observations.col(0).array() += 7;
    episode.observations.col(1).array() -= 7;
  });
  const LintFinding finding = only_finding(data.lint());
  CHECK(finding.check == LintCheck::kFar);
  CHECK(finding.value > 4);
}

TEST_CASE("lint leaves out what is dropped, and says of few episodes that nothing is typical") {
  const Planted data([](Episode& episode) { episode.observations(77, 1) += 8; });
  const DemonstrationReader reader(data.file());
  DatasetEdit edit{.files = {data.file()}, .episodes = all_episodes(reader)};
  edit.change_masks = [](NamedMasks& masks) { masks[kDroppedMask] = {4, 5, 6, 7, 8, 9, 10, 11}; };
  write_edited(edit, data.file(), {.force = true});
  const LintReport report = data.lint();
  CHECK(report.passing() == std::vector<int>{0, 1, 2, 3});
  CHECK(report.count(LintCheck::kJump, LintVerdict::kNotJudged) == 4);
  CHECK(std::any_of(report.notes.begin(), report.notes.end(),
                    [](const std::string& note) { return note.starts_with("jump: not run, fewer than 5"); }));
}

TEST_CASE("the difference of two paths is the root mean square over the entries that move") {
  Matrix a = Matrix::Zero(kPathRows, 2), b = a;
  b.col(0).setConstant(3);
  b.col(1).setConstant(9);
  // The second entry never moves; 3 in units of 2.
  CHECK(path_difference(a, b, Eigen::Vector2d(2, 0)) == Approx(1.5));
  CHECK(path_difference(a, b, Eigen::Vector2d(3, 3)) == Approx(std::sqrt((1.0 + 9.0) / 2)));
}

}  // namespace understudy
