#pragma once
/// \file What a robot's file leaves to be guessed, said to the user.

#include <string>

namespace understudy::tools {

/// Prints what was taken to be meant in the file of the task's robot, if it names one, on stderr, a line each.
/// Throws like make_environment.
void warn_about_robot(const std::string& environment_id);

}  // namespace understudy::tools
