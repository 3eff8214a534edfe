#pragma once
/// \file Several quantities at once from a normal distribution with a covariance, truncated to ranges: what a
/// calibration leaves behind (irl/calibration). Quantities that make up for one another, such as a mass and a gain,
/// are known together far better than each alone. In a randomisation file:
///
///   [joint_normal]
///   keys = ["physics.mass", "actuators.gain"]
///   mean = [1.1, 0.9]
///   covariance = [0.01, 0.004, 0.004, 0.0025]   # row by row
///   low = [0.5, 0.5]                            # redrawn until all are within low and high;
///   high = [2, 1.5]                             # without these lines, what makes sense

#include <string>
#include <vector>

#include "datasets/types/rng.h"

namespace understudy {

struct JointNormal {
  std::vector<std::string> keys{};
  std::vector<double> mean{};        ///< [keys], before the truncation
  std::vector<double> covariance{};  ///< [keys * keys] row by row; symmetric, no negative eigenvalue
  std::vector<double> low{};         ///< [keys]; empty for set_joint: the quantities' own
  std::vector<double> high{};        ///< likewise

  std::size_t size() const { return keys.size(); }
  double deviation(std::size_t i) const;
  bool operator==(const JointNormal&) const = default;
};

/// Throws UsageError unless sizes agree, numbers are finite, the covariance is one, and each mean lies within its
/// bounds, which are at least a tenth of its deviation apart.
void validate(const JointNormal& joint);

/// Draws from it: its covariance is factored once. Redraws until all entries are within the bounds; after 1000 draws
/// that were not, which takes bounds that leave out nearly everything, moves the last onto them.
class JointNormalSource {
 public:
  explicit JointNormalSource(const JointNormal& joint);
  /// [keys]
  std::vector<double> draw(Rng& rng) const;

 private:
  std::vector<double> mean_, low_, high_;
  std::vector<double> factor_;  ///< A of covariance = A A^T, row by row
};

}  // namespace understudy
