#pragma once
/// \file How a scripted expert goes about a task: people differ, and who sees late goes slower.

namespace understudy {

/// The default is the expert as it is best.
struct ExpertStyle {
  /// Rates at which it closes in on what it sees, of its own, in (0, 1]. A loop that reacts after a delay `d` does
  /// not overshoot at rates below 1 / (e d).
  double pace = 1;
};

}  // namespace understudy
