#include "tools/media/dataset_report.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <set>
#include <utility>

#include "datasets/curation/field_statistics.h"
#include "datasets/curation/statistics.h"
#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"
#include "datasets/types/version.h"
#include "envs/contract/episode_seeds.h"
#include "envs/tasks/registry.h"
#include "tools/console/console.h"
#include "tools/console/task_criterion.h"
#include "tools/media/dataset_lint.h"
#include "tools/media/embedded_page.h"
#include "tools/media/episode_pictures.h"

namespace understudy::tools {

namespace {

using nlohmann::ordered_json;

constexpr int kTrackRows = 60;  // of an episode's lines
constexpr int kBins = 40;       // of a histogram
constexpr int kPlayed = 6;      // episodes with frames
constexpr int kFrames = 30;     // of each

std::string jpeg_uri(const std::string& jpeg) {
  return data_uri("image/jpeg", jpeg);
}

/// Counts in kBins from the lowest to the highest value.
ordered_json histogram(const std::vector<double>& values) {
  if (values.empty()) return nullptr;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  std::vector<int> counts(kBins);
  const double width = *high - *low;
  for (const double value : values) {
    const double at = width > 0 ? (value - *low) / width * kBins : 0;
    ++counts[static_cast<std::size_t>(std::clamp(static_cast<int>(at), 0, kBins - 1))];
  }
  return {{"low", *low}, {"high", *high}, {"counts", counts}};
}

/// Seldom more than so many numbers, evenly thinned, so that a histogram of any length stays small in memory.
class Thinned {
 public:
  void add(double value) {
    if (seen_++ % every_ != 0) return;
    values_.push_back(value);
    if (values_.size() < 200000) return;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < values_.size(); i += 2) values_[kept++] = values_[i];
    values_.resize(kept);
    every_ *= 2;
  }
  const std::vector<double>& values() const { return values_; }

 private:
  std::vector<double> values_;
  std::size_t seen_ = 0, every_ = 1;
};

class Report {
 public:
  Report(const DemonstrationReader& reader, std::filesystem::path file, const ReportOptions& options)
      : reader_(reader), file_(std::move(file)), options_(options), header_(reader.header()) {
    try {
      environment_ = make_environment(header_.environment_id);
      if (!space_mismatch(environment_->spec().observation, header_.observation).empty())
        environment_.reset();
    } catch (const Error&) {
      environment_.reset();  // a task that is not known here: the page shows what the file says
    }
  }

  ordered_json data() {
    lint_episodes();
    for (const LintedEpisode& episode : lint_.episodes) all_.push_back(episode.index);
    readable();
    {
      Progress progress("reading", static_cast<double>(all_.size()), "episodes");
      fields_ = field_statistics(reader_,
                                 {.episodes = all_, .seed = options_.seed, .progress = shown_by(progress)});
    }
    choose_shown();
    ordered_json data{{"file", file_.filename().string()},
                      {"program", program_version()},
                      {"task", header_.environment_id},
                      {"summary", environment_ ? environment_->spec().summary : ""},
                      {"criterion", environment_ ? environment_->spec().success : ""},
                      {"judged", has_success(header_.environment_id)},
                      {"rate", header_.control_rate},
                      {"sha256", reader_.sha256()},
                      {"total", all_.size()},
                      {"track_rows", kTrackRows}};
    data["entries"] = entries_json();
    data["episodes"] = episodes_json(data["timing"]);
    data["totals"] = totals_json();
    data["lint"] = lint_json();
    data["starts"] = starts_json();
    data["pictures"] = pictures_json(data["episodes"]);
    return data;
  }

 private:
  static std::function<void(int, int)> shown_by(Progress& progress) {
    return [&progress](int done, int) {
      stop_if_interrupted();
      progress.update(done);
    };
  }
  static void stop_if_interrupted() {
    if (interrupted()) throw Interrupted("stopped; no page was written");
  }

  void lint_episodes() {
    std::string why = "asked for by `data report --simulate`";
    LintOptions options = with_distance({});
    if (options_.simulate) {
      why.clear();
      options = with_simulator(std::move(options), reader_, file_, why);
    }
    Progress progress("judging", 2.0 * reader_.size(), "episodes read");
    options.progress = shown_by(progress);
    lint_ = lint(reader_, options);
    if (!why.empty()) lint_.notes.push_back("label: not run, " + why);
  }

  /// What cannot be read is in the list of findings only.
  void readable() {
    for (const LintedEpisode& episode : lint_.episodes) {
      for (const LintFinding& finding : episode.findings) {
        if (!std::isfinite(finding.value) &&
            (finding.check == LintCheck::kRange || finding.check == LintCheck::kIdle))
          std::erase(all_, episode.index);
      }
    }
    if (all_.empty())
      throw Error(file_.string() + ": no episode can be read; `understudy data lint` says why");
  }

  const LintedEpisode& linted(int episode) const {
    return *std::find_if(lint_.episodes.begin(), lint_.episodes.end(),
                         [&](const LintedEpisode& each) { return each.index == episode; });
  }

  void choose_shown() {
    std::set<int> shown;
    const std::size_t want = std::min<std::size_t>(kMostShown, all_.size());
    for (std::size_t i = 0; i < want; ++i) shown.insert(all_[i * all_.size() / want]);
    int failed = 0;
    for (const int episode : all_) {
      if (!linted(episode).passes() && ++failed <= kMostShown / 3) shown.insert(episode);
    }
    shown_.assign(shown.begin(), shown.end());
  }

  ordered_json entries_json() const {
    auto list = ordered_json::array();
    for (std::size_t i = 0; i < fields_.entries.size(); ++i) {
      const EntryStatistics& entry = fields_.entries[i];
      const auto column = fields_.sample.col(static_cast<Eigen::Index>(i));
      list.push_back({{"name", entry.name},
                      {"unit", entry.unit},
                      {"low", entry.low},
                      {"high", entry.high},
                      {"mean", entry.mean},
                      {"deviation", entry.deviation},
                      {"quantiles", entry.quantiles},
                      {"at_limit", entry.at_limit},
                      {"idle", entry.idle},
                      {"histogram", histogram(std::vector<double>(column.begin(), column.end()))}});
    }
    return list;
  }

  /// kTrackRows steps of every entry, from the entry's lowest to its highest value in 65535 parts; entry by entry.
  std::string track(const Matrix& rows) const {
    std::vector<std::uint16_t> parts;
    for (Eigen::Index entry = 0; entry < rows.cols(); ++entry) {
      const EntryStatistics& of = fields_.entries[static_cast<std::size_t>(entry)];
      const double width = std::max(of.high - of.low, 1e-30);
      for (int i = 0; i < kTrackRows; ++i) {
        const Eigen::Index t = static_cast<Eigen::Index>(i) * (rows.rows() - 1) / (kTrackRows - 1);
        parts.push_back(static_cast<std::uint16_t>(std::lround(
            65535 * std::clamp((static_cast<double>(rows(t, entry)) - of.low) / width, 0.0, 1.0))));
      }
    }
    return base64(parts.data(), parts.size() * sizeof parts[0]);
  }

  ordered_json episodes_json(ordered_json& timing) {
    auto list = ordered_json::array();
    Thinned intervals, ages;
    std::int64_t late = 0, steps = 0;
    Progress progress("drawing", static_cast<double>(shown_.size()), "episodes");
    const std::set<int> shown(shown_.begin(), shown_.end());
    int done = 0;
    for (const int index : all_) {
      stop_if_interrupted();
      const bool drawn = shown.count(index) > 0;
      const Episode episode = reader_.read(index, {.states = false, .info = true});
      const StepInfo& info = episode.info;
      for (std::size_t t = 1; t < info.timestamp.size(); ++t)
        intervals.add(1e3 * (info.timestamp[t] - info.timestamp[t - 1]));
      for (const double age : info.input_age) ages.add(1e3 * age);
      late += std::count(info.overrun.begin(), info.overrun.end(), 1);
      steps += episode.length();
      starts_.conservativeResize(starts_.rows() + 1, episode.observations.cols());
      starts_.row(starts_.rows() - 1) = episode.observations.row(0);
      if (!drawn) continue;
      Matrix rows(episode.length(), static_cast<Eigen::Index>(fields_.entries.size()));
      rows << episode.observations.topRows(episode.length()), episode.actions;
      const LintedEpisode& verdict = linted(index);
      auto findings = ordered_json::array();
      for (const LintFinding& finding : verdict.findings)
        findings.push_back({{"check", text_of(finding.check).name}, {"text", finding.text}});
      std::string marks;
      for (const LintVerdict each : verdict.verdicts)
        marks += each == LintVerdict::kPass ? '+' : each == LintVerdict::kFail ? '-' : ' ';
      const double total = std::accumulate(episode.rewards.begin(), episode.rewards.end(), 0.0);
      returns_.push_back(total);
      list.push_back({{"name", reader_.name(index)},
                      {"index", index},
                      {"steps", episode.length()},
                      {"return", total},
                      {"success", episode.success},
                      {"operator", episode.operator_name},
                      {"seed", std::to_string(episode.seed)},
                      {"verdicts", marks},
                      {"findings", findings},
                      {"track", track(rows)}});
      progress.update(++done);
    }
    timing = {{"interval", histogram(intervals.values())},
              {"age", histogram(ages.values())},
              {"late", late},
              {"steps", steps}};
    return list;
  }

  ordered_json totals_json() const {
    const DatasetStatistics s = statistics(reader_, all_);
    std::map<std::string, int> operators;
    for (const int i : all_) ++operators[reader_.summary(i).operator_name];
    ordered_json masks = ordered_json::object();
    for (const auto& [name, episodes] : reader_.all_masks()) masks[name] = episodes.size();
    return {{"episodes", s.episodes},
            {"successes", s.successes},
            {"steps", s.steps},
            {"length", {s.length.low, s.length.mean, s.length.high}},
            {"return", {s.episode_return.low, s.episode_return.mean, s.episode_return.high}},
            {"timed", s.timed_episodes},
            {"rate", {s.rate.low, s.rate.mean, s.rate.high}},
            {"longest_step", s.longest_step},
            {"overruns", s.overruns},
            {"operators", operators},
            {"masks", masks}};
  }

  ordered_json lint_json() const {
    auto checks = ordered_json::array();
    for (const LintCheckText& text : lint_checks()) {
      checks.push_back({{"name", text.name},
                        {"finds", text.finds},
                        {"unit", text.unit},
                        {"threshold", lint_.thresholds[static_cast<std::size_t>(text.check)]},
                        {"passed", lint_.count(text.check, LintVerdict::kPass)},
                        {"failed", lint_.count(text.check, LintVerdict::kFail)}});
    }
    auto unreadable = ordered_json::array();
    for (const LintedEpisode& episode : lint_.episodes) {
      if (!std::binary_search(all_.begin(), all_.end(), episode.index))
        unreadable.push_back(reader_.name(episode.index) + ": " + episode.findings.front().text);
    }
    return {
        {"checks", checks}, {"notes", lint_.notes}, {"failed", lint_.failed()}, {"unreadable", unreadable}};
  }

  /// First observations, recorded and as the task draws them, and which of these are far from every recorded one:
  /// farther than 95 % of the recorded ones are from their nearest.
  ordered_json starts_json() {
    ordered_json json{
        {"recorded", base64(starts_.data(), static_cast<std::size_t>(starts_.size()) * sizeof(float))},
        {"rows", starts_.rows()},
        {"drawn_rows", 0}};
    if (!environment_ || options_.starts == 0) return json;
    Matrix drawn(options_.starts, starts_.cols());
    Vector observation(starts_.cols());
    for (int i = 0; i < options_.starts; ++i) {
      stop_if_interrupted();
      environment_->reset(episode_seed(SeedUse::kTraining, options_.seed, static_cast<std::uint64_t>(i)),
                          observation);
      drawn.row(i) = observation.transpose();
    }
    const Eigen::RowVectorXf mean = drawn.colwise().mean();
    const Eigen::RowVectorXf spread =
        (drawn.rowwise() - mean).colwise().norm() / std::sqrt(static_cast<float>(drawn.rows()));
    const Eigen::RowVectorXf weights =
        (spread.array() > 1e-6F * mean.array().abs().max(1.0F)).select(spread.array().inverse(), 0.0F);
    const auto nearest = [&](const Eigen::RowVectorXf& row, Eigen::Index but) {
      Eigen::VectorXf apart = ((starts_.rowwise() - row) * weights.asDiagonal()).rowwise().norm();
      if (but >= 0) apart(but) = INFINITY;
      return apart.minCoeff();
    };
    if (starts_.rows() < 2) return json;
    std::vector<float> usual;
    for (Eigen::Index i = 0; i < std::min<Eigen::Index>(starts_.rows(), 1000); ++i)
      usual.push_back(nearest(starts_.row(i), i));
    std::sort(usual.begin(), usual.end());
    const float limit = usual[static_cast<std::size_t>(0.95 * static_cast<double>(usual.size() - 1))];
    std::vector<int> missing;
    for (int i = 0; i < drawn.rows(); ++i) {
      if (nearest(drawn.row(i), -1) > limit) missing.push_back(i);
    }
    json["drawn"] = base64(drawn.data(), static_cast<std::size_t>(drawn.size()) * sizeof(float));
    json["drawn_rows"] = drawn.rows();
    json["varies"] = std::vector<float>(spread.begin(), spread.end());
    json["missing"] = missing;
    return json;
  }

  /// The first, the one of the least and of the greatest return, those that lint fails, and others between.
  std::vector<std::size_t> played() const {
    std::vector<std::size_t> order(shown_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return returns_[a] < returns_[b]; });
    std::vector<std::size_t> wanted{order.front(), order.back(), 0};
    for (std::size_t i = 0; i < shown_.size() && wanted.size() < 5; ++i) {
      if (!linted(shown_[i]).passes()) wanted.push_back(i);
    }
    for (std::size_t i = 1; i < kPlayed; ++i) wanted.push_back(order[i * order.size() / kPlayed]);
    std::vector<std::size_t> chosen;
    for (const std::size_t i : wanted) {
      if (chosen.size() < kPlayed && std::find(chosen.begin(), chosen.end(), i) == chosen.end())
        chosen.push_back(i);
    }
    return chosen;
  }

  ordered_json pictures_json(ordered_json& episodes) {
    ordered_json json{{"why", ""}, {"played", ordered_json::array()}};
    if (!options_.pictures) return {{"why", "left out as asked"}};
    if (!environment_) return {{"why", "the task is not known to this program"}};
    std::unique_ptr<EpisodePictures> pictures;
    try {
      pictures = std::make_unique<EpisodePictures>(*environment_);
      const std::vector<std::size_t> chosen = played();
      Progress progress("drawing scenes", static_cast<double>(shown_.size()), "episodes");
      for (std::size_t i = 0; i < shown_.size(); ++i) {
        stop_if_interrupted();
        const bool plays = std::find(chosen.begin(), chosen.end(), i) != chosen.end();
        const Episode episode = reader_.read(shown_[i], {.states = true, .info = false});
        const std::string place = file_.string() + ":/data/" + reader_.name(shown_[i]);
        const DrawnEpisode drawn = pictures->draw(episode, plays ? kFrames : 0, place);
        episodes[i]["picture"] = jpeg_uri(drawn.small);
        if (plays) {
          auto frames = ordered_json::array();
          for (const std::string& frame : drawn.frames) frames.push_back(jpeg_uri(frame));
          json["played"].push_back({{"episode", i}, {"frames", frames}});
        }
        progress.update(static_cast<double>(i + 1));
      }
    } catch (const Interrupted&) {
      throw;
    } catch (const Error& error) {
      json["why"] = error.what();
    }
    return json;
  }

  const DemonstrationReader& reader_;
  std::filesystem::path file_;
  ReportOptions options_;
  const DatasetHeader& header_;
  std::unique_ptr<Environment> environment_;
  LintReport lint_;
  std::vector<int> all_, shown_;
  FieldStatistics fields_;
  Matrix starts_;                // [episodes, obs_dim]
  std::vector<double> returns_;  // of those shown
};

}  // namespace

void write_report(const DemonstrationReader& reader, const std::filesystem::path& file,
                  const std::filesystem::path& out, const ReportOptions& options) {
  if (std::filesystem::exists(out) && !options.force)
    throw Error(out.string() + ": there is a file already; choose another name, or replace it with --force");
  handle_interrupts();
  durable_write(out, page_with(kDatasetPage, Report(reader, file, options).data()));
}

}  // namespace understudy::tools
