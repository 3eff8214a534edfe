#include "bc/exports/policy_step.h"

#include <algorithm>

#include "bc/networks/libtorch.h"
#include "bc/networks/libtorch_functions.h"
#include "bc/policies/policy_tensors.h"
#include "bc/policies/sequence_policy.h"

namespace understudy {
namespace {

constexpr const char* kForward = R"(
def step(self, observation: Tensor, state: Tensor, noise: Tensor) -> Tuple[Tensor, Tensor]:
    return self.forward(observation), state
)";

/// Hands out pieces of the state, one after the other.
class StateLayout {
 public:
  std::string take(int count) {
    const std::string piece = "state[:, " + number(size_) + ":" + number(size_ + count) + "]";
    size_ += count;
    return piece;
  }
  int size() const { return size_; }

 private:
  int size_ = 0;
};

// What SequenceActor does, with all it remembers in `state`: the number of steps done, the window of observations, the
// network's own state, and the latest plan or plans.
PolicyStep sequence_step(const SequencePolicy& network, int obs_dim, int act_dim) {
  const SequenceDesign& design = network.design();
  const bool window = design.history > 1, waits = design.executed > 1, blends = design.ensemble > 0;
  const int plans = blends ? design.planned : design.executed;
  StateLayout layout;
  std::string text =
      "def step(self, observation: Tensor, state: Tensor, noise: Tensor) -> Tuple[Tensor, Tensor]:\n"
      "    x = observation.reshape(1, 1, {O})\n";
  std::string kept;
  const auto keep = [&](const std::string& piece) { kept += (kept.empty() ? "" : ", ") + piece; };
  if (window || waits || blends) {
    text += "    count = " + layout.take(1) + "\n";
    keep("count + 1.0");
  }
  if (window) {
    text += "    past = torch.cat([" + layout.take(design.history * obs_dim) +
            ".reshape(1, {history}, {O})[:, 1:], x], 1)\n"
            "    x = torch.where(count.unsqueeze(-1) == 0.0, x.expand(1, {history}, {O}), past)\n";
    keep("x.flatten(1)");
  }
  text += "    memory = " + (design.state > 0 ? layout.take(design.state) : "torch.zeros([1, 1])") + "\n";
  if (design.state > 0) keep("memory");
  const std::string plan = "actions, memory = self.plan(x, memory, noise)\n";
  if (blends) {
    // plans[:, a, p]: what the plan made a steps ago says of the step p after it.
    text +=
        "    " + plan + "    plans = torch.cat([actions.unsqueeze(1), " +
        layout.take(plans * plans * act_dim) +
        ".reshape(1, {plans}, {plans}, {A})[:, :-1]], 1)\n"
        "    age = torch.arange({plans}).to(count).reshape(1, -1)\n"
        "    known = torch.clamp(count, max={plans} - 1.0)\n"
        "    weights = torch.exp(-{rate} * torch.clamp(known - age, min=0.0)) * (age <= known).to(count)\n"
        "    said = plans.reshape(1, -1, {A})[:, ::{plans} + 1]\n"
        "    action = (said * (weights / weights.sum(-1, True)).unsqueeze(-1)).sum(1)\n";
    keep("plans.flatten(1)");
  } else if (waits) {
    text +=
        "    phase = count - torch.floor((count + 0.5) / {plans}) * {plans}\n"
        "    plans = " +
        layout.take(plans * act_dim) +
        ".reshape(1, {plans}, {A})\n"
        "    if bool(phase == 0.0):\n"
        "        " +
        plan +
        "        plans = actions[:, :{plans}]\n"
        "    now = (torch.arange({plans}).to(count) == phase).to(count)\n"
        "    action = (plans * now.unsqueeze(-1)).sum(1)\n";
    keep("plans.flatten(1)");
  } else {
    text += "    " + plan + "    action = actions[:, 0]\n";
  }
  text += kept.empty() ? "    return action, state\n" : "    return action, torch.cat([" + kept + "], 1)\n";
  return {.state = layout.size(),
          .noise = design.plan_noise,
          .noise_every = blends ? 1 : design.executed,
          .methods = design.source,
          .step = filled(text, {{"O", number(obs_dim)},
                                {"A", number(act_dim)},
                                {"history", number(design.history)},
                                {"plans", number(plans)},
                                {"rate", number(design.ensemble)}})};
}

}  // namespace

std::int64_t GraphValue::size() const {
  std::int64_t size = 1;
  for (const std::int64_t side : shape) size *= side;
  return size;
}

PolicyStep policy_step(const Policy& policy) {
  if (const auto* network = dynamic_cast<const SequencePolicy*>(policy.network.get()))
    return sequence_step(*network, policy.observation.size(), policy.action.size());
  const PolicyScript script = policy.network->script(policy);
  if (!script.state.empty() || !script.buffers.empty()) {
    throw Error(
        "policy of kind " + policy.network->kind() +
        ": want one that does not remember, or of a kind that this program trains, found a script with a "
        "memory of its own; export it to torchscript");
  }
  return {.methods = script.source, .step = kForward};
}

StepGraph step_graph(const Policy& policy) {
  StepGraph graph;
  libtorch_function<decltype(understudy_libtorch_graph)>("understudy_libtorch_graph")(
      policy, policy_step(policy), graph);
  return graph;
}

}  // namespace understudy
