#include "tests/support/linear_recurrent_policy.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "datasets/types/error.h"
#include "datasets/types/rng.h"

namespace understudy {
namespace {

Vector flat(const Matrix& matrix) {
  return matrix.reshaped<Eigen::RowMajor>();
}

Matrix matrix(const PolicyTensor& tensor) {
  return Eigen::Map<const Matrix>(tensor.values.data(), tensor.shape[0], tensor.shape[1]);
}

std::vector<PolicyTensor> shapes(std::int64_t units, std::int64_t obs_dim, std::int64_t act_dim) {
  return {{"from_state", {units, units}, {}},
          {"from_input", {units, obs_dim}, {}},
          {"to_action", {act_dim, units}, {}},
          {"start", {units}, {}}};
}

class LinearRecurrentActor final : public Actor {
 public:
  LinearRecurrentActor(LinearRecurrentPolicy network, Normaliser normaliser)
      : network_(std::move(network)), normaliser_(std::move(normaliser)) {}

  void reset(int row, std::uint64_t /*seed*/) override {
    const auto known = static_cast<int>(states_.rows());
    if (row >= known) {
      states_.conservativeResize(row + 1, network_.start.size());
      for (int added = known; added <= row; ++added) states_.row(added) = network_.start.transpose();
    }
    states_.row(row) = network_.start.transpose();
  }

  void act(ConstMatrixRef observations, MatrixRef actions) override {
    for (Eigen::Index row = 0; row < observations.rows(); ++row) {
      Matrix x = observations.row(row);
      normaliser_.apply(x);
      states_.row(row) =
          (network_.from_state * states_.row(row).transpose() + network_.from_input * x.transpose())
              .transpose();
      actions.row(row) =
          (network_.to_action * states_.row(row).transpose()).cwiseMax(-1.0F).cwiseMin(1.0F).transpose();
    }
  }

 private:
  LinearRecurrentPolicy network_;
  Normaliser normaliser_;
  Matrix states_;  ///< [rows so far, units]
};

}  // namespace

std::string LinearRecurrentPolicy::description() const {
  return nlohmann::json{{"units", start.size()}}.dump();
}

std::vector<PolicyTensor> LinearRecurrentPolicy::tensors() const {
  auto tensors = shapes(start.size(), from_input.cols(), to_action.rows());
  tensors[0].values = flat(from_state);
  tensors[1].values = flat(from_input);
  tensors[2].values = flat(to_action);
  tensors[3].values = start;
  return tensors;
}

void LinearRecurrentPolicy::check(const Policy& policy, const std::string& place) const {
  if (from_input.cols() != policy.observation.size() || to_action.rows() != policy.action.size()) {
    throw Error(place + ": recurrent network: want one of " + std::to_string(policy.observation.size()) +
                " observations and " + std::to_string(policy.action.size()) + " actions, found one of " +
                std::to_string(from_input.cols()) + " and " + std::to_string(to_action.rows()));
  }
  if (policy.observation_history != 1 || policy.planned_actions != 1) {
    throw Error(place + ": recurrent network: want a history and a plan of 1, found others");
  }
  if (!from_state.allFinite() || !from_input.allFinite() || !to_action.allFinite() || !start.allFinite()) {
    throw Error(place + ": recurrent network: a number is not finite");
  }
}

PolicyScript LinearRecurrentPolicy::script(const Policy& /*policy*/) const {
  return {.source =
              "def forward(self, observation: Tensor) -> Tensor:\n"
              "    x = (observation.to(self.mean) - self.mean) * self.scale\n"
              "    state = torch.linear(self.state, self.from_state) + torch.linear(x, self.from_input)\n"
              "    self.state = state\n"
              "    return torch.clamp(torch.linear(state, self.to_action), -1.0, 1.0)\n"
              "def reset(self) -> None:\n"
              "    self.state = self.start\n",
          .state = {{"state", "start"}}};
}

std::unique_ptr<Actor> LinearRecurrentPolicy::make_actor(const Policy& policy) const {
  return std::make_unique<LinearRecurrentActor>(*this, policy.normaliser);
}

PolicyKind linear_recurrent_policy_kind() {
  return {"linear_recurrent",
          [](const Policy& frame, const std::string& description) {
            const auto units = nlohmann::json::parse(description).at("units").get<std::int64_t>();
            return shapes(units, frame.observation.size(), frame.action.size());
          },
          [](const Policy& /*frame*/, const std::string& /*description*/, std::vector<PolicyTensor> tensors) {
            LinearRecurrentPolicy network;
            network.from_state = matrix(tensors[0]);
            network.from_input = matrix(tensors[1]);
            network.to_action = matrix(tensors[2]);
            network.start = tensors[3].values;
            return std::make_shared<const LinearRecurrentPolicy>(std::move(network));
          }};
}

Policy random_recurrent_policy(const EnvironmentSpec& spec, int units, std::uint64_t seed) {
  Rng rng(seed);
  const auto random = [&](int rows, int columns, double deviation) {
    Matrix values(rows, columns);
    for (float& value : values.reshaped()) value = static_cast<float>(deviation * rng.normal());
    return values;
  };
  LinearRecurrentPolicy network;
  network.from_state = random(units, units, 0.7 / std::sqrt(units));
  network.from_input = random(units, spec.observation.size(), 0.3);
  network.to_action = random(spec.action.size(), units, 0.3);
  network.start = random(units, 1, 0.5);
  Policy policy;
  policy.environment_id = spec.id;
  policy.observation = spec.observation;
  policy.action = spec.action;
  policy.normaliser = {random(spec.observation.size(), 1, 0.1), Vector::Ones(spec.observation.size())};
  policy.network = std::make_shared<const LinearRecurrentPolicy>(std::move(network));
  policy.learner = "test";
  policy.program_version = "0.1.0";
  return policy;
}

}  // namespace understudy
