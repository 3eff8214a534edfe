#pragma once
/// \file Training in a process of its own while something else goes on.

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace understudy::tools {

/// What stands last in `log`: the line that a program ended with.
std::string last_line(const std::filesystem::path& log);

/// Runs this program beside this process, once at a time, with less right to the processor. Ctrl-C does not reach the
/// child; it is asked to end when this process is gone.
class TrainingProcess {
 public:
  struct Outcome {
    bool trained = false;
    int code = 0;             ///< that it ended with; -1: a signal ended it
    std::string complaint{};  ///< one line, unless trained
    std::string last{};       ///< the line that the program ended with
  };

  TrainingProcess() = default;
  /// Ends a child that still runs, and waits for that.
  ~TrainingProcess();
  TrainingProcess(const TrainingProcess&) = delete;
  TrainingProcess& operator=(const TrainingProcess&) = delete;

  /// Starts this program with `arguments` in `folder` (empty: this one); what it prints goes to `log`. None may be
  /// running. `what` begins the complaint. Throws Error when the system starts no more processes.
  void start(const std::vector<std::string>& arguments, const std::filesystem::path& log,
             const std::filesystem::path& folder = {}, const std::string& what = "training");
  bool running() const { return child_ > 0; }
  /// Asks a child that runs to save and end, as Ctrl-C would.
  void stop() const;
  /// Once, after a child has ended; nullopt before that. Returns at once.
  std::optional<Outcome> poll();

 private:
  Outcome outcome_of(int status) const;

  pid_t child_ = 0;
  std::filesystem::path log_;
  std::string what_;
};

}  // namespace understudy::tools
