#include "tools/tasks/slurm.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <vector>

#include "datasets/types/error.h"
#include "datasets/types/shell_quoted.h"

namespace understudy::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostElements = 1000;  ///< Slurm's own limit unless somebody changed it: 1001

/// Output of both streams, and the exit code.
struct Said {
  std::string text;
  int status = 0;
  int failure = 0;  ///< errno where it could not be started
};

Said run(const std::vector<std::string>& words) {
  std::array<int, 2> output{}, failure{};
  if (::pipe2(output.data(), O_CLOEXEC) != 0 || ::pipe2(failure.data(), O_CLOEXEC) != 0)
    throw Error(std::string("cannot start ") + words.front() + ": " + std::strerror(errno));
  std::vector<std::string> copies = words;
  std::vector<char*> argv;
  for (std::string& word : copies) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child < 0) throw Error("cannot start " + words.front() + ": " + std::strerror(errno));
  if (child == 0) {
    ::dup2(output[1], STDOUT_FILENO);
    ::dup2(output[1], STDERR_FILENO);
    ::execvp(argv[0], argv.data());
    const int reason = errno;
    static_cast<void>(!::write(failure[1], &reason, sizeof reason));
    ::_exit(127);
  }
  ::close(output[1]);
  ::close(failure[1]);
  Said said;
  std::array<char, 4096> buffer{};
  for (ssize_t count = 0;
       (count = ::read(output[0], buffer.data(), buffer.size())) > 0 || (count < 0 && errno == EINTR);)
    if (count > 0) said.text.append(buffer.data(), static_cast<std::size_t>(count));
  if (::read(failure[0], &said.failure, sizeof said.failure) <= 0) said.failure = 0;
  ::close(output[0]);
  ::close(failure[0]);
  while (child > 0 && ::waitpid(child, &said.status, 0) < 0 && errno == EINTR) continue;
  while (!said.text.empty() && said.text.back() == '\n') said.text.pop_back();
  return said;
}

std::string seconds_text(double seconds) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%g", seconds);
  return text.data();
}

/// A path between quotes in a line for sbatch, which divides it at blanks, and in names of logs replaces what follows a %.
std::string directive(const std::string& path, bool of_log) {
  std::string text;
  for (const char c : path) {
    if (c == '"' || c == '\\') text += '\\';
    if (c == '%' && of_log) text += '%';
    text += c;
  }
  return text;
}

}  // namespace

std::string array_script(const Plan& plan, const ArrayOptions& options) {
  if (!options.options.empty() &&
      (options.options.front() != '-' || options.options.find_first_of("\n\r") != std::string::npos))
    throw UsageError("--sbatch: want options of sbatch in one line, as \"--time=1:00:00 --mem=4G\", found '" +
                     options.options + "'");
  const std::vector<Task> tasks = read_tasks(plan.out);
  const auto open = static_cast<std::size_t>(
      std::count_if(tasks.begin(), tasks.end(), [](const Task& task) { return !fs::exists(task.result); }));
  if (open == 0)
    throw Error(plan.out.string() + ": every task is done; `understudy collect` makes the table");
  const std::string out = plan.out.string();
  std::string script = "#!/bin/bash\n#SBATCH --job-name=understudy\n#SBATCH --array=0-" +
                       std::to_string(std::min(open, kMostElements) - 1) +
                       (options.jobs > 0 ? "%" + std::to_string(options.jobs) : "") +
                       "\n#SBATCH --requeue\n#SBATCH --signal=B:TERM@90\n#SBATCH --open-mode=append\n";
  script += "#SBATCH --output=\"" + directive(out, true) + "/logs/slurm-%A_%a.log\"\n";
  script += "#SBATCH --chdir=\"" + directive(plan.folder.string(), false) + "\"\n";
  if (!options.options.empty()) script += "#SBATCH " + options.options + "\n";
  script += R"(
# Every element takes the next free task until none is left.
)";
  script += shell_quoted(fs::read_symlink("/proc/self/exe").string()) + " work " + shell_quoted(out) +
            (options.rounds ? "" : " --leave");
  const WorkOptions usual;
  if (options.work.stale != usual.stale) script += " --stale " + seconds_text(options.work.stale);
  if (options.work.tries != usual.tries) script += " --tries " + std::to_string(options.work.tries);
  script += " &\n";
  script += R"(worker=$!
stopped=
trap 'stopped=yes; kill -TERM $worker 2>/dev/null' TERM
wait $worker
code=$?
if [ "$stopped" ]; then  # the trap ended that wait
  wait $worker
  code=$?
fi
# 75: time is up, everything is saved. The same element goes on when its turn comes again.
if [ $code = 75 ]; then
  scontrol requeue "$SLURM_JOB_ID"
fi
exit $code
)";
  return script;
}

std::string submit(const Plan& plan, const std::string& script) {
  const fs::path file = plan.out / "array.sh";
  std::error_code failed;
  fs::create_directory(plan.out / "logs", failed);  // Slurm does not make it
  shared_write(file, script);
  const Said said = run({"sbatch", file.string()});
  if (said.failure == ENOENT)
    throw Error("sbatch: not found; run this where Slurm's commands are, or `understudy work " +
                plan.out.string() + "` on machines that see the folder");
  if (said.failure != 0)
    throw Error(std::string("sbatch: cannot be started: ") + std::strerror(said.failure));
  if (!WIFEXITED(said.status) || WEXITSTATUS(said.status) != 0)
    throw Error("sbatch refused " + file.string() + ": " + said.text);
  return said.text;
}

}  // namespace understudy::tools
