#include "bc/runs/manifest.h"

#include <torch/version.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "bc/networks/blas.h"
#include "datasets/types/version.h"

namespace understudy {
namespace {

using nlohmann::ordered_json;

std::string dotted(int major, int minor, int patch) {
  std::string text = std::to_string(major);
  text.append(".").append(std::to_string(minor)).append(".").append(std::to_string(patch));
  return text;
}

ordered_json result_to_json(const TrainingResult& result) {
  const EvaluationSummary& e = result.best;
  return {
      {"best_epoch", result.best_epoch}, {"episodes", e.episodes},
      {"success_rate", e.success_rate},  {"success_interval", {e.success.low, e.success.high}},
      {"mean_return", e.mean_return},    {"return_interval", {e.episode_return.low, e.episode_return.high}},
      {"mean_length", e.mean_length}};
}

}  // namespace

void write_manifest(const RunDirectory& directory, const std::string& learner, const std::string& more) {
  ordered_json manifest = {
      {"learner", learner},
      {"program_version", program_version()},
      {"revision", source_revision()},
      {"compiler", __VERSION__},
      {"libraries",
       {{"libtorch", TORCH_VERSION},
        {"eigen", dotted(EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION)},
        {"nlohmann_json",
         dotted(NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH)}}},
      {"blas", blas_description()}};
  manifest.update(ordered_json::parse(more));
  directory.write("manifest.json", manifest.dump(2) + "\n");
}

void write_manifest(const RunDirectory& directory, const CloningRunConfig& config, const ManifestData& data,
                    const TrainingResult* result) {
  ordered_json more = {
      {"blas_threads", config.blas_threads},
      {"evaluation_threads",
       config.threads == 0 ? static_cast<int>(std::thread::hardware_concurrency()) : config.threads},
      {"seed", config.cloning.seed},
      {"environment", config.environment},
      {"dataset",
       {{"path", config.data},
        {"sha256", data.sha256},
        {"training_episodes", data.training_episodes},
        {"validation_episodes", data.validation_episodes},
        {"left_out_episodes", data.left_out_episodes},
        {"training_transitions", data.training_transitions},
        {"validation_transitions", data.validation_transitions}}},
      {"config", ordered_json::parse(to_json(config))}};
  if (result != nullptr) more["result"] = result_to_json(*result);
  write_manifest(directory, "bc", more.dump());
}

}  // namespace understudy
