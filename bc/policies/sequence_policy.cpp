#include "bc/policies/sequence_policy.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "bc/policies/policy_tensors.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

std::int64_t entries_of(const DesignTensor& tensor) {
  return entries(PolicyTensor{tensor.name, tensor.shape, {}});
}

// What a policy does around its plans, for a batch of rows that step together: see SequenceActor, which does the same.
constexpr const char* kForward = R"(
def forward(self, observation: Tensor) -> Tensor:
    x = observation.reshape(-1, 1, {O}).to(self.mean)
    if int(self.steps) == 0:
        self.past = x.repeat(1, {history}, 1)
        self.memory = torch.zeros([x.size(0), {state}])
        self.plans = torch.zeros([x.size(0), 0, {planned}, {A}])
    else:
        self.past = torch.cat([self.past[:, 1:], x], 1)
    step = int(self.steps) % {executed}
    if step == 0:
        actions, memory = self.plan(self.past, self.memory, torch.randn([x.size(0), {noise}]))
        self.memory = memory
        self.plans = torch.cat([self.plans, actions.unsqueeze(1)], 1)[:, -{kept}:]
    self.steps = self.steps + 1
{choice}
    return action.reshape({A}) if observation.dim() == 1 else action
def reset(self) -> None:
    self.steps = torch.zeros([1])
)";
constexpr const char* kLatestPlan = "    action = self.plans[:, -1, step]";
constexpr const char* kAllPlans = R"(    order = torch.arange(self.plans.size(1))
    weights = torch.exp(-{rate} * order)
    said = self.plans[:, order, order.flip(0)]
    action = (said * (weights / weights.sum()).unsqueeze(-1)).sum(1))";

}  // namespace

Eigen::Index parameter_count(const SequenceDesign& design) {
  Eigen::Index count = 0;
  for (const DesignTensor& tensor : design.tensors) count += entries_of(tensor);
  return count;
}

Vector initial_parameters(const SequenceDesign& design, Rng& rng) {
  Vector parameters(parameter_count(design));
  Eigen::Index at = 0;
  for (const DesignTensor& tensor : design.tensors) {
    for (std::int64_t i = 0; i < entries_of(tensor); ++i)
      parameters[at++] = tensor.centre + tensor.bound * static_cast<float>(rng.uniform(-1, 1));
    parameters.segment(at - tensor.shifted, tensor.shifted).array() += tensor.shift;
  }
  return parameters;
}

std::vector<ScriptTensor> script_parameters(const SequenceDesign& design, const float* parameters) {
  std::vector<ScriptTensor> list;
  for (const DesignTensor& tensor : design.tensors) {
    list.push_back({tensor.name, tensor.shape, parameters});
    parameters += entries_of(tensor);
  }
  return list;
}

std::vector<ScriptTensor> normaliser_tensors(const Normaliser& normaliser) {
  return {{"mean", {normaliser.size()}, normaliser.mean.data()},
          {"scale", {normaliser.size()}, normaliser.scale.data()}};
}

std::function<float(ConstVectorRef)> doubt_meter(const Policy& policy) {
  // The network's tensors lie in it.
  const auto kept = std::make_shared<const Policy>(policy);
  const auto* network = dynamic_cast<const SequencePolicy*>(kept->network.get());
  if (network == nullptr || !network->design().doubts || network->design().history != 1) return {};
  std::shared_ptr<ScriptNetwork> script =
      make_script_network(network->kind(), network->design().source,
                          script_parameters(network->design(), network->parameters().data()),
                          normaliser_tensors(kept->normaliser));
  std::vector<float> actions(static_cast<std::size_t>(kept->action.size()));
  return [kept, script, actions](ConstVectorRef observation) mutable {
    const Vector seen = observation;
    const float none = 0;
    std::vector<float> doubt(1);
    script->plan({{"", {1, 1, seen.size()}, seen.data()}, {"", {1, 1}, &none}, {"", {1, 1}, &none}}, actions,
                 doubt);
    return doubt.front();
  };
}

Vector doubts(const Policy& policy, ConstMatrixRef observations) {
  const auto doubt = doubt_meter(policy);
  if (!doubt) throw Error("doubt: want an ensemble of one observation, found " + policy.network->kind());
  Vector found(observations.rows());
  for (Eigen::Index i = 0; i < found.size(); ++i) found[i] = doubt(observations.row(i).transpose());
  return found;
}

double doubt_threshold(const Vector& at_takeover) {
  const Eigen::Index last = (at_takeover.size() + 3) / 4;
  return last == 0 ? 0 : static_cast<double>(at_takeover.tail(last).mean());
}

SequencePolicy::SequencePolicy(std::string kind, const DesignConfig& config, int obs_dim, int act_dim,
                               Vector parameters)
    : kind_(std::move(kind)),
      config_(config),
      design_(make_design(kind_, config, obs_dim, act_dim)),
      obs_dim_(obs_dim),
      act_dim_(act_dim),
      parameters_(std::move(parameters)) {
  want_size(kind_ + " network", "parameters", parameter_count(design_), parameters_.size());
}

std::vector<PolicyTensor> SequencePolicy::tensors() const {
  std::vector<PolicyTensor> list;
  for (const ScriptTensor& tensor : script_parameters(design_, parameters_.data())) {
    PolicyTensor copy{tensor.name, tensor.shape, {}};
    copy.values = Eigen::Map<const Vector>(tensor.values, entries(copy));
    list.push_back(std::move(copy));
  }
  return list;
}

void SequencePolicy::check(const Policy& policy, const std::string& place) const {
  want_size(place, "observation", obs_dim_, policy.observation.size());
  want_size(place, "action", act_dim_, policy.action.size());
  at_place(place, [&] { return sight_in(policy.observation, cameras()); });
  if (policy.observation_history != design_.history || policy.planned_actions != design_.planned) {
    throw Error(place + ": " + kind_ + " network: want a history of " + std::to_string(design_.history) +
                " and a plan of " + std::to_string(design_.planned) + ", found " +
                std::to_string(policy.observation_history) + " and " +
                std::to_string(policy.planned_actions));
  }
  if (!parameters_.allFinite()) throw Error(place + ": " + kind_ + " network: a number is not finite");
}

PolicyScript SequencePolicy::script(const Policy& /*policy*/) const {
  const bool all = design_.ensemble > 0;
  const int noise = std::max(1, design_.plan_noise), state = std::max(1, design_.state);
  const std::string forward = filled(filled(kForward, {{"choice", all ? kAllPlans : kLatestPlan}}),
                                     {{"O", number(obs_dim_)},
                                      {"A", number(act_dim_)},
                                      {"history", number(design_.history)},
                                      {"state", number(state)},
                                      {"noise", number(noise)},
                                      {"planned", number(design_.planned)},
                                      {"executed", number(design_.executed)},
                                      {"kept", number(all ? design_.planned : 1)},
                                      {"rate", number(design_.ensemble)}});
  const auto zeros = [](const char* name, std::vector<std::int64_t> shape) {
    PolicyTensor tensor{name, std::move(shape), {}};
    tensor.values = Vector::Zero(entries(tensor));
    return tensor;
  };
  return {.source = design_.source + forward,
          .state = {},
          .buffers = {zeros("steps", {1}), zeros("past", {1, design_.history, obs_dim_}),
                      zeros("memory", {1, state}), zeros("plans", {1, 1, design_.planned, act_dim_})}};
}

std::vector<PolicyKind> sequence_policy_kinds() {
  std::vector<PolicyKind> kinds;
  for (const std::string& name : design_names()) {
    kinds.push_back(
        {name,
         [name](const Policy& frame, const std::string& description) {
           const SequenceDesign design = make_design(name, design_from_json(description),
                                                     frame.observation.size(), frame.action.size());
           std::vector<PolicyTensor> tensors;
           for (const DesignTensor& tensor : design.tensors)
             tensors.push_back({tensor.name, tensor.shape, {}});
           return tensors;
         },
         [name](const Policy& frame, const std::string& description, std::vector<PolicyTensor> tensors) {
           Eigen::Index count = 0;
           for (const PolicyTensor& tensor : tensors) count += tensor.values.size();
           Vector parameters(count);
           count = 0;
           for (const PolicyTensor& tensor : tensors) {
             parameters.segment(count, tensor.values.size()) = tensor.values;
             count += tensor.values.size();
           }
           return std::make_shared<const SequencePolicy>(name, design_from_json(description),
                                                         frame.observation.size(), frame.action.size(),
                                                         std::move(parameters));
         }});
  }
  return kinds;
}

}  // namespace understudy
