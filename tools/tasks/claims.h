#pragma once
/// \file Who does which task, in files that machines see which share nothing else.
///
/// The n-th try of a task is the file claims/ID.n, which comes into being whole and once (link), also on NFS, where
/// locks cannot be relied on. Its owner touches it now and then; all times are the file server's. A claim that was not
/// touched for `stale` seconds is taken over by making the next try's file, which its owner, should it still live, finds
/// and leaves the task.

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace understudy::tools {

struct Claim {
  enum class State { kRunning, kFailed, kDone };

  std::string task;
  int attempt = 1;  ///< from 1 on
  State state = State::kRunning;
  std::string host, space;  ///< host_name(), process_space()
  pid_t process = 0;
  long long process_start = 0;
  double began = 0;         ///< s since 1970
  double seconds = 0;       ///< that it took; when it is over
  std::string complaint{};  ///< of one that failed
  bool hopeless = false;    ///< trying again would not help
  double silent = 0;        ///< s since it was touched
};

/// What may be done with a task that is not done.
enum class Chance { kFree, kTaken, kGivenUp };

class Claims {
 public:
  /// In `out`/claims, which is made. Throws Error.
  Claims(const std::filesystem::path& out, double stale, int tries);
  ~Claims();
  Claims(const Claims&) = delete;
  Claims& operator=(const Claims&) = delete;

  /// The latest try of every task that is `wanted` and was tried. Throws Error.
  std::map<std::string, Claim> look(const std::function<bool(const std::string& task)>& wanted) const;
  /// Of the latest try, if there was one.
  Chance chance(const std::optional<Claim>& latest) const;
  /// Whether nobody is at it any more, by its silence, or at once where this machine knows that its process is gone.
  bool is_dead(const Claim& claim) const;

  /// Claims the try after `latest`; nothing when somebody else was quicker. Throws Error.
  std::optional<Claim> take(const std::string& task, const std::optional<Claim>& latest) const;
  /// Says that the owner lives. False when somebody took over.
  bool touch(const Claim& claim) const;
  /// Writes down how it ended.
  void end(Claim claim, Claim::State state, double seconds, const std::string& complaint = "",
           bool hopeless = false) const;
  /// As if it had not been tried.
  void give_back(const Claim& claim) const;
  /// Forgets all tries of a task, of which `latest` is the last; whoever removes that one removes the others.
  void forget(const Claim& latest) const;

 private:
  std::filesystem::path file(const std::string& task, int attempt) const;
  std::optional<Claim> read(const std::string& name) const;
  double now() const;

  std::filesystem::path folder_, clock_;
  std::string space_;
  double stale_;
  int tries_;
};

}  // namespace understudy::tools
