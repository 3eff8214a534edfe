// BC-RNN (Mandlekar et al. 2021): LSTM (Hochreiter, Schmidhuber 1997) or GRU (Cho et al. 2014) over sequences of
// `horizon` steps that begin anywhere, with any head at every step. When acting, the memory is emptied every `horizon`
// steps, as long as it ever was in training.

#include "bc/designs/design_parts.h"

namespace understudy {

SequenceDesign recurrent_design(const DesignConfig& config, int obs_dim, int act_dim) {
  DesignBuilder builder;
  add_head(builder, config.head, act_dim);
  const bool lstm = config.cell == "lstm";
  const int gates = lstm ? 4 : 3;
  const int parts = lstm ? 2 : 1;
  std::string weights;
  for (int layer = 0; layer < config.layers; ++layer) {
    const std::string name = config.cell + "_" + number(layer);
    const int in = layer == 0 ? obs_dim : config.width;
    for (const std::string& weight :
         {builder.weight(name + "_input_weight", {gates * config.width, in}, config.width),
          builder.weight(name + "_state_weight", {gates * config.width, config.width}, config.width),
          builder.weight(name + "_input_bias", {gates * config.width}, config.width),
          builder.weight(name + "_state_bias", {gates * config.width}, config.width)}) {
      weights += (weights.empty() ? "" : ", ") + weight;
    }
  }
  const std::string head = builder.linear("x", "head", config.width, head_outputs(config.head, act_dim));
  // The memory is [layers, B, width] for each of the parts.
  const char* const text = lstm ? R"(
def body(self, observations: Tensor, memory: Tensor, train: bool) -> Tuple[Tensor, Tensor]:
    x = {seen}
    x, h, c = torch.lstm(x, [memory[0], memory[1]], [{weights}], True, {layers}, {dropout}, train, False, True)
    return {head}, torch.stack([h, c])
)"
                                : R"(
def body(self, observations: Tensor, memory: Tensor, train: bool) -> Tuple[Tensor, Tensor]:
    x = {seen}
    x, h = torch.gru(x, memory[0], [{weights}], True, {layers}, {dropout}, train, False, True)
    return {head}, h.unsqueeze(0)
)";
  const int numbers = parts * config.layers * config.width;
  const std::vector<std::pair<std::string, std::string>> values{{"seen", seen(config)},
                                                                {"weights", weights},
                                                                {"layers", number(config.layers)},
                                                                {"width", number(config.width)},
                                                                {"parts", number(parts)},
                                                                {"dropout", number(config.dropout)},
                                                                {"head", head},
                                                                {"numbers", number(numbers)},
                                                                {"horizon", number(config.horizon)}};
  builder.method(filled(text, values));
  // The last number of the state counts the steps of the memory.
  builder.method(filled(R"(
def loss(self, observations: Tensor, actions: Tensor, weights: Tensor, noise: Tensor, total: float, batch: float, train: bool) -> Tensor:
    memory = torch.zeros([{parts}, {layers}, observations.size(0), {width}])
    outputs, memory = self.body(observations, memory, train)
    return (self.head_loss(outputs, actions) * weights).sum() / total
def plan(self, observations: Tensor, state: Tensor, noise: Tensor) -> Tuple[Tensor, Tensor]:
    steps = state[:, {numbers}:]
    known = (steps < {horizon}).to(state)
    memory = (state[:, :{numbers}] * known).reshape(-1, {parts}, {layers}, {width}).permute(1, 2, 0, 3).contiguous()
    outputs, memory = self.body(observations, memory, False)
    kept = memory.permute(2, 0, 1, 3).reshape(-1, {numbers})
    return self.head_action(outputs[:, 0], noise).unsqueeze(1), torch.cat([kept, steps * known + 1.0], 1)
)",
                        values));
  SequenceDesign design{.tensors = builder.tensors(), .source = builder.source()};
  design.state = numbers + 1;
  design.plan_noise = head_noise(config.head, act_dim);
  design.window = design.targets = config.horizon;
  return design;
}

}  // namespace understudy
