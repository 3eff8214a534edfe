#pragma once
/// \file Threads whose refusal by the system is a line that a user can read.

#include <functional>
#include <string>
#include <thread>

namespace understudy {

/// A thread that runs `body`. Throws Error when the system starts no more, saying what for: `purpose`
/// completes "cannot start a thread for ...".
std::thread start_thread(const std::string& purpose, std::function<void()> body);

/// The calling thread gives way to all others of its process from now on.
void lower_thread_priority();

}  // namespace understudy
