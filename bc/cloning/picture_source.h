#pragma once
/// \file Pictures of demonstrations, as many as the disk holds, in a bounded part of the memory: read ahead by a thread
/// of their own.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "datasets/types/sight.h"

namespace understudy {

/// Where what was seen at a step stands in a data set.
struct PicturePlace {
  int episode = 0;
  int row = 0;
};

/// The pictures of some cameras at some steps. What is read does not depend on the memory or on time. HDF5 is not made
/// for threads, so from its construction on nobody else may use it while a source is there.
class PictureSource {
 public:
  /// Bytes of the pictures of a step of these cameras.
  static std::size_t step_bytes(const std::vector<SightCamera>& cameras);

  /// Holds pictures in at most `memory` bytes, which suffice for two steps or more. Throws Error when they do not, or
  /// the file cannot be read.
  PictureSource(const std::filesystem::path& file, std::vector<SightCamera> cameras,
                std::vector<PicturePlace> places, std::size_t memory);
  ~PictureSource();
  PictureSource(const PictureSource&) = delete;
  PictureSource& operator=(const PictureSource&) = delete;

  /// Says which places will be read next, in this order, in place of what was said before.
  void expect(std::vector<int> places);

  /// Writes the pictures of place number `place`, camera after camera, step_bytes of them. Waits for them. Throws Error
  /// when they cannot be read. For one thread.
  void read(int place, std::uint8_t* pictures);

  /// For tests: pictures read from the file so far, and bytes set aside for them.
  std::int64_t loads() const;
  std::size_t memory() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// The cameras' pictures in a data set, by name: "front" or, where another size shall be refused, "front:84x84". Throws
/// UsageError for what is no name, Error naming the file, what it has and how to render what it has not.
std::vector<SightCamera> cameras_of(const std::filesystem::path& file, const std::vector<std::string>& names);

}  // namespace understudy
