// Preloaded (LD_PRELOAD), makes one of the process's calls fail as a bad disk would: the FAIL_CALL-th write,
// pwrite, rename, fsync, ftruncate, fallocate, unlink or flock on what lies under FAIL_UNDER, with errno FAIL_ERRNO.
// Children count on where their parent is. Every call is logged to FAIL_LOG: its number, name and path, a line each
// once it has succeeded.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

struct State {
  std::atomic<long> calls{0};
};

/// In memory that parent and children share.
State* state() {
  static State* const shared = [] {
    void* const memory =
        ::mmap(nullptr, sizeof(State), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return new (memory) State;
  }();
  return shared;
}

// Before there are children.
[[gnu::constructor]] void begin() {
  state();
}

template <class Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

bool is_watched(const char* path) {
  const char* const under = std::getenv("FAIL_UNDER");
  return under != nullptr && path != nullptr && std::strncmp(path, under, std::strlen(under)) == 0;
}

/// Path of an open file; empty when it has none.
struct OpenPath {
  explicit OpenPath(int descriptor) {
    char link[64];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    const ssize_t length = ::readlink(link, text, sizeof text - 1);
    text[length > 0 ? length : 0] = '\0';
  }
  char text[4096];
};

/// Counts a call on `path`; the number when it is to go on, 0 when it is not watched, -1 when it must fail.
long count(const char* path) {
  if (!is_watched(path)) return 0;
  const long number = ++state()->calls;
  const char* const which = std::getenv("FAIL_CALL");
  if (which == nullptr || std::atol(which) != number) return number;
  const char* const code = std::getenv("FAIL_ERRNO");
  errno = code != nullptr ? std::atoi(code) : EIO;
  return -1;
}

void log(long number, const char* name, const char* path) {
  const char* const file = std::getenv("FAIL_LOG");
  if (number <= 0 || file == nullptr) return;
  const int descriptor = ::open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  char line[4200];
  const int length = std::snprintf(line, sizeof line, "%ld %s %s\n", number, name, path);
  real<ssize_t (*)(int, const void*, size_t)>("write")(descriptor, line, static_cast<size_t>(length));
  ::close(descriptor);
}

/// Makes the call unless it must fail.
template <class Result, class Call>
Result watched(const char* name, const char* path, const Call& call) {
  const long number = count(path);
  if (number < 0) return static_cast<Result>(-1);
  const Result result = call();
  const int error = errno;
  if (result >= 0) log(number, name, path);
  errno = error;
  return result;
}

}  // namespace

extern "C" {

ssize_t write(int descriptor, const void* data, size_t bytes) {
  const OpenPath path(descriptor);
  return watched<ssize_t>("write", path.text, [&] {
    return real<ssize_t (*)(int, const void*, size_t)>("write")(descriptor, data, bytes);
  });
}

ssize_t pwrite(int descriptor, const void* data, size_t bytes, off_t offset) {
  const OpenPath path(descriptor);
  return watched<ssize_t>("pwrite", path.text, [&] {
    return real<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite")(descriptor, data, bytes, offset);
  });
}

ssize_t pwrite64(int descriptor, const void* data, size_t bytes, off_t offset) {
  return pwrite(descriptor, data, bytes, offset);
}

int rename(const char* from, const char* to) {
  return watched<int>("rename", to,
                      [&] { return real<int (*)(const char*, const char*)>("rename")(from, to); });
}

int fsync(int descriptor) {
  const OpenPath path(descriptor);
  return watched<int>("fsync", path.text, [&] { return real<int (*)(int)>("fsync")(descriptor); });
}

int ftruncate(int descriptor, off_t length) noexcept {
  const OpenPath path(descriptor);
  return watched<int>("ftruncate", path.text,
                      [&] { return real<int (*)(int, off_t)>("ftruncate")(descriptor, length); });
}

int ftruncate64(int descriptor, off_t length) noexcept {
  return ftruncate(descriptor, length);
}

int fallocate(int descriptor, int mode, off_t offset, off_t length) {
  const OpenPath path(descriptor);
  return watched<int>("fallocate", path.text, [&] {
    return real<int (*)(int, int, off_t, off_t)>("fallocate")(descriptor, mode, offset, length);
  });
}

int unlink(const char* path) noexcept {
  return watched<int>("unlink", path, [&] { return real<int (*)(const char*)>("unlink")(path); });
}

int flock(int descriptor, int operation) noexcept {
  const OpenPath path(descriptor);
  return watched<int>("flock", path.text,
                      [&] { return real<int (*)(int, int)>("flock")(descriptor, operation); });
}

}  // extern "C"
