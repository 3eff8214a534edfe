#include "envs/other_world/world_presets.h"

#include <utility>

namespace understudy {
namespace {

constexpr std::pair<std::string_view, std::string_view> kPresets[] = {
    {"dactyl", R"(# OpenAI et al. 2018, Learning dexterous in-hand manipulation, Tables 1, 7 and 8.
world = "own"
[actuators]
action_noise = 0.05
action_bias = 0.015
delay = 0.5
jitter = 0.03            # 8 ms + Exp(1250 to 10000 per s): 0.1 to 0.8 ms
[sensors]
length_bias = 0.005      # of the object; its white noise
length_noise = 0.001
other_bias = 0.1         # rad
other_noise = 0.1
drop = 0.0067            # markers: 0.2 per s for 1 s, at 30 Hz
drop_steps = 30
[forces]                 # 0.1 % to 10 % per 80 ms, log-uniform: its geometric mean and deviation
pushes = 0.125
spread = 1.33
acceleration = 1
lasts = 8                # 0.99 per 80 ms
)"},
    {"forces",
     R"(# Random forces and nothing else (Valassakis et al. 2020, arXiv 2008.06686), with the constants of OpenAI et al. 2018.
world = "own"
[forces]
pushes = 0.125
spread = 1.33
acceleration = 1
lasts = 8
)"},
    {"peng",
     R"(# Peng et al. 2018, Sim-to-real transfer of robotic control with dynamics randomization, Table 1.
world = "own"
[actuators]
jitter = 0.07            # 40 ms + Exp(125 to 1000 per s): 1 to 8 ms
[sensors]                # theirs is 5 % of an entry's running deviation; these are 5 % of 10 cm, 0.5 m/s and 0.2
length_noise = 0.005
speed_noise = 0.025
other_noise = 0.01
)"},
};

}  // namespace

std::vector<std::string> world_presets() {
  std::vector<std::string> names;
  for (const auto& [name, text] : kPresets) names.emplace_back(name);
  return names;
}

std::string_view world_preset_text(std::string_view name) {
  for (const auto& [known, text] : kPresets) {
    if (known == name) return text;
  }
  return {};
}

}  // namespace understudy
