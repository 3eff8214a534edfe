#pragma once
/// \file A directory for one test.

#include <stdlib.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

namespace understudy::tests {

/// In memory where there is room, because hundreds of syncs would otherwise wait for a busy disk; the
/// variable TMPDIR names another place.
inline std::filesystem::path quick_place() {
  constexpr std::uintmax_t kRoom = std::uintmax_t{1} << 30;  // bytes
  const char* const memory = "/dev/shm";
  std::error_code error;
  const bool in_memory = ::getenv("TMPDIR") == nullptr && ::access(memory, W_OK) == 0 &&
                         std::filesystem::space(memory, error).available >= kRoom && !error;
  return in_memory ? memory : std::filesystem::temp_directory_path();
}

/// A new empty directory in `parent`, removed with its contents at the end of the scope.
class TemporaryDirectory {
 public:
  explicit TemporaryDirectory(const std::filesystem::path& parent = quick_place()) {
    std::string name = (parent / "understudy-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
    path_ = std::filesystem::canonical(name);
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace understudy::tests
