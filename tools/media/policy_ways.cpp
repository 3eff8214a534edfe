#include "tools/media/policy_ways.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>

#include "datasets/curation/field_statistics.h"
#include "datasets/types/error.h"
#include "envs/contract/episode_seeds.h"
#include "envs/contract/watching_actor.h"
#include "envs/rollouts/rollout.h"
#include "envs/tasks/registry.h"
#include "tools/console/actor_choice.h"
#include "tools/console/console.h"
#include "tools/media/embedded_page.h"

namespace understudy::tools {
namespace {

using nlohmann::ordered_json;

struct Way {
  std::string by;  // a policy's label; empty: demonstrated
  std::string name;
  int steps = 0;
  bool success = false;
  double episode_return = 0;
  Matrix rows;  // [kWayRows, entries]
};

Way way_of(const Episode& episode, std::string by, std::string name) {
  Way way{std::move(by), std::move(name), episode.length(), episode.success, 0, {}};
  way.episode_return = std::accumulate(episode.rewards.begin(), episode.rewards.end(), 0.0);
  way.rows.resize(kWayRows, episode.observations.cols() + episode.actions.cols());
  for (int i = 0; i < kWayRows; ++i) {
    const Eigen::Index t = static_cast<Eigen::Index>(i) * (episode.length() - 1) / (kWayRows - 1);
    way.rows.row(i) << episode.observations.row(t), episode.actions.row(t);
  }
  return way;
}

void stop_if_interrupted() {
  if (interrupted()) throw Interrupted("stopped; no page was written");
}

}  // namespace

ordered_json policy_ways(const std::filesystem::path& dataset,
                         const std::vector<std::pair<std::string, std::string>>& policies,
                         const WayOptions& options) {
  const DemonstrationReader reader(dataset);
  const DatasetHeader& header = reader.header();
  std::vector<Way> ways;
  auto notes = ordered_json::array();
  const int shown = std::min(options.demonstrations, reader.size());
  for (int i = 0; i < shown; ++i) {
    stop_if_interrupted();
    const int index = static_cast<int>(static_cast<std::int64_t>(i) * reader.size() / shown);
    ways.push_back(way_of(reader.read(index, {.states = false, .info = false}), "", reader.name(index)));
  }
  Progress progress("running policies", static_cast<double>(policies.size()) * options.episodes, "episodes");
  int done = 0;
  for (const auto& [label, path] : policies) {
    try {
      const auto environment = make_environment(header.environment_id);
      if (!space_mismatch(environment->spec().observation, header.observation).empty())
        throw Error("the data set's observations are not this version's");
      const auto actor = actor_factory(path, header.environment_id)();
      watch(*actor, *environment);
      for (int i = 0; i < options.episodes; ++i) {
        stop_if_interrupted();
        const std::uint64_t seed =
            episode_seed(SeedUse::kEvaluation, options.seed, static_cast<std::uint64_t>(i));
        ways.push_back(way_of(rollout(*environment, *actor, seed), label, "seed " + std::to_string(seed)));
        progress.update(++done);
      }
    } catch (const Interrupted&) {
      throw;
    } catch (const Error& error) {
      notes.push_back(label + ": not run: " + error.what());
    }
  }
  const auto names = entry_names(header);
  auto entries = ordered_json::array();
  std::vector<float> lows, widths;
  std::vector<std::string> units;
  for (const Space* space : {&header.observation, &header.action}) {
    for (const Field& field : space->fields())
      units.insert(units.end(), static_cast<std::size_t>(field.size), field.unit);
  }
  for (std::size_t entry = 0; entry < names.size(); ++entry) {
    const auto column = static_cast<Eigen::Index>(entry);
    float low = ways.front().rows(0, column), high = low;
    for (const Way& way : ways) {
      low = std::min(low, way.rows.col(column).minCoeff());
      high = std::max(high, way.rows.col(column).maxCoeff());
    }
    lows.push_back(low);
    widths.push_back(std::max(high - low, 1e-30F));
    entries.push_back({{"name", names[entry]}, {"unit", units[entry]}, {"low", low}, {"high", high}});
  }
  auto list = ordered_json::array();
  for (const Way& way : ways) {
    std::vector<std::uint16_t> parts;
    for (Eigen::Index entry = 0; entry < way.rows.cols(); ++entry) {
      for (int i = 0; i < kWayRows; ++i) {
        const auto at = static_cast<std::size_t>(entry);
        parts.push_back(static_cast<std::uint16_t>(65535 * (way.rows(i, entry) - lows[at]) / widths[at]));
      }
    }
    list.push_back({{"by", way.by},
                    {"name", way.name},
                    {"steps", way.steps},
                    {"success", way.success},
                    {"return", way.episode_return},
                    {"track", base64(parts.data(), parts.size() * sizeof parts[0])}});
  }
  return {{"file", dataset.string()},      {"task", header.environment_id},   {"sha256", reader.sha256()},
          {"rate", header.control_rate},   {"demonstrations", reader.size()}, {"rows", kWayRows},
          {"entries", std::move(entries)}, {"ways", std::move(list)},         {"notes", std::move(notes)}};
}

}  // namespace understudy::tools
