#include "bc/runs/checkpoint.h"

#include "datasets/types/error.h"
#include "tests/support/catch.h"

namespace understudy {

TEST_CASE("a checkpoint comes back whole, or is refused for what happened to it", "[bc]") {
  const std::string archive("what\0was saved", 14);
  const std::string bytes = checkpoint_bytes(archive);
  CHECK(checkpoint_archive(bytes, "last.ckpt") == archive);
  CHECK(checkpoint_archive(checkpoint_bytes(""), "last.ckpt").empty());
  for (std::size_t length = 16; length < bytes.size(); ++length) {
    CAPTURE(length);
    CHECK_THROWS_WITH(checkpoint_archive(bytes.substr(0, length), "last.ckpt"),
                      ContainsSubstring("last.ckpt: truncated or damaged"));
  }
  for (std::size_t i = 16; i < bytes.size(); ++i) {
    std::string flipped = bytes;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    CHECK_THROWS_WITH(checkpoint_archive(flipped, "last.ckpt"), ContainsSubstring("truncated or damaged"));
  }
  CHECK_THROWS_WITH(checkpoint_archive("", "last.ckpt"), ContainsSubstring("another kind of file"));
  CHECK_THROWS_WITH(checkpoint_archive("hello, world, hello", "last.ckpt"),
                    ContainsSubstring("another kind of file"));
}

TEST_CASE("checkpoints of earlier versions are refused with what to do", "[bc]") {
  for (const char* magic : {"UNDERSTUDY CKPT1", "UNDERSTUDY RL 01"}) {
    CHECK_THROWS_WITH(checkpoint_archive(std::string(magic) + "and what followed", "run/last.ckpt"),
                      ContainsSubstring("run/last.ckpt: written by an earlier version") &&
                          ContainsSubstring("train again"));
  }
}

}  // namespace understudy
