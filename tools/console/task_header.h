#pragma once
/// \file A dataset's header, as far as its task says it.

#include "datasets/format/dataset_header.h"
#include "envs/contract/environment.h"

namespace understudy::tools {

/// Who recorded it, on what and with which program is left to be said.
DatasetHeader task_header(const Environment& environment);

}  // namespace understudy::tools
