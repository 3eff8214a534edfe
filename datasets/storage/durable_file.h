#pragma once
/// \file Files that survive crashes and power cuts: POSIX calls behind RAII, with one-line errors.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "datasets/types/error.h"

namespace understudy {

/// The system refuses: no permission, no lock, a disk that fails. Says nothing about what a file holds.
class SystemError : public Error {
 public:
  using Error::Error;
};

/// A full disk, or a quota or limit on file sizes. Its line's remedy is that for recordings.
class DiskFullError : public SystemError {
 public:
  explicit DiskFullError(const std::string& finding)
      : SystemError(finding + "; saved episodes are safe: free some space and run the same command again"),
        finding_(finding) {}
  /// The line without a remedy.
  const std::string& finding() const { return finding_; }

 private:
  std::string finding_;
};

/// Owns a POSIX file descriptor.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
  ~FileDescriptor() { reset(); }
  FileDescriptor(FileDescriptor&& other) noexcept : descriptor_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
      reset();
      descriptor_ = other.release();
    }
    return *this;
  }

  int get() const { return descriptor_; }
  explicit operator bool() const { return descriptor_ >= 0; }
  int release() {
    const int descriptor = descriptor_;
    descriptor_ = -1;
    return descriptor;
  }
  void reset();

 private:
  int descriptor_ = -1;
};

/// Throws SystemError `<file>: <what>: <reason>` for `errno`, DiskFullError for a full disk.
[[noreturn]] void throw_errno(const std::filesystem::path& file, const std::string& what, int error_number);

/// Throws SystemError for a pipe, a device or a directory, which would be waited for or never end. Does nothing when
/// there is no such file.
void want_regular_file(const std::filesystem::path& file);

/// Whole content. Throws Error when the file cannot be read or is no file.
std::string read_file(const std::filesystem::path& file);

/// Waits until the content of `file`, or the entries of a directory, are on the disk. Throws Error.
void sync_file(const std::filesystem::path& file);

/// Gives `to` owner, group and rights of `from`, whose place it will take, as far as this user may. Throws Error.
void keep_rights(const std::filesystem::path& from, const std::filesystem::path& to);

/// Renames within one file system, replacing `to`, and waits until the new name is on the disk. Throws Error.
void durable_rename(const std::filesystem::path& from, const std::filesystem::path& to);

/// Writes `content` to `<file>.tmp`, syncs it and renames it to `file`. Throws Error; no `.tmp` is left then.
void durable_write(const std::filesystem::path& file, std::string_view content);

/// Does nothing when there is no such file. Throws Error when it cannot be removed.
void remove_file(const std::filesystem::path& file);

/// Sets at least `bytes` of disk space aside for the open file beyond its end, where the file system can, so
/// that filling them later cannot meet a full disk. Throws Error when there is not enough room, also when the
/// process's file size limit is lower.
void reserve_space(const FileDescriptor& descriptor, const std::filesystem::path& file, std::uintmax_t bytes);

/// An exclusive lock on a directory, held until destruction or until the process ends.
class DirectoryLock {
 public:
  /// Makes the directory when it is missing. Throws Error `<busy_message>` when another holds the lock.
  DirectoryLock(const std::filesystem::path& directory, const std::string& busy_message);
  /// Removes the directory when it is empty, then unlocks.
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  std::filesystem::path directory_;
  FileDescriptor descriptor_;
};

}  // namespace understudy
