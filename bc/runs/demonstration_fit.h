#pragma once
/// \file Whether demonstrations are of the task that is to be learnt.

#include <string>

#include "datasets/format/demonstration_reader.h"
#include "envs/contract/environment.h"

namespace understudy {

/// Throws Error naming the file unless its demonstrations are of the task as it is now: id, robot, spaces. Those
/// of other programs, which do not say all of that, are read as the task's where their sizes fit
/// (DemonstrationReader::fit).
void fit_demonstrations(DemonstrationReader& reader, const std::string& file, const EnvironmentSpec& spec);

}  // namespace understudy
