#include "tools/tasks/machine.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>
#include <thread>

namespace understudy::tools {

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "unknown";
  return name.data();
}

std::string process_space() {
  std::ifstream boot("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(boot, id);
  std::error_code none;
  return host_name() + " " + id + " " + std::filesystem::read_symlink("/proc/self/ns/pid", none).string();
}

long long process_start(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t name_end = text.rfind(')');  // the name may have spaces in it
  if (name_end == std::string::npos) return 0;
  std::istringstream fields(text.substr(name_end + 1));
  std::string field, state;
  fields >> state;                                // the third field
  for (int i = 4; i <= 22; ++i) fields >> field;  // the 22nd is the start
  return state == "Z" || state == "X" ? 0 : std::atoll(field.c_str());
}

int processors() {
  if (const char* given = std::getenv("SLURM_CPUS_PER_TASK")) return std::max(1, std::atoi(given));
  if (std::getenv("SLURM_JOB_ID") != nullptr) return 1;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace understudy::tools
