#include "irl/rl_checkpoint.h"

#include <cstring>
#include <string_view>

#include "bc/crc32c.h"
#include "datasets/error.h"

namespace understudy {
namespace {

constexpr std::string_view kMagic = "UNDERSTUDY RL 01";

}  // namespace

void RlCandidate::serialise(Archive& archive) {
  archive("candidate steps", steps);
  archive("candidate return", mean_return);
  archive("candidate success", success_rate);
  for (Vector* vector : {&parameters, &mean, &scale}) {
    Matrix row = vector->transpose();  // matrices carry their size
    archive("candidate numbers", row);
    *vector = row.transpose();
  }
}

std::string rl_checkpoint_bytes(const std::string& config, const std::string& archive) {
  std::string bytes(kMagic);
  const auto length = static_cast<std::uint64_t>(config.size());
  bytes.append(reinterpret_cast<const char*>(&length), sizeof length);
  bytes += config;
  bytes += archive;
  const std::uint32_t checksum = crc32c(bytes);
  bytes.append(reinterpret_cast<const char*>(&checksum), sizeof checksum);
  return bytes;
}

RlCheckpointParts parse_rl_checkpoint(const std::string& bytes, const std::string& place) {
  const std::string remedy = "; train again, or restore the run from a copy";
  if (bytes.compare(0, kMagic.size(), kMagic) != 0) {
    throw Error(place + ": want a checkpoint of this program, found another kind of file" + remedy);
  }
  std::uint64_t length = 0;
  std::uint32_t checksum = 0;
  const std::size_t header = kMagic.size() + sizeof length;
  if (bytes.size() < header + sizeof checksum) throw Error(place + ": truncated" + remedy);
  const std::size_t end = bytes.size() - sizeof checksum;
  std::memcpy(&length, bytes.data() + kMagic.size(), sizeof length);
  std::memcpy(&checksum, bytes.data() + end, sizeof checksum);
  if (crc32c(std::string_view(bytes).substr(0, end)) != checksum || length > end - header) {
    throw Error(place + ": truncated or damaged" + remedy);
  }
  return {bytes.substr(header, length), bytes.substr(header + length, end - header - length)};
}

}  // namespace understudy
