#pragma once
/// \file What a person calls the two ways of an action entry.

#include <string>
#include <vector>

#include "datasets/types/space.h"

namespace understudy {

/// The words for one entry of an action, e.g. "back" and "forward".
struct ActionWords {
  std::string negative;
  std::string positive;
  bool positive_left = false;  ///< the positive way is to the left, so that a bar grows to the left with it
};

/// Words for the entry called `name` (entry_names()). Where an arm's hand or a vehicle is driven, they say the
/// way as its operator sees it; entries that nothing is known of are called by their names.
ActionWords action_words(const std::string& name);

/// One per entry of `action`.
std::vector<ActionWords> action_words(const Space& action);

}  // namespace understudy
