#include "bc/runs/checkpoint.h"

#include <cstdint>
#include <cstring>
#include <string_view>

#include "datasets/storage/crc32c.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

constexpr std::string_view kMagic = "UNDERSTUDY RUN 2";
/// Those of cloning and of RL before they were one run.
constexpr std::string_view kEarlier[] = {"UNDERSTUDY CKPT1", "UNDERSTUDY RL 01"};

}  // namespace

std::string checkpoint_bytes(const std::string& archive) {
  std::string bytes;
  bytes.reserve(kMagic.size() + archive.size() + sizeof(std::uint32_t));
  bytes.append(kMagic).append(archive);
  const std::uint32_t checksum = crc32c(bytes);
  bytes.append(reinterpret_cast<const char*>(&checksum), sizeof checksum);
  return bytes;
}

std::string checkpoint_archive(const std::string& bytes, const std::string& place) {
  for (const std::string_view magic : kEarlier) {
    if (bytes.starts_with(magic)) {
      throw Error(place +
                  ": written by an earlier version; resume it with the program that began it, or train again "
                  "(its policy.pt and manifest.json are still read)");
    }
  }
  if (!bytes.starts_with(kMagic)) {
    throw Error(
        place +
        ": want a checkpoint of this program, found another kind of file; train again, or restore the "
        "run from a copy");
  }
  std::uint32_t checksum = 0;
  const std::size_t frame = kMagic.size() + sizeof checksum;
  if (bytes.size() >= frame)
    std::memcpy(&checksum, bytes.data() + bytes.size() - sizeof checksum, sizeof checksum);
  if (bytes.size() < frame ||
      crc32c(std::string_view(bytes).substr(0, bytes.size() - sizeof checksum)) != checksum) {
    throw Error(place + ": truncated or damaged; train again, or restore the run from a copy");
  }
  return bytes.substr(kMagic.size(), bytes.size() - frame);
}

}  // namespace understudy
