#pragma once
/// \file The page of a calibration, and that of a whole loop of them.

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace understudy::tools {

/// `document` as `understudy calibrate` writes calibration.json, with what only the page shows under "page".
std::string calibration_page(const nlohmann::ordered_json& document);

/// `document` as `understudy simopt` writes simopt.json.
std::string simopt_page(const nlohmann::ordered_json& document);

}  // namespace understudy::tools
