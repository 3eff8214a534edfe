#pragma once
/// \file LibTorch for tests. It brings glog's CHECK, which ends the process, in place of
/// Catch's: the latter is kept.

#include "tests/support/catch.h"

#pragma push_macro("CHECK")
#undef CHECK
#include <torch/torch.h>
#pragma pop_macro("CHECK")
