#include "irl/runs/rl_manifest.h"

#include <nlohmann/json.hpp>

#include "bc/runs/manifest.h"
#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"

namespace understudy {

using nlohmann::ordered_json;

void write_rl_manifest(const RunDirectory& directory, const RlManifest& manifest) {
  const auto& [config, expert, result, updates] = manifest;
  ordered_json more = {
      {"seed", config.seed}, {"environment", config.environment}, {"threads", config.threads}};
  if (expert != nullptr) {
    more["dataset"] = {{"path", config.expert.data},
                       {"sha256", expert->sha256},
                       {"episodes", expert->episodes},
                       {"transitions", expert->transitions.size()},
                       {"mean_return", expert->mean_return}};
  }
  more["config"] = ordered_json::parse(to_json(config));
  if (result != nullptr) {
    const EvaluationSummary& s = result->summary;
    const InterquartileMean& middle = result->middle;
    more["result"] = {{"steps", result->steps},
                      {"updates", updates},
                      {"seconds", result->seconds},
                      {"episodes", s.episodes},
                      {"success_rate", s.success_rate},
                      {"success_interval", {s.success.low, s.success.high}},
                      {"mean_return", s.mean_return},
                      {"return_interval", {s.episode_return.low, s.episode_return.high}},
                      {"mean_length", s.mean_length},
                      {"middle_return", middle.value},
                      {"middle_interval", {middle.interval.low, middle.interval.high}}};
    if (result->distance) more["result"]["distance"] = *result->distance;
  }
  write_manifest(directory, config.learner, more.dump());
}

bool is_rl_run(const std::filesystem::path& path) {
  const RunDirectory directory = RunDirectory::open(path);
  const std::string manifest = (path / "manifest.json").string();
  try {
    return ordered_json::parse(read_file(manifest)).at("learner").get<std::string>() != "bc";
  } catch (const ordered_json::exception& error) {
    throw Error(manifest + ": cannot be read: " + error.what() +
                "; train again, or restore the run from a copy");
  }
}

}  // namespace understudy
