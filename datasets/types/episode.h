#pragma once
/// \file One episode: reset to end, T actions and T + 1 observations.

#include <cstdint>
#include <string>
#include <vector>

#include "datasets/types/matrix.h"

namespace understudy {

/// What was measured beside each step of a recording. Every array has T rows, or none
/// when nothing was measured.
struct StepInfo {
  std::vector<double> timestamp;      ///< s since the episode began, when the action was applied (monotonic)
  std::vector<double> input_age;      ///< s between reading the device and applying the action
  std::vector<std::uint8_t> overrun;  ///< 1: the control loop missed this step's deadline
  std::vector<std::uint8_t> intervention;  ///< 1: a human (or synthetic operator) held the controls
  std::vector<float> doubt;  ///< how far the policy at the wheel doubted; 0 where none says, none without one
  Matrix axes;               ///< [T, n_axes] raw device axes in [-1, 1]
  Matrix buttons;            ///< [T, n_buttons] raw device buttons, 0 or 1
};

/// The word "done" appears only in file formats: `terminated` means that an absorbing state was reached,
/// `truncated` that the episode was cut from outside; neither is computed from the other.
struct Episode {
  Matrix observations;         ///< [T + 1, obs_dim]
  Matrix actions;              ///< [T, act_dim] in [-1, 1]
  std::vector<float> rewards;  ///< [T]
  StateMatrix states;          ///< [T + 1, state_dim], or no rows when not kept
  StepInfo info;               ///< empty unless recorded
  std::uint64_t seed = 0;      ///< the seed that `Environment::reset` was given
  bool terminated = false;
  bool truncated = false;
  bool success = false;       ///< the task's own criterion, or the operator's verdict where one was given
  std::string operator_name;  ///< the actor that was recorded, e.g. "synthetic", "gamepad"; may be empty
  std::string variation;      ///< JSON: what varied the task (envs/contract/variation.h); empty: nothing
  std::string recording;      ///< JSON object: how it was recorded (docs/dataset-format.md); may be empty

  int length() const { return static_cast<int>(actions.rows()); }
};

/// Throws Error naming `place`, the array and the expected and found shape unless all arrays fit one T.
void check_shapes(const Episode& episode, const std::string& place);

}  // namespace understudy
