#pragma once
/// \file Settings in manifests.

#include <nlohmann/json_fwd.hpp>

#include "bc/runs/setting.h"

namespace understudy {

/// As one JSON object: numbers and flags as such, all else as text.
nlohmann::ordered_json settings_json(const SettingList& settings);

}  // namespace understudy
