#include "datasets/storage/durable_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <system_error>
#include <thread>

namespace understudy {
namespace fs = std::filesystem;

void FileDescriptor::reset() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

void throw_errno(const fs::path& file, const std::string& what, int error_number) {
  const std::string line = file.string() + ": " + what + ": " + std::generic_category().message(error_number);
  if (error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG) throw DiskFullError(line);
  throw SystemError(line);
}

void want_regular_file(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0 || S_ISREG(status.st_mode)) return;
  throw SystemError(file.string() + ": want a file, found a " +
                    (S_ISDIR(status.st_mode) ? "directory" : "pipe or a device; copy its content to a file"));
}

std::string read_file(const fs::path& file) {
  want_regular_file(file);
  const FileDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!descriptor && errno == ENOENT) throw SystemError(file.string() + ": no such file");
  if (!descriptor) throw_errno(file, "cannot be opened", errno);
  std::string content;
  char block[1 << 16];
  for (;;) {
    const ssize_t count = ::read(descriptor.get(), block, sizeof block);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno(file, "cannot be read", errno);
    if (count == 0) return content;
    content.append(block, static_cast<std::size_t>(count));
  }
}

void sync_file(const fs::path& file) {
  const FileDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!descriptor) throw_errno(file, "cannot be opened", errno);
  if (::fsync(descriptor.get()) != 0) throw_errno(file, "cannot be synced to disk", errno);
}

void keep_rights(const fs::path& from, const fs::path& to) {
  struct stat old {};
  if (::stat(from.c_str(), &old) != 0) throw_errno(from, "cannot be looked at", errno);
  const FileDescriptor descriptor(::open(to.c_str(), O_RDWR | O_CLOEXEC));
  if (!descriptor) throw_errno(to, "cannot be opened", errno);
  // Whose it is stays as far as this user can say so, and who may read it.
  const bool group_kept = ::fchown(descriptor.get(), static_cast<uid_t>(-1), old.st_gid) == 0;
  static_cast<void>(!::fchown(descriptor.get(), old.st_uid, static_cast<gid_t>(-1)));
  if (group_kept && ::fchmod(descriptor.get(), old.st_mode & 07777) != 0)
    throw_errno(to, "cannot be given its rights", errno);
  if (::fsync(descriptor.get()) != 0) throw_errno(to, "cannot be synced to disk", errno);
}

void durable_rename(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0)
    throw_errno(from, "cannot be renamed to " + to.string(), errno);
  const auto folder_of = [](const fs::path& file) {
    return file.has_parent_path() ? file.parent_path() : fs::path(".");
  };
  sync_file(folder_of(to));
  if (folder_of(from) != folder_of(to)) sync_file(folder_of(from));
}

void durable_write(const fs::path& file, std::string_view content) {
  const fs::path temporary = file.string() + ".tmp";
  try {
    const FileDescriptor descriptor(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (!descriptor) throw_errno(temporary, "cannot be created", errno);
    while (!content.empty()) {
      const ssize_t count = ::write(descriptor.get(), content.data(), content.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) throw_errno(temporary, "cannot be written", errno);
      content.remove_prefix(static_cast<std::size_t>(count));
    }
    if (::fsync(descriptor.get()) != 0) throw_errno(temporary, "cannot be synced to disk", errno);
    durable_rename(temporary, file);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
}

void remove_file(const fs::path& file) {
  if (::unlink(file.c_str()) != 0 && errno != ENOENT) throw_errno(file, "cannot be removed", errno);
}

void reserve_space(const FileDescriptor& descriptor, const fs::path& file, std::uintmax_t bytes) {
  struct rlimit limit {};
  if (::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < bytes) {
    throw_errno(file, "cannot grow to " + std::to_string(bytes) + " bytes", EFBIG);
  }
  if (::fallocate(descriptor.get(), FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(bytes)) == 0) return;
  if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG) {
    throw_errno(file, "cannot reserve " + std::to_string(bytes) + " bytes", errno);
  }
  // The file system cannot reserve (some network and FUSE ones): the free space reported has to do.
  struct statvfs status {};
  if (::fstatvfs(descriptor.get(), &status) == 0 &&
      static_cast<std::uintmax_t>(status.f_bavail) * status.f_frsize < bytes) {
    throw_errno(file, "cannot reserve " + std::to_string(bytes) + " bytes", ENOSPC);
  }
}

DirectoryLock::DirectoryLock(const fs::path& directory, const std::string& busy_message)
    : directory_(directory) {
  const auto patience = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
  for (;;) {
    if (::mkdir(directory.c_str(), 0777) != 0 && errno != EEXIST) {
      throw_errno(directory, "cannot be created", errno);
    }
    FileDescriptor descriptor(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!descriptor && errno == ENOENT) continue;
    if (!descriptor) throw_errno(directory, "cannot be opened", errno);
    if (::flock(descriptor.get(), LOCK_EX | LOCK_NB) != 0) {
      // A process that was killed is survived for a moment by the child that packs for it.
      if (errno == EWOULDBLOCK && std::chrono::steady_clock::now() < patience) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        continue;
      }
      if (errno == EWOULDBLOCK) throw Error(busy_message);
      throw_errno(directory, "cannot be locked", errno);
    }
    // The previous holder may have removed the directory between our open and our lock: then we hold a lock
    // on something that no longer has a name, and have to begin anew.
    struct stat held {};
    struct stat named {};
    if (::fstat(descriptor.get(), &held) == 0 && ::stat(directory.c_str(), &named) == 0 &&
        held.st_ino == named.st_ino && held.st_dev == named.st_dev) {
      descriptor_ = std::move(descriptor);
      return;
    }
  }
}

DirectoryLock::~DirectoryLock() {
  ::rmdir(directory_.c_str());
}

}  // namespace understudy
