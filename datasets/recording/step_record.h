#pragma once
/// \file What is recorded at every step of an episode, and at its end.

#include <optional>
#include <string>

#include "datasets/types/matrix.h"

namespace understudy {

/// One step of the live episode. The views need to stay valid during the call only.
struct StepRecord {
  Eigen::Ref<const Vector> action;            ///< [act_dim] in [-1, 1], as applied
  float reward = 0;                           ///< for this step
  Eigen::Ref<const Vector> next_observation;  ///< [obs_dim] o_{t+1}
  Eigen::Ref<const State> next_state;         ///< [state_dim] the simulator's state that goes with it
  double timestamp = 0;                       ///< s since the episode began, when the action was applied
  double input_age = 0;                       ///< s between reading the device and applying the action
  bool overrun = false;                       ///< the control loop missed this step's deadline
  bool intervention = false;                  ///< a human (or synthetic operator) held the controls
  std::optional<float> doubt{};  ///< of the policy at the wheel; at every step of an episode or at none
  Eigen::Ref<const Vector> axes = Vector();  ///< [n_axes] raw device axes; n_axes fixed within an episode
  Eigen::Ref<const Vector> buttons =
      Vector();  ///< [n_buttons] raw device buttons, 0 or 1; number fixed likewise
};

/// How an episode ended. `terminated` and `truncated` may both be false when the operator ended it.
struct EpisodeEnd {
  bool terminated = false;
  bool truncated = false;
  bool success = false;
  std::string recording{};  ///< Episode::recording
};

}  // namespace understudy
