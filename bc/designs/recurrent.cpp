// BC-RNN (Mandlekar et al. 2021): LSTM (Hochreiter, Schmidhuber 1997) or GRU (Cho et al. 2014) over sequences of
// `horizon` steps that begin anywhere, with any head at every step. When acting, the memory is emptied every `horizon`
// steps, as long as it ever was in training.

#include "bc/designs/design_parts.h"

namespace understudy {
namespace {

// What torch.lstm and torch.gru do at one step, in an order that costs a single row little.
constexpr const char* kLstmStep = R"(    h = memory[:, 0, {layer}]
    i, f, g, o = ({input} + {state}).chunk(4, 1)
    c{layer} = torch.sigmoid(f) * memory[:, 1, {layer}] + torch.sigmoid(i) * torch.tanh(g)
    x{layer} = torch.sigmoid(o) * torch.tanh(c{layer})
    x = x{layer}
)";
constexpr const char* kGruStep = R"(    h = memory[:, 0, {layer}]
    r, z, n = ({input}).chunk(3, 1)
    s, y, m = ({state}).chunk(3, 1)
    z = torch.sigmoid(z + y)
    x{layer} = (1.0 - z) * torch.tanh(n + torch.sigmoid(r + s) * m) + z * h
    x = x{layer}
)";

}  // namespace

SequenceDesign recurrent_design(const DesignConfig& config, int obs_dim, int act_dim) {
  DesignBuilder builder;
  add_head(builder, config.head, act_dim);
  const bool lstm = config.cell == "lstm";
  const int gates = lstm ? 4 : 3;
  const int parts = lstm ? 2 : 1;
  std::string weights, step, hidden, cells;
  for (int layer = 0; layer < config.layers; ++layer) {
    const std::string name = config.cell + "_" + number(layer);
    const int in = layer == 0 ? obs_dim : config.width;
    const std::string of_input =
        builder.weight(name + "_input_weight", {gates * config.width, in}, config.width);
    const std::string of_state =
        builder.weight(name + "_state_weight", {gates * config.width, config.width}, config.width);
    const std::string input_bias = builder.weight(name + "_input_bias", {gates * config.width}, config.width);
    const std::string state_bias = builder.weight(name + "_state_bias", {gates * config.width}, config.width);
    weights +=
        (weights.empty() ? "" : ", ") + of_input + ", " + of_state + ", " + input_bias + ", " + state_bias;
    step += filled(lstm ? kLstmStep : kGruStep,
                   {{"layer", number(layer)},
                    {"input", "self.affine(x, " + of_input + ", " + input_bias + ")"},
                    {"state", "self.affine(h, " + of_state + ", " + state_bias + ")"}});
    hidden += "x" + number(layer) + ", ";
    if (lstm) cells += "c" + number(layer) + ", ";
  }
  const std::string head = head_layer(builder, config.head, "x", config.width, act_dim);
  const char* const text = lstm ? R"(
def body(self, observations: Tensor, train: bool) -> Tensor:
    x = {seen}
    memory = torch.zeros([{layers}, x.size(0), {width}])
    x, h, c = torch.lstm(x, [memory, memory], [{weights}], True, {layers}, {dropout}, train, False, True)
    return {head}
)"
                                : R"(
def body(self, observations: Tensor, train: bool) -> Tensor:
    x = {seen}
    memory = torch.zeros([{layers}, x.size(0), {width}])
    x, h = torch.gru(x, memory, [{weights}], True, {layers}, {dropout}, train, False, True)
    return {head}
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
                                                                {"horizon", number(config.horizon)},
                                                                {"step", step},
                                                                {"kept", hidden + cells}};
  builder.method(filled(text, values));
  // The state: the memory, [parts, layers, width], and the number of its steps.
  builder.method(filled(R"(
def loss(self, observations: Tensor, actions: Tensor, weights: Tensor, noise: Tensor, total: float, batch: float, train: bool) -> Tensor:
    return (self.head_loss(self.body(observations, train), actions) * weights).sum() / total
def plan(self, observations: Tensor, state: Tensor, noise: Tensor) -> Tuple[Tensor, Tensor]:
    steps = state[:, {numbers}:]
    known = (steps < {horizon}).to(state)
    memory = (state[:, :{numbers}] * known).reshape(-1, {parts}, {layers}, {width})
    x = {seen}[:, 0]
{step}    return self.head_action({head}, noise).unsqueeze(1), torch.cat([{kept}steps * known + 1.0], 1)
)",
                        values));
  SequenceDesign design{.tensors = builder.tensors(), .source = builder.source()};
  design.state = numbers + 1;
  design.plan_noise = head_noise(config.head, act_dim);
  design.window = design.targets = config.horizon;
  return design;
}

}  // namespace understudy
