#include "irl/couplings/coupling.h"

#include <cmath>
#include <sstream>

#include "datasets/types/error.h"

namespace understudy {
namespace {

void check_weights(const std::string& place, const char* side, ConstWeightsRef weights, Eigen::Index atoms) {
  std::ostringstream line;
  line << place << ": ";
  if (weights.size() != atoms) {
    line << "want one weight for each of " << atoms << ' ' << side << ", found " << weights.size();
    throw Error(line.str());
  }
  for (Eigen::Index i = 0; i < atoms; ++i) {
    if (std::isfinite(weights(i)) && weights(i) >= 0) continue;
    line << "want weights of " << side << " that are finite and at least 0, found " << weights(i) << " at "
         << i;
    throw Error(line.str());
  }
  if (std::abs(weights.sum() - 1) > 1e-6) {
    line << "want weights of " << side << " that sum to 1, found " << weights.sum()
         << "; divide them by their sum";
    throw Error(line.str());
  }
}

}  // namespace

Weights uniform_weights(Eigen::Index atoms) {
  return Weights::Constant(atoms, 1.0 / static_cast<double>(atoms));
}

void check_transport(const std::string& place, ConstCostRef cost, ConstWeightsRef row_weights,
                     ConstWeightsRef column_weights) {
  if (cost.size() == 0) {
    throw Error(place + ": want atoms on both sides, found costs of shape [" + std::to_string(cost.rows()) +
                ", " + std::to_string(cost.cols()) + "]");
  }
  for (Eigen::Index r = 0; r < cost.rows(); ++r) {
    if (cost.row(r).allFinite()) continue;
    throw Error(place + ": want finite costs, found NaN or infinity in row " + std::to_string(r) +
                "; check the data with `understudy data validate`");
  }
  check_weights(place, "rows", row_weights, cost.rows());
  check_weights(place, "columns", column_weights, cost.cols());
}

}  // namespace understudy
