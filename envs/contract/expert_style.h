#pragma once
/// \file How a scripted expert goes about a task: people differ in the way they choose, and who sees late goes
/// slower.

namespace understudy {

/// The default is the expert as it is best. Of the others an expert follows what its task gives room for
/// (Task::ways says what that is); each of them reaches the goal whatever its style.
struct ExpertStyle {
  /// Rates at which it closes in on what it sees, of its own, in (0, 1]. A loop that reacts after a delay `d` does
  /// not overshoot at rates below 1 / (e d).
  double pace = 1;
  /// The way it takes where there are two, in [-1, 1]: above 0 left, below 0 right, as somebody sees it who moves
  /// towards the goal; further out the larger it is. 0: the shortest.
  double side = 0;
  /// The room it leaves, in [-1, 1]: above 0 it passes nearer, lower or faster, below 0 it keeps more distance.
  double boldness = 0;
  /// Which of two faces it takes hold of, in [-1, 1]: above 0 it rather turns to the left, below 0 to the right. 0:
  /// the nearer one.
  double grip = 0;
};

}  // namespace understudy
