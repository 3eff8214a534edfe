#pragma once
/// \file One synthetic operator and another: each number is a person of their own, with a way of doing things and a
/// hand.
///
/// Odd numbers go left, even ones right; the rest is drawn from the number, which stands for the same person for ever.

#include "capture/devices/human_faults.h"
#include "envs/contract/environment.h"
#include "envs/contract/expert_style.h"

namespace understudy {

inline constexpr int kMostOperators = 1000;

/// How one of them differs from the default operator.
struct OperatorTraits {
  ExpertStyle style;
  HumanFaultsConfig faults;
};

/// Operator `number` in [1, kMostOperators], or the default for 0, at a task. Throws UsageError for other numbers.
///
/// | trait | of an operator |
/// |---|---|
/// | side | 0.6 to 1 to the left (odd) or to the right (even) |
/// | boldness, grip | -1 to 1 |
/// | pace | 0.38 to 0.41; 0.4 is the default's |
/// | tremor | 0.05 to 0.085, standard deviation on each action entry |
/// | reaction delay | 0.13 to 0.15 s at its shortest, 0.05 s more at its longest |
/// | second looks | 0 to 0.1 a second: lets go for 0.3 to 0.6 s and aims again; never at a wheel |
OperatorTraits operator_traits(int number, const EnvironmentSpec& spec);

}  // namespace understudy
