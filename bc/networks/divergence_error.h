#pragma once
/// \file Training that has left the finite numbers.

#include <cstdint>
#include <string>

#include "datasets/types/error.h"

namespace understudy {

/// A training quantity is not finite. Nothing learnt after it means anything.
class DivergenceError : public Error {
 public:
  /// `step` is the gradient step (1 is the first), `metric` the quantity that broke.
  DivergenceError(std::uint64_t step, const std::string& metric)
      : Error("update " + std::to_string(step) + ": " + metric +
              " is not finite; lower the learning rate, or check the demonstrations with `understudy data "
              "validate`"),
        step_(step),
        metric_(metric) {}

  std::uint64_t step() const { return step_; }
  const std::string& metric() const { return metric_; }

 private:
  std::uint64_t step_;
  std::string metric_;
};

}  // namespace understudy
