#include "irl/calibration/calibration_state.h"

#include <nlohmann/json.hpp>

#include "datasets/types/error.h"
#include "datasets/types/json_text.h"

namespace understudy {
namespace {

using nlohmann::ordered_json;

ordered_json list(const Eigen::VectorXd& vector) {
  return std::vector<double>(vector.begin(), vector.end());
}

Eigen::VectorXd vector_of(const ordered_json& json) {
  const auto values = json.get<std::vector<double>>();
  return Eigen::Map<const Eigen::VectorXd>(values.data(), static_cast<Eigen::Index>(values.size()));
}

Eigen::MatrixXd matrix_of(const ordered_json& json) {
  Eigen::MatrixXd matrix;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const Eigen::VectorXd row = vector_of(json[i]);
    if (i == 0) matrix.resize(static_cast<Eigen::Index>(json.size()), row.size());
    if (row.size() != matrix.cols()) throw Error("rows of several lengths");
    matrix.row(static_cast<Eigen::Index>(i)) = row.transpose();
  }
  return matrix;
}

Gaussian gaussian_of(const ordered_json& json, std::size_t parameters) {
  Gaussian gaussian{vector_of(json.at("mean")), matrix_of(json.at("covariance"))};
  const auto n = static_cast<Eigen::Index>(parameters);
  if (gaussian.mean.size() != n || gaussian.covariance.rows() != n || gaussian.covariance.cols() != n ||
      !gaussian.mean.allFinite() || !gaussian.covariance.allFinite())
    throw Error("another number of parameters");
  return gaussian;
}

}  // namespace

ordered_json to_json(const Eigen::MatrixXd& matrix) {
  auto rows = ordered_json::array();
  for (Eigen::Index i = 0; i < matrix.rows(); ++i) rows.push_back(list(matrix.row(i).transpose()));
  return rows;
}

ordered_json to_json(const Gaussian& gaussian) {
  return {{"mean", list(gaussian.mean)}, {"covariance", to_json(gaussian.covariance)}};
}

ordered_json to_json(const GaussianMixture& mixture) {
  auto components = ordered_json::array();
  for (std::size_t k = 0; k < mixture.components.size(); ++k) {
    ordered_json component = to_json(mixture.components[k]);
    component["weight"] = mixture.weights[k];
    components.push_back(std::move(component));
  }
  return components;
}

ordered_json to_json(const CalibrationStep& step) {
  ordered_json json = to_json(step.distribution);
  json["mean_discrepancy"] = step.mean_cost;
  json["least_discrepancy"] = step.least_cost;
  json["eta"] = step.eta;
  json["kl"] = step.kl;
  json["effective_samples"] = step.effective;
  return json;
}

ordered_json to_json(const CalibrationState& state) {
  ordered_json json{{"done", state.done},
                    {"simulated_steps", state.result.simulated_steps},
                    {"simulated_episodes", state.result.simulated_episodes},
                    {"steps", ordered_json::array()},
                    {"draws", to_json(state.result.draws)},
                    {"costs", list(state.result.costs)},
                    {"statistics", to_json(state.statistics)}};
  for (const CalibrationStep& step : state.result.steps) json["steps"].push_back(to_json(step));
  if (state.search) {
    const CmaEsState& search = *state.search;
    json["search"] = {{"mean", list(search.mean)},
                      {"covariance", to_json(search.covariance)},
                      {"sigma", search.sigma},
                      {"sigma_path", list(search.sigma_path)},
                      {"covariance_path", list(search.covariance_path)},
                      {"generation", search.generation}};
  }
  return json;
}

CalibrationState calibration_state(const ordered_json& json, std::size_t parameters) {
  try {
    CalibrationState state;
    state.done = json.at("done").get<int>();
    state.result.simulated_steps = json.at("simulated_steps").get<std::int64_t>();
    state.result.simulated_episodes = json.at("simulated_episodes").get<std::int64_t>();
    for (const ordered_json& step : json.at("steps")) {
      state.result.steps.push_back({gaussian_of(step, parameters), step.at("mean_discrepancy").get<double>(),
                                    step.at("least_discrepancy").get<double>(), step.at("eta").get<double>(),
                                    step.at("kl").get<double>(), step.at("effective_samples").get<double>()});
    }
    if (state.result.steps.empty()) throw Error("no steps");
    state.result.draws = matrix_of(json.at("draws"));
    state.result.costs = vector_of(json.at("costs"));
    state.statistics = matrix_of(json.at("statistics"));
    if (json.contains("search")) {
      const ordered_json& search = json.at("search");
      const Gaussian gaussian = gaussian_of(search, parameters);
      state.search = CmaEsState{gaussian.mean,
                                gaussian.covariance,
                                search.at("sigma").get<double>(),
                                vector_of(search.at("sigma_path")),
                                vector_of(search.at("covariance_path")),
                                search.at("generation").get<int>()};
    }
    return state;
  } catch (const ordered_json::exception& error) {
    throw Error("state of a calibration: cannot be read: " + reason_of(error));
  } catch (const Error& error) {
    throw Error(std::string("state of a calibration: cannot be read: ") + error.what());
  }
}

}  // namespace understudy
