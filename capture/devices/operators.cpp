#include "capture/devices/operators.h"

#include <cstdint>
#include <string>

#include "datasets/types/error.h"
#include "datasets/types/rng.h"
#include "datasets/types/rng_streams.h"

namespace understudy {
namespace {

/// Of the experts' rates, 8/s for a hand: with half of 0.2 s made up for, no more than 3.7/s does not overshoot.
constexpr double kPace = 0.4;

}  // namespace

OperatorTraits operator_traits(int number, const EnvironmentSpec& spec) {
  if (number < 0 || number > kMostOperators) {
    throw UsageError("operator: want a number from 1 to " + std::to_string(kMostOperators) + ", found " +
                     std::to_string(number));
  }
  OperatorTraits traits;
  traits.style.pace = kPace;
  if (number == 0) return traits;
  // No episode has such a seed.
  Rng rng = Rng::stream(static_cast<std::uint64_t>(number) << 48, RngStream::kSyntheticOperator);
  traits.style.side = (number % 2 == 1 ? 1 : -1) * rng.uniform(0.6, 1);
  traits.style.boldness = rng.uniform(-1, 1);
  traits.style.grip = rng.uniform(-1, 1);
  traits.style.pace = rng.uniform(0.38, 0.41);
  HumanFaultsConfig& faults = traits.faults;
  faults.noise = rng.uniform(0.05, 0.085);
  faults.delay_min = rng.uniform(0.13, 0.15);
  faults.delay_max = faults.delay_min + 0.05;
  // Who lets go of a wheel has not stopped.
  const double looks = rng.uniform(0, 0.1);
  if (spec.layout != "drive") faults.look_rate = looks;
  return traits;
}

}  // namespace understudy
