#pragma once
/// \file Checksums of files and episodes.

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include "datasets/types/episode.h"

namespace understudy {

/// SHA-256 over bytes that come piece by piece.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void add(const void* data, std::size_t bytes);
  /// In lower-case hex; nothing may be added afterwards.
  std::string hex();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// SHA-256 of a file's bytes in lower-case hex. Throws Error when it cannot be read.
std::string file_sha256(const std::filesystem::path& file);

/// SHA-256 of the bytes of `text` in lower-case hex.
std::string text_sha256(const std::string& text);

/// SHA-256 in lower-case hex over everything an Episode holds: for each array in the order of the struct its
/// shape (two 64-bit integers) and its little-endian entries, then seed, the three flags and the operator's
/// name, and the variation's text too unless it is empty. Independent of how the file stores it (chunks,
/// compression).
std::string episode_sha256(const Episode& episode);

}  // namespace understudy
