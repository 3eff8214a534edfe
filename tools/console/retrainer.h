#pragma once
/// \file Training in a process of its own while something else goes on.

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace understudy::tools {

/// Runs `understudy train bc ...` beside this process, one at a time, with less right to the processor.
class Retrainer {
 public:
  struct Outcome {
    bool trained = false;
    std::string complaint{};  ///< one line, unless trained
  };

  Retrainer() = default;
  /// Ends a child that still runs, and waits for that.
  ~Retrainer();
  Retrainer(const Retrainer&) = delete;
  Retrainer& operator=(const Retrainer&) = delete;

  /// Starts this program with `arguments`; what it prints goes to `log`. None may be running. Throws Error when the
  /// system starts no more processes.
  void start(const std::vector<std::string>& arguments, const std::filesystem::path& log);
  bool running() const { return child_ > 0; }
  /// Once, after a child has ended; nullopt before that. Returns at once.
  std::optional<Outcome> poll();

 private:
  Outcome outcome_of(int status) const;

  pid_t child_ = 0;
  std::filesystem::path log_;
};

}  // namespace understudy::tools
