#pragma once
/// \file Private to envs: the robots of envs/robots/models, compiled in so that the program
/// needs no files beside it.

#include <string>
#include <string_view>

namespace understudy {

/// The text of envs/robots/models/NAME.urdf. Throws Error for an unknown name.
std::string_view model_file(const std::string& name);

}  // namespace understudy
