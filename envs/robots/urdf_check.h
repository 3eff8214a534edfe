#pragma once
/// \file Private to envs: what is wrong with a URDF, said with the line it stands on.

#include <map>
#include <string>

namespace understudy {

/// Checks the text of a URDF before it is converted and returns each joint's position in the file, by name.
/// Throws Error that names `name`, line, element, expectation, finding and remedy.
std::map<std::string, int> check_urdf(const std::string& text, const std::string& name);

}  // namespace understudy
