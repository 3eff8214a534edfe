#pragma once
/// \file Pages that need nothing but themselves: no network, no other file.

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace understudy::tools {

extern const char* const kDatasetPage;      ///< dataset_page.html
extern const char* const kRunPage;          ///< run_page.html
extern const char* const kCalibrationPage;  ///< calibration_page.html
extern const char* const kSimoptPage;       ///< simopt_page.html

std::string base64(const void* data, std::size_t bytes);

/// What stands in the place of a file's address: "data:image/jpeg;base64,...".
std::string data_uri(const std::string& media_type, const std::string& bytes);

/// As text that may stand within a script: nothing in it ends the script. What is not UTF-8 is replaced.
std::string script_text(const nlohmann::ordered_json& data);

/// `page` with its data in it.
std::string page_with(const char* page, const nlohmann::ordered_json& data);

}  // namespace understudy::tools
