#include "datasets/types/version.h"

namespace understudy {

std::string program_version() {
  return UNDERSTUDY_VERSION;
}

std::string source_revision() {
  return UNDERSTUDY_REVISION;
}

}  // namespace understudy
