#pragma once
/// \file Which machine and which process this is, so that others can tell whether it is still there.

#include <sys/types.h>

#include <string>

namespace understudy::tools {

std::string host_name();

/// Where process numbers mean the same: host, boot and process namespace.
std::string process_space();

/// When the process began, in ticks since the machine did; 0: there is none.
long long process_start(pid_t process);

/// Of the scheduler's allocation if there is one, else of the machine: how many processors may be used.
int processors();

}  // namespace understudy::tools
