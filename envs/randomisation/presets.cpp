#include "envs/randomisation/presets.h"

#include <utility>

namespace understudy {
namespace {

constexpr std::pair<std::string_view, std::string_view> kPresets[] = {
    {"dactyl",
     R"(# OpenAI et al. 2018, Learning dexterous in-hand manipulation, Tables 1, 7 and 8: what is drawn per episode.
# What changes from step to step is in the world of the same name (--world dactyl).
[physics]
mass = { uniform = [0.5, 1.5] }
friction = { uniform = [0.7, 1.3] }
damping = { log_uniform = [0.3, 3] }
gravity = { normal = [9.81, 0.4], low = 8, high = 11.6 }   # theirs on every axis
[actuators]
gain = { log_uniform = [0.75, 1.5] }                       # of their position servos
)"},
    {"peng",
     R"(# Peng et al. 2018, Sim-to-real transfer of robotic control with dynamics randomization, Table 1: per episode.
# What changes from step to step is in the world of the same name (--world peng).
[physics]
mass = { uniform = [0.25, 4] }
damping = { log_uniform = [0.2, 20] }
friction = { log_uniform = [0.2, 5] }                      # theirs of the puck, 0.1 to 5
[actuators]
gain = { uniform = [0.5, 2] }                              # of their controller
)"},
    {"tobin",
     R"(# Tobin et al. 2017, Domain randomization for transferring deep neural networks from simulation to the real world:
# looks only. Colours stand for their textures; the number of lights and of distractors stays.
[visual]
colour = { uniform = [0, 1] }
light_azimuth = { uniform = [-3.1, 3.1] }
light_elevation = { uniform = [-0.6, 0.4] }
light_intensity = { uniform = [0.5, 1.5] }
camera_x = { uniform = [-0.05, 0.05] }                     # theirs within a box of 10 cm x 5 cm x 10 cm
camera_y = { uniform = [-0.025, 0.025] }
camera_z = { uniform = [-0.05, 0.05] }
camera_yaw = { uniform = [-0.1, 0.1] }                     # 0.1 rad
camera_pitch = { uniform = [-0.1, 0.1] }
field_of_view = { uniform = [0.95, 1.05] }                 # 5 %
)"},
};

}  // namespace

std::vector<std::string> randomisation_presets() {
  std::vector<std::string> names;
  for (const auto& [name, text] : kPresets) names.emplace_back(name);
  return names;
}

std::string_view preset_text(std::string_view name) {
  for (const auto& [known, text] : kPresets) {
    if (known == name) return text;
  }
  return {};
}

}  // namespace understudy
