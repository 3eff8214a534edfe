#include "bc/runs/manifest.h"

#include <Eigen/Core>
#include <nlohmann/json.hpp>

#include "bc/networks/blas.h"
#include "datasets/types/error.h"
#include "datasets/types/json_text.h"
#include "datasets/types/version.h"

namespace understudy {

using nlohmann::ordered_json;

namespace {

std::string dotted(int major, int minor, int patch) {
  std::string text = std::to_string(major);
  text.append(".").append(std::to_string(minor)).append(".").append(std::to_string(patch));
  return text;
}

}  // namespace

void write_manifest(const RunDirectory& directory, const std::string& learner, const ordered_json& more) {
  ordered_json manifest = {
      {"learner", learner},
      {"program_version", program_version()},
      {"revision", source_revision()},
      {"compiler", __VERSION__},
      {"libraries",
       {{"libtorch", UNDERSTUDY_LIBTORCH_VERSION},
        {"eigen", dotted(EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION)},
        {"nlohmann_json",
         dotted(NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH)}}},
      {"processor", processor_name()},
      {"blas", blas_description()}};
  const std::string warning = blas_kernel_warning();
  if (!warning.empty()) manifest["blas_warning"] = warning;
  manifest.update(more);
  directory.write("manifest.json", manifest.dump(2) + "\n");
}

ordered_json summary_json(const EvaluationSummary& s, bool has_success) {
  return {{"episodes", s.episodes},
          {"success_rate", has_success ? ordered_json(s.success_rate) : ordered_json()},
          {"success_interval", has_success ? ordered_json{s.success.low, s.success.high} : ordered_json()},
          {"mean_return", s.mean_return},
          {"return_interval", {s.episode_return.low, s.episode_return.high}},
          {"mean_length", s.mean_length}};
}

ordered_json result_json(const RunResult& result, bool has_success) {
  ordered_json document = {{"seconds", result.seconds}};
  document.update(summary_json(result.summary, has_success));
  document["middle_return"] = result.middle.value;
  document["middle_interval"] = {result.middle.interval.low, result.middle.interval.high};
  if (result.distance) document["distance"] = *result.distance;
  return document;
}

bool manifest_has_result(const RunDirectory& directory) {
  const std::filesystem::path manifest = directory.path() / "manifest.json";
  return std::filesystem::exists(manifest) &&
         parsed_json<ordered_json>(read_file(manifest)).contains("result");
}

std::string learner_of(const std::filesystem::path& run) {
  const RunDirectory directory = RunDirectory::open(run);
  const std::string manifest = (run / "manifest.json").string();
  try {
    return parsed_json<ordered_json>(read_file(manifest)).at("learner").get<std::string>();
  } catch (const ordered_json::exception& error) {
    throw Error(manifest + ": cannot be read: " + reason_of(error) +
                "; train again, or restore the run from a copy");
  }
}

}  // namespace understudy
