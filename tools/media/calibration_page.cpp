#include "tools/media/calibration_page.h"

#include <nlohmann/json.hpp>

#include "tools/media/embedded_page.h"

namespace understudy::tools {

std::string calibration_page(const nlohmann::ordered_json& document) {
  return page_with(kCalibrationPage, document);
}

std::string simopt_page(const nlohmann::ordered_json& document) {
  return page_with(kSimoptPage, document);
}

}  // namespace understudy::tools
