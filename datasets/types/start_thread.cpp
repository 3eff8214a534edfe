#include "datasets/types/start_thread.h"

#include <sys/resource.h>

#include <system_error>
#include <utility>

#include "datasets/types/error.h"

namespace understudy {

std::thread start_thread(const std::string& purpose, std::function<void()> body) {
  try {
    return std::thread(std::move(body));
  } catch (const std::system_error& error) {
    throw Error("cannot start a thread for " + purpose + " (" + error.code().message() +
                "); end other programs, or raise the limits of processes and memory (ulimit -u, ulimit -v)");
  }
}

void lower_thread_priority() {
  ::setpriority(PRIO_PROCESS, 0, 10);  // on Linux: of the calling thread alone
}

}  // namespace understudy
