// Writing policy files: LibTorch writes the archive, and what it wrote is read back.

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "bc/networks/libtorch.h"
#include "bc/networks/libtorch_functions.h"
#include "bc/policies/policy_file.h"
#include "bc/policies/policy_json.h"
#include "bc/policies/policy_tensors.h"
#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

std::string archive_of(const Policy& policy, const std::vector<PolicyTensor>& tensors,
                       const std::string& json) {
  std::string archive;
  libtorch_function<decltype(understudy_libtorch_archive)>("understudy_libtorch_archive")(policy, tensors,
                                                                                          json, archive);
  return archive;
}

/// Throws Error unless the archive holds exactly these tensors.
void want_read_back(std::string_view archive, const std::vector<PolicyTensor>& tensors,
                    const std::string& place) {
  const std::vector<PolicyTensor> found = policy_tensors(policy_from_bytes(archive, place));
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (std::memcmp(found[i].values.data(), tensors[i].values.data(),
                    static_cast<std::size_t>(tensors[i].values.size()) * sizeof(float)) != 0) {
      throw Error(place + ": " + tensors[i].name +
                  ": cannot be read back as it was written; this version of LibTorch writes other archives");
    }
  }
}

}  // namespace

void save_policy(const Policy& policy, const std::filesystem::path& path) {
  const std::string place = path.string();
  check_policy(policy, place);
  const std::vector<PolicyTensor> tensors = policy_tensors(policy);
  // The checksum is worked out over an archive that does not name it yet.
  const std::string blank = archive_of(policy, tensors, policy_to_json(policy, tensors, blank_sha256()));
  const std::string archive =
      archive_of(policy, tensors, policy_to_json(policy, tensors, policy_sha256(blank, place)));
  want_read_back(archive, tensors, place);
  durable_write(std::filesystem::absolute(path), archive);
}

}  // namespace understudy
