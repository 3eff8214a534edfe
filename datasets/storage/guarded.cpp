#include "datasets/storage/guarded.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>

#include "datasets/storage/durable_file.h"

namespace understudy {
namespace {

// The first byte of the child's answer.
constexpr char kDone = 'd';
constexpr char kError = 'e';
constexpr char kSystemError = 's';
constexpr int kNoMemory = 2;  // its exit status then

/// In a child: where standard error led before it was put out of the way; -1 elsewhere.
int outer_stderr = -1;

/// Bytes of private memory that this process has, which RLIMIT_DATA counts.
std::uint64_t data_bytes() {
  std::FILE* const file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return 0;
  unsigned long long pages = 0;
  const int read = std::fscanf(file, "%*u %*u %*u %*u %*u %llu", &pages);
  std::fclose(file);
  return read == 1 ? pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

void lower_limit(__rlimit_resource resource, std::uint64_t value) {
  struct rlimit limit {};
  if (::getrlimit(resource, &limit) != 0 || limit.rlim_cur <= value) return;
  limit.rlim_cur = value;
  ::setrlimit(resource, &limit);
}

void send(int descriptor, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t count = ::write(descriptor, text.data() + at, text.size() - at);
    if (count < 0 && errno != EINTR) return;
    if (count > 0) at += static_cast<std::size_t>(count);
  }
}

[[noreturn]] void child(pid_t parent, int answer, const std::function<std::string()>& work,
                        const GuardLimits& limits) {
  for (const int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL}) std::signal(signal, SIG_DFL);
  // Ctrl-C is for the parent, which may want this finished.
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, SIG_IGN);
  // A child that outlives its parent would go on writing where the next process begins.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  lower_limit(RLIMIT_CORE, 0);
  if (limits.seconds > 0) lower_limit(RLIMIT_CPU, static_cast<std::uint64_t>(limits.seconds));
  if (const std::uint64_t now = data_bytes(); now > 0 && limits.bytes > 0)
    lower_limit(RLIMIT_DATA, now + limits.bytes);
  outer_stderr = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  // What a library prints while it fails is no line of ours.
  if (const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC); nowhere >= 0) {
    ::dup2(nowhere, STDOUT_FILENO);
    ::dup2(nowhere, STDERR_FILENO);
  }
  std::string text;
  try {
    text = std::string(1, kDone) + work();
  } catch (const std::bad_alloc&) {
    ::_exit(kNoMemory);
  } catch (const SystemError& error) {
    text = std::string(1, kSystemError) + error.what();
  } catch (const std::exception& error) {
    text = std::string(1, kError) + error.what();
  }
  send(answer, text);
  ::_exit(0);
}

/// All that comes until the other end is closed; false once the time, if any, is over.
bool receive(int descriptor, std::chrono::seconds most, std::string& text) {
  const auto end = std::chrono::steady_clock::now() + most;
  char block[1 << 16];
  for (;;) {
    const auto left =
        most.count() == 0
            ? -1
            : std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now())
                  .count();
    if (most.count() > 0 && left <= 0) return false;
    pollfd poll{.fd = descriptor, .events = POLLIN, .revents = 0};
    if (::poll(&poll, 1, static_cast<int>(left)) <= 0) continue;
    const ssize_t count = ::read(descriptor, block, sizeof block);
    if (count == 0) return true;
    if (count > 0) text.append(block, static_cast<std::size_t>(count));
    if (count < 0 && errno != EINTR && errno != EAGAIN) return true;
  }
}

}  // namespace

GuardEnd run_guarded(const std::string& place, const std::function<std::string()>& work, std::string& result,
                     const GuardLimits& limits) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw_errno(place, "cannot be tried in a process of its own", errno);
  FileDescriptor read_end(ends[0]);
  FileDescriptor write_end(ends[1]);
  std::fflush(nullptr);  // or the child would print it again
  // Not where the child puts its own output out of the way.
  write_end = FileDescriptor(::fcntl(write_end.get(), F_DUPFD_CLOEXEC, 3));
  if (!write_end) throw_errno(place, "cannot be tried in a process of its own", errno);
  const pid_t parent = ::getpid();
  const pid_t process = ::fork();
  if (process < 0) throw_errno(place, "cannot be tried in a process of its own", errno);
  if (process == 0) child(parent, write_end.get(), work, limits);
  write_end.reset();
  std::string answer;
  const bool in_time = receive(read_end.get(), std::chrono::seconds(6 * limits.seconds), answer);
  if (!in_time) ::kill(process, SIGKILL);
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  if (!in_time || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)) return GuardEnd::kEndless;
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNoMemory) return GuardEnd::kGreedy;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || answer.empty()) return GuardEnd::kCrashed;
  result = answer.substr(1);
  if (answer.front() == kSystemError) throw SystemError(result);
  if (answer.front() == kError) throw Error(result);
  return GuardEnd::kDone;
}

std::string read_guarded(const std::string& place, const std::function<std::string()>& work,
                         const GuardLimits& limits) {
  std::string result;
  const GuardEnd end = run_guarded(place, work, result, limits);
  if (end == GuardEnd::kDone) return result;
  throw Error(place + ": damaged, or made to do harm: reading it " +
              (end == GuardEnd::kEndless ? "does not end"
               : end == GuardEnd::kGreedy
                   ? "takes more than " + std::to_string(limits.bytes >> 20) + " MiB of memory"
                   : "crashes the library that knows its format") +
              "; get another copy, or have the program that made it write it again");
}

void print_from_guarded(const std::function<void()>& print) {
  if (outer_stderr < 0) return print();
  const FileDescriptor nowhere(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3));
  ::dup2(outer_stderr, STDERR_FILENO);
  print();
  std::fflush(stderr);
  if (nowhere) ::dup2(nowhere.get(), STDERR_FILENO);
}

}  // namespace understudy
