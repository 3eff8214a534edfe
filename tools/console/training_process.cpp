#include "tools/console/training_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <string_view>
#include <thread>

#include "datasets/types/error.h"
#ifdef UNDERSTUDY_HAVE_TORCH
#include "bc/parallel/launcher.h"
#endif

namespace understudy::tools {
namespace {

constexpr int kNiceness = 10;
constexpr std::string_view kNoFolder = "its working folder is not there on this machine\n";
constexpr auto kPatience = std::chrono::seconds(5);  ///< with a child that was asked to end

}  // namespace

std::string last_line(const std::filesystem::path& log) {
  std::ifstream file(log);
  std::string last;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) last = line;
  }
  return last;
}

TrainingProcess::~TrainingProcess() {
  if (child_ <= 0) return;
  ::kill(child_, SIGTERM);
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (::waitpid(child_, nullptr, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > deadline) ::kill(child_, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

void TrainingProcess::start(const std::vector<std::string>& arguments, const std::filesystem::path& log,
                            const std::filesystem::path& folder, const std::string& what) {
  log_ = log;
  what_ = what;
  // Everything that takes memory is done before the fork: other threads may hold the allocator's locks.
  std::vector<std::string> words{"understudy"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) throw Error(std::string("cannot start a process to train in: ") + std::strerror(errno));
  if (child == 0) {
    ::setpgid(0, 0);                     // whoever started this one hears Ctrl-C and says what becomes of it
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // also when this program is killed
    if (::getppid() != parent) ::_exit(1);
#ifdef UNDERSTUDY_HAVE_TORCH
    forget_launcher();
#endif
    ::setpriority(PRIO_PROCESS, 0, kNiceness);
    const int output = ::open(log_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (output >= 0) {
      ::dup2(output, STDOUT_FILENO);
      ::dup2(output, STDERR_FILENO);
    }
    if (!folder.empty() && ::chdir(folder.c_str()) != 0) {
      static_cast<void>(!::write(STDERR_FILENO, kNoFolder.data(), kNoFolder.size()));
      ::_exit(1);
    }
    ::execv("/proc/self/exe", argv.data());
    ::_exit(127);
  }
  child_ = child;
}

void TrainingProcess::stop() const {
  if (child_ > 0) ::kill(child_, SIGTERM);
}

std::optional<TrainingProcess::Outcome> TrainingProcess::poll() {
  if (child_ <= 0) return std::nullopt;
  int status = 0;
  const pid_t ended = ::waitpid(child_, &status, WNOHANG);
  if (ended == 0 || (ended < 0 && errno == EINTR)) return std::nullopt;
  child_ = 0;
  return outcome_of(status);
}

TrainingProcess::Outcome TrainingProcess::outcome_of(int status) const {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {.trained = true};
  std::string how = WIFSIGNALED(status) ? "was ended by signal " + std::to_string(WTERMSIG(status))
                                        : "ended with " + std::to_string(WEXITSTATUS(status));
  const std::string last = last_line(log_);
  return {.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
          .complaint = what_ + " " + how + (last.empty() ? "" : ": " + last) + " (" + log_.string() + ")",
          .last = last};
}

}  // namespace understudy::tools
