#pragma once
/// \file Where a calibration stands, as JSON that gives back the same bits.

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "irl/calibration/calibration.h"
#include "irl/calibration/cma_es.h"

namespace understudy {

struct CalibrationState {
  int done = 0;  ///< updates, generations, or chunks of simulations
  CalibrationResult result;
  std::optional<CmaEsState> search;  ///< of CMA-ES
  Eigen::MatrixXd statistics;        ///< of BayesSim's simulations
};

nlohmann::ordered_json to_json(const CalibrationState& state);
/// Of `parameters` parameters. Throws Error when `json` is no such state.
CalibrationState calibration_state(const nlohmann::ordered_json& json, std::size_t parameters);

nlohmann::ordered_json to_json(const Eigen::MatrixXd& matrix);  ///< list of rows
nlohmann::ordered_json to_json(const Gaussian& gaussian);
nlohmann::ordered_json to_json(const GaussianMixture& mixture);
nlohmann::ordered_json to_json(const CalibrationStep& step);

}  // namespace understudy
