#include "datasets/types/version.h"

#include <fstream>

namespace understudy {

std::string program_version() {
  return UNDERSTUDY_VERSION;
}

std::string source_revision() {
  return UNDERSTUDY_REVISION;
}

std::string processor_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown processor";
}

}  // namespace understudy
