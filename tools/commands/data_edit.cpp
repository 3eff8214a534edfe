// `understudy data merge`, `filter`, `drop`, ...: new datasets of old ones' episodes.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "datasets/curation/dataset_edit.h"
#include "datasets/format/recording_record.h"
#include "datasets/types/error.h"
#include "datasets/types/rng.h"
#include "tools/commands/command.h"
#include "tools/console/console.h"

namespace understudy::tools {
namespace {

namespace fs = std::filesystem;

/// Numbers of episodes from text like "3,5-7".
std::set<int> parse_episodes(const std::string& option, const std::string& text, int count) {
  const auto refuse = [&](const std::string& found) -> int {
    throw UsageError(option + ": want episodes from 0 to " + std::to_string(count - 1) +
                     ", as in 3,5-7, found '" + found + "'");
  };
  std::set<int> numbers;
  const char* next = text.data();
  const char* const end = next + text.size();
  const auto number = [&] {
    int value = -1;
    const auto [after, error] = std::from_chars(next, end, value);
    if (error != std::errc() || value < 0 || value >= count) refuse(text);
    next = after;
    return value;
  };
  while (true) {
    const int first = number();
    int last = first;
    if (next != end && *next == '-') {
      ++next;
      last = number();
    }
    if (last < first || (next != end && *next != ',')) refuse(text);
    for (int i = first; i <= last; ++i) numbers.insert(i);
    if (next == end) return numbers;
    ++next;
  }
}

/// An interval from text like "10:200", ":200" or "10:".
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool contains(double value) const { return value >= low && value <= high; }
};
Range parse_range(const std::string& option, const std::string& text) {
  Range range;
  const auto refuse = [&] {
    throw UsageError(option + ": want a range like 10:200, 10: or :200, found '" + text + "'");
  };
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || text.size() == 1) refuse();
  const auto parse = [&](std::string_view part, double& value) {
    if (part.empty()) return;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (error != std::errc() || end != part.data() + part.size()) refuse();
  };
  parse(std::string_view(text).substr(0, colon), range.low);
  parse(std::string_view(text).substr(colon + 1), range.high);
  if (!(range.low <= range.high)) refuse();
  return range;
}

struct Options {
  std::vector<std::string> files;
  std::string out;
  bool force = false;
  std::string episodes, mask, operator_name, steps, returns;
  bool success = false, failure = false, undo = false, descending = false;
  std::string by = "length";
  std::vector<std::string> into;
  std::vector<double> shares;
  std::uint64_t seed = 1;
  int head = 0, tail = 0, every = 2;
  std::string from, to;
};

const std::string& file_of(const Options& options) {
  return options.files.front();
}

/// Where the result goes: --out, else the file itself.
std::string target_of(const Options& options) {
  return options.out.empty() ? file_of(options) : options.out;
}

void write(const DatasetEdit& edit, const std::string& out, bool force) {
  {
    const auto all = static_cast<double>(edit.episodes.size());
    Progress progress("writing", all, "episodes");
    write_edited(edit, out, {.force = force, .progress = [&](int done, int) { progress.update(done); }});
    progress.update(all);
  }
  std::printf("%s: %zu episodes\n", out.c_str(), edit.episodes.size());
}

double return_of(const DemonstrationReader& reader, int episode) {
  const Episode read = reader.read(episode, {.states = false, .info = false});
  return std::accumulate(read.rewards.begin(), read.rewards.end(), 0.0);
}

void merge(const Options& options) {
  DatasetEdit edit;
  std::map<std::string, std::string> seen;  // checksum: where it was first
  int again = 0;
  for (std::size_t i = 0; i < options.files.size(); ++i) {
    edit.files.emplace_back(options.files[i]);
    const DemonstrationReader reader(options.files[i]);
    for (const PickedEpisode& picked : all_episodes(reader, i)) {
      const std::string place = options.files[i] + ":/data/" + reader.name(picked.episode);
      if (reader.is_ours() && !seen.emplace(reader.checksum(picked.episode), place).second) {
        ++again;
        continue;
      }
      edit.episodes.push_back(picked);
    }
  }
  if (again > 0) std::printf("%d episodes are in several of the files: taken once\n", again);
  write(edit, options.out, options.force);
}

void filter(const Options& options) {
  const DemonstrationReader reader(file_of(options));
  if (options.success && options.failure)
    throw UsageError("--success, --failure: want one of them, found both");
  const std::set<int> chosen = options.episodes.empty()
                                   ? std::set<int>()
                                   : parse_episodes("--episodes", options.episodes, reader.size());
  const std::vector<int> listed = options.mask.empty() ? std::vector<int>() : reader.mask(options.mask);
  const Range steps = options.steps.empty() ? Range() : parse_range("--steps", options.steps);
  const Range returns = options.returns.empty() ? Range() : parse_range("--return", options.returns);
  DatasetEdit edit{.files = {file_of(options)}};
  for (const PickedEpisode& picked : all_episodes(reader)) {
    const EpisodeSummary summary = reader.summary(picked.episode);
    if (options.success && !summary.success) continue;
    if (options.failure && summary.success) continue;
    if (!options.episodes.empty() && chosen.count(picked.episode) == 0) continue;
    if (!options.mask.empty() && !std::binary_search(listed.begin(), listed.end(), picked.episode)) continue;
    if (!options.operator_name.empty() && summary.operator_name != options.operator_name) continue;
    if (!steps.contains(summary.steps)) continue;
    if (!options.returns.empty() && !returns.contains(return_of(reader, picked.episode))) continue;
    edit.episodes.push_back(picked);
  }
  write(edit, options.out, options.force);
}

void split(const Options& options) {
  const DemonstrationReader reader(file_of(options));
  if (options.shares.size() != options.into.size()) {
    throw UsageError("--shares: want a share for each of " + std::to_string(options.into.size()) +
                     " files, found " + std::to_string(options.shares.size()));
  }
  for (const double share : options.shares) {
    if (!(share > 0)) throw UsageError("--shares: want positive numbers, found " + std::to_string(share));
  }
  std::vector<PickedEpisode> episodes = all_episodes(reader);
  Rng rng(options.seed);
  for (std::size_t i = episodes.size(); i > 1; --i) std::swap(episodes[i - 1], episodes[rng.below(i)]);
  const double total = std::accumulate(options.shares.begin(), options.shares.end(), 0.0);
  std::vector<DatasetEdit> edits;
  double share = 0;
  std::size_t first = 0;
  for (const double each : options.shares) {
    share += each / total;
    const std::size_t last =
        &each == &options.shares.back()
            ? episodes.size()
            : static_cast<std::size_t>(std::lround(share * static_cast<double>(episodes.size())));
    DatasetEdit edit{.files = {file_of(options)},
                     .episodes = {episodes.begin() + static_cast<std::ptrdiff_t>(first),
                                  episodes.begin() + static_cast<std::ptrdiff_t>(last)}};
    std::sort(edit.episodes.begin(), edit.episodes.end(),
              [](const PickedEpisode& a, const PickedEpisode& b) { return a.episode < b.episode; });
    if (edit.episodes.empty()) {
      throw UsageError("--shares: want at least one of " + std::to_string(reader.size()) +
                       " episodes for every file, found none for " + options.into[edits.size()]);
    }
    edits.push_back(std::move(edit));
    first = last;
  }
  for (std::size_t i = 0; i < edits.size(); ++i) write(edits[i], options.into[i], options.force);
}

void sort(const Options& options) {
  const DemonstrationReader reader(file_of(options));
  std::vector<double> keys;
  for (int i = 0; i < reader.size(); ++i) {
    const EpisodeSummary summary = reader.summary(i);
    keys.push_back(options.by == "length"    ? summary.steps
                   : options.by == "return"  ? return_of(reader, i)
                   : options.by == "success" ? (summary.success ? 0 : 1)
                                             : static_cast<double>(summary.seed));
  }
  DatasetEdit edit{.files = {file_of(options)}, .episodes = all_episodes(reader)};
  std::stable_sort(edit.episodes.begin(), edit.episodes.end(),
                   [&](const PickedEpisode& a, const PickedEpisode& b) {
                     const double first = keys[static_cast<std::size_t>(a.episode)],
                                  second = keys[static_cast<std::size_t>(b.episode)];
                     return options.descending ? first > second : first < second;
                   });
  write(edit, target_of(options), options.force);
}

/// Puts episodes on a list or takes them off it; the file is written anew in one step.
void list(const Options& options, const std::string& mask) {
  const DemonstrationReader reader(file_of(options));
  const std::set<int> chosen = parse_episodes("--episodes", options.episodes, reader.size());
  DatasetEdit edit{.files = {file_of(options)}, .episodes = all_episodes(reader)};
  edit.change_masks = [&](NamedMasks& masks) {
    std::vector<int>& listed = masks[mask];
    std::set<int> now(listed.begin(), listed.end());
    for (const int episode : chosen) {
      if (options.undo) {
        now.erase(episode);
      } else {
        now.insert(episode);
      }
    }
    listed.assign(now.begin(), now.end());
  };
  write(edit, file_of(options), true);
}

void drop(const Options& options) {
  list(options, kDroppedMask);
  std::printf(
      "nothing trains on dropped episodes; `understudy data compact` removes them for good, `drop --undo` "
      "takes "
      "them back\n");
}

void compact(const Options& options) {
  const DemonstrationReader reader(file_of(options));
  const std::vector<int> dropped = dropped_episodes(reader);
  DatasetEdit edit{.files = {file_of(options)}};
  for (const PickedEpisode& picked : all_episodes(reader)) {
    if (!std::binary_search(dropped.begin(), dropped.end(), picked.episode)) edit.episodes.push_back(picked);
  }
  const auto before = fs::file_size(file_of(options));
  write(edit, target_of(options), options.force);
  std::printf("removed %zu dropped episodes: %.1f MB, before %.1f MB\n", dropped.size(),
              1e-6 * static_cast<double>(fs::file_size(target_of(options))),
              1e-6 * static_cast<double>(before));
}

void relabel(const Options& options) {
  const DemonstrationReader reader(file_of(options));
  if (options.success == options.failure)
    throw UsageError("--success, --failure: want one of them, found " +
                     std::string(options.success ? "both" : "none"));
  const std::set<int> chosen = parse_episodes("--episodes", options.episodes, reader.size());
  DatasetEdit edit{.files = {file_of(options)}, .episodes = all_episodes(reader)};
  edit.change = [&](Episode& episode, const PickedEpisode& picked) {
    if (chosen.count(picked.episode) > 0) episode.success = options.success;
  };
  write(edit, target_of(options), options.force);
}

void rename(const Options& options) {
  const DemonstrationReader reader(file_of(options));
  reader.mask(options.from);  // throws where there is none
  const std::vector<std::string> masks = reader.masks();
  if (std::find(masks.begin(), masks.end(), options.to) != masks.end())
    throw UsageError("--to: want a name that no list of " + file_of(options) + " has, found '" + options.to +
                     "'");
  DatasetEdit edit{.files = {file_of(options)}, .episodes = all_episodes(reader)};
  edit.change_masks = [&](NamedMasks& carried) {
    carried[options.to] = reader.mask(options.from);
    carried.erase(options.from);
  };
  write(edit, target_of(options), options.force);
}

/// Keeps rows [first, last) of an episode's steps, every so manyth.
void cut(Episode& episode, int first, int last, int every) {
  const int before = episode.length();
  std::vector<int> steps;
  for (int t = first; t < last; t += every) steps.push_back(t);
  Episode kept = episode;
  const auto count = static_cast<Eigen::Index>(steps.size());
  const auto rows = [&](auto& target, const auto& source, bool with_end) {
    if (source.rows() == 0) return;
    target.resize(count + (with_end ? 1 : 0), source.cols());
    for (Eigen::Index i = 0; i < count; ++i) target.row(i) = source.row(steps[static_cast<std::size_t>(i)]);
    if (with_end) target.row(count) = source.row(last);
  };
  rows(kept.observations, episode.observations, true);
  rows(kept.states, episode.states, true);
  rows(kept.actions, episode.actions, false);
  rows(kept.info.axes, episode.info.axes, false);
  rows(kept.info.buttons, episode.info.buttons, false);
  const auto entries = [&](auto& target, const auto& source) {
    if (source.empty()) return;
    target.clear();
    for (const int t : steps) target.push_back(source[static_cast<std::size_t>(t)]);
  };
  entries(kept.info.timestamp, episode.info.timestamp);
  entries(kept.info.input_age, episode.info.input_age);
  entries(kept.info.overrun, episode.info.overrun);
  entries(kept.info.intervention, episode.info.intervention);
  entries(kept.info.doubt, episode.info.doubt);
  // What was earned on the way to a step that is left out is earned by the one before it.
  kept.rewards.assign(steps.size(), 0);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const int end = i + 1 < steps.size() ? steps[i + 1] : last;
    for (int t = steps[i]; t < end; ++t) kept.rewards[i] += episode.rewards[static_cast<std::size_t>(t)];
  }
  // Steps have other numbers now, and their actions no longer lead from the start to these states.
  RecordingRecord record = recording_from_json(episode.recording, "recording");
  record.rewinds.clear();
  record.replay_divergence.reset();
  record.idle_head = std::clamp(record.idle_head - first, 0, last - first) / every;
  record.idle_tail = std::clamp(record.idle_tail - (before - last), 0, last - first) / every;
  kept.recording = to_json(record);
  if (last < before) {
    kept.terminated = false;
    kept.truncated = true;
  }
  episode = std::move(kept);
}

void trim(const Options& options) {
  const DemonstrationReader reader(file_of(options));
  DatasetEdit edit{.files = {file_of(options)}};
  for (const PickedEpisode& picked : all_episodes(reader)) {
    if (reader.summary(picked.episode).steps > options.head + options.tail) edit.episodes.push_back(picked);
  }
  edit.change = [&](Episode& episode, const PickedEpisode&) {
    cut(episode, options.head, episode.length() - options.tail, 1);
  };
  if (edit.episodes.size() < static_cast<std::size_t>(reader.size())) {
    std::printf("%zu episodes are no longer than %d steps: left out\n",
                static_cast<std::size_t>(reader.size()) - edit.episodes.size(), options.head + options.tail);
  }
  write(edit, options.out, options.force);
  if (options.head > 0)
    std::printf("episodes begin where they were cut: they cannot be simulated again from their seed\n");
}

void subsample(const Options& options) {
  const DemonstrationReader reader(file_of(options));
  DatasetEdit edit{.files = {file_of(options)}, .episodes = all_episodes(reader)};
  edit.change = [&](Episode& episode, const PickedEpisode&) {
    cut(episode, 0, episode.length(), options.every);
  };
  write(edit, options.out, options.force);
}

void diff(const Options& options) {
  const DemonstrationReader one(options.files.at(0)), other(options.files.at(1));
  const std::string mismatch = header_mismatch(one.header(), other.header());
  if (!mismatch.empty()) std::printf("not of one kind: %s\n", mismatch.c_str());
  const auto key = [](const DemonstrationReader& reader, int i) {
    return reader.is_ours() ? reader.checksum(i)
                            : std::to_string(reader.summary(i).steps) + " steps of " + reader.name(i);
  };
  std::multimap<std::string, int> left;
  for (int i = 0; i < one.size(); ++i) left.emplace(key(one, i), i);
  int both = 0, moved = 0;
  std::vector<int> added;
  for (int i = 0; i < other.size(); ++i) {
    const auto found = left.find(key(other, i));
    if (found == left.end()) {
      added.push_back(i);
      continue;
    }
    ++both;
    moved += found->second == i ? 0 : 1;
    left.erase(found);
  }
  std::vector<int> removed;
  for (const auto& [checksum, index] : left) removed.push_back(index);
  std::sort(removed.begin(), removed.end());
  std::printf("%d episodes in both, %d of them at another place\n", both, moved);
  for (const int i : removed) std::printf("- %s, %d steps\n", one.name(i).c_str(), one.summary(i).steps);
  for (const int i : added) std::printf("+ %s, %d steps\n", other.name(i).c_str(), other.summary(i).steps);
  const NamedMasks before = one.all_masks(), after = other.all_masks();
  for (const auto& [name, episodes] : before) {
    const auto now = after.find(name);
    if (now == after.end()) {
      std::printf("- mask %s (%zu)\n", name.c_str(), episodes.size());
    } else if (now->second != episodes) {
      std::printf("  mask %s: %zu episodes, now %zu\n", name.c_str(), episodes.size(), now->second.size());
    }
  }
  for (const auto& [name, episodes] : after) {
    if (before.count(name) == 0) std::printf("+ mask %s (%zu)\n", name.c_str(), episodes.size());
  }
}

}  // namespace

void add_data_edit(CLI::App& data) {
  const auto add = [&](const char* name, const char* description, void (*work)(const Options&),
                       int files = 1) {
    const auto options = std::make_shared<Options>();
    CLI::App* command = data.add_subcommand(name, description);
    CLI::Option* argument = command->add_option("file", options->files, "Dataset, e.g. demos.h5")->required();
    if (files > 0) argument->expected(files);
    command->callback([options, work] { work(*options); });
    return std::pair{command, options};
  };
  const auto out = [](auto& made, bool required) {
    auto& [command, options] = made;
    CLI::Option* option = command->add_option(
        "--out", options->out,
        required ? "Dataset to write" : "Dataset to write; default: the file itself, in one step");
    option->required(required);
    command->add_flag("--force", options->force, "Replace a file of that name");
  };
  const auto episodes = [](auto& made, const char* help) {
    made.first->add_option("--episodes", made.second->episodes, help)->required();
  };
  auto merged = add("merge", "Several datasets of one task in one", merge, -1);
  out(merged, true);
  auto filtered = add("filter", "Only the episodes for which all that is asked for holds", filter);
  out(filtered, true);
  {
    auto& [command, options] = filtered;
    command->add_flag("--success", options->success, "Successful ones");
    command->add_flag("--failure", options->failure, "Failed ones");
    command->add_option("--episodes", options->episodes, "Their numbers, as in 3,5-7");
    command->add_option("--mask", options->mask, "Those on this list of the file");
    command->add_option("--operator", options->operator_name, "Those whom this operator recorded");
    command->add_option("--steps", options->steps, "Of so many steps, as in 10:200");
    command->add_option("--return", options->returns, "Of such a return, as in 100:");
  }
  auto halves =
      add("split", "Several datasets of one, each with a share of its episodes, drawn at random", split);
  halves.first->add_option("--into", halves.second->into, "Datasets to write")
      ->required()
      ->expected(1, 1000)
      ->delimiter(',');
  halves.first->add_option("--shares", halves.second->shares, "Of the episodes, as in 0.9,0.1")
      ->required()
      ->delimiter(',');
  halves.first->add_option("--seed", halves.second->seed, "Of the draw")->capture_default_str();
  halves.first->add_flag("--force", halves.second->force, "Replace files of those names");
  auto sorted = add("sort", "Episodes in another order", sort);
  out(sorted, false);
  sorted.first->add_option("--by", sorted.second->by, "length, return, success or seed")
      ->check(CLI::IsMember({"length", "return", "success", "seed"}))
      ->capture_default_str();
  sorted.first->add_flag("--descending", sorted.second->descending, "The largest first");
  auto dropped =
      add("drop", "Leave episodes out of everything, until they are taken back or the file is made compact",
          drop);
  episodes(dropped, "Their numbers, as in 3,5-7");
  dropped.first->add_flag("--undo", dropped.second->undo, "Take them back");
  auto compacted = add("compact", "Remove dropped episodes for good", compact);
  out(compacted, false);
  auto relabelled = add("relabel", "Say of episodes that they succeeded, or failed", relabel);
  out(relabelled, false);
  episodes(relabelled, "Their numbers, as in 3,5-7");
  relabelled.first->add_flag("--success", relabelled.second->success, "They succeeded");
  relabelled.first->add_flag("--failure", relabelled.second->failure, "They failed");
  auto renamed = add("rename", "Give a list of episodes another name", rename);
  out(renamed, false);
  renamed.first->add_option("--from", renamed.second->from, "Its name")->required();
  renamed.first->add_option("--to", renamed.second->to, "Its new name")->required();
  auto trimmed = add("trim", "Cut steps off both ends of every episode", trim);
  out(trimmed, true);
  trimmed.first->add_option("--head", trimmed.second->head, "Steps off the beginning")
      ->check(CLI::Range(0, 1000000));
  trimmed.first->add_option("--tail", trimmed.second->tail, "Steps off the end")
      ->check(CLI::Range(0, 1000000));
  auto thinned = add("subsample", "Keep every so manyth step; rewards between are added up", subsample);
  out(thinned, true);
  thinned.first->add_option("--every", thinned.second->every, "Of so many steps one")
      ->check(CLI::Range(2, 1000000))
      ->capture_default_str();
  add("diff", "What is in one of two datasets and not in the other", diff, 2);
}

}  // namespace understudy::tools
