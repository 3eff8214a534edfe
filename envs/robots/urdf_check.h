#pragma once
/// \file Private to envs: what is wrong with a URDF, said with the line it stands on; and what is merely loose
/// in it, put right.

#include <Eigen/Core>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace understudy {

/// A URDF as urdfdom can read it, and what urdfdom would lose.
struct CheckedUrdf {
  std::string text;
  std::map<std::string, int> joint_order;  ///< by name: position in the file
  std::map<std::string, int> link_lines;   ///< by name: line in the file
  std::set<std::string> weighed_links;     ///< that have an <inertial>
  /// By link: colours of its visuals in the file's order, sRGB and opacity in [0, 1].
  std::map<std::string, std::vector<std::optional<Eigen::Vector4f>>> colours;
  std::vector<std::string> warnings;  ///< one line each
};

/// Checks the text of a URDF and makes what other programs read too into what urdfdom does: blanks and line
/// ends within numbers, limits left out or without effort and velocity, capsules, materials that an earlier
/// visual defines or nobody. Throws Error that names `name`, line, element, expectation, finding and remedy.
CheckedUrdf check_urdf(const std::string& text, const std::string& name);

}  // namespace understudy
