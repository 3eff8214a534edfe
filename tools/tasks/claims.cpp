#include "tools/tasks/claims.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <system_error>

#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"
#include "datasets/types/json_text.h"
#include "tools/tasks/machine.h"
#include "tools/tasks/task_list.h"

namespace understudy::tools {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

double seconds(const timespec& time) {
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

const char* name_of(Claim::State state) {
  return state == Claim::State::kRunning ? "running" : state == Claim::State::kFailed ? "failed" : "done";
}

std::string text_of(const Claim& claim) {
  return ordered_json{
             {"state", name_of(claim.state)}, {"host", claim.host},           {"space", claim.space},
             {"process", claim.process},      {"start", claim.process_start}, {"began", claim.began},
             {"seconds", claim.seconds},      {"complaint", claim.complaint}, {"hopeless", claim.hopeless}}
             .dump() +
         "\n";
}

Claim claim_of(const ordered_json& document) {
  Claim claim;
  const std::string state = document.at("state").get<std::string>();
  claim.state = state == "failed" ? Claim::State::kFailed
                : state == "done" ? Claim::State::kDone
                                  : Claim::State::kRunning;
  claim.host = document.at("host").get<std::string>();
  claim.space = document.at("space").get<std::string>();
  claim.process = document.at("process").get<pid_t>();
  claim.process_start = document.at("start").get<long long>();
  claim.began = document.at("began").get<double>();
  claim.seconds = document.at("seconds").get<double>();
  claim.complaint = document.at("complaint").get<std::string>();
  claim.hopeless = document.at("hopeless").get<bool>();
  return claim;
}

}  // namespace

Claims::Claims(const fs::path& out, double stale, int tries)
    : folder_(out / "claims"), space_(process_space()), stale_(stale), tries_(tries) {
  std::error_code failed;
  fs::create_directory(folder_, failed);
  if (failed)
    throw Error(folder_.string() + ": cannot be made: " + failed.message() +
                "; want a folder that this machine may write to");
  clock_ = folder_ / (".clock-" + host_name() + "-" + std::to_string(::getpid()));
}

Claims::~Claims() {
  ::unlink(clock_.c_str());
}

fs::path Claims::file(const std::string& task, int attempt) const {
  return folder_ / (task + "." + std::to_string(attempt));
}

/// The file server's time, for the clocks of machines differ.
double Claims::now() const {
  const FileDescriptor file(::open(clock_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
  struct stat status {};
  if (!file || ::futimens(file.get(), nullptr) != 0 || ::fstat(file.get(), &status) != 0)
    throw_errno(clock_, "cannot be written", errno);
  return seconds(status.st_mtim);
}

std::optional<Claim> Claims::read(const std::string& name) const {
  const std::size_t dot = name.rfind('.');
  int attempt = 0;
  if (dot == std::string::npos || dot == 0) return std::nullopt;
  const char* end = name.data() + name.size();
  const auto number = std::from_chars(name.data() + dot + 1, end, attempt);
  if (number.ec != std::errc() || number.ptr != end) return std::nullopt;
  // Opening asks the server anew how old it is.
  const FileDescriptor file(::open((folder_ / name).c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0) return std::nullopt;  // given back in this moment
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  if (::read(file.get(), text.data(), text.size()) != status.st_size) return std::nullopt;
  const auto document = parsed_json<ordered_json>(text);
  try {
    Claim claim = claim_of(document);
    claim.task = name.substr(0, dot);
    claim.attempt = attempt;
    claim.silent = seconds(status.st_mtim);  // a moment yet
    return claim;
  } catch (const ordered_json::exception&) {
    throw Error((folder_ / name).string() + ": damaged; remove it and run the same command again");
  }
}

std::map<std::string, Claim> Claims::look(const std::function<bool(const std::string& task)>& wanted) const {
  std::map<std::string, std::pair<int, std::string>> latest;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    const std::string name = entry.path().filename().string();
    const std::size_t dot = name.rfind('.');
    if (dot == std::string::npos || dot == 0 ||
        name.find_first_not_of("0123456789", dot + 1) != std::string::npos)
      continue;
    const int attempt = std::atoi(name.c_str() + dot + 1);
    auto& known = latest[name.substr(0, dot)];
    if (attempt > known.first) known = {attempt, name};
  }
  const double time = now();
  std::map<std::string, Claim> claims;
  for (const auto& [task, file] : latest) {
    if (!wanted(task)) continue;
    if (auto claim = read(file.second)) {
      claim->silent = time - claim->silent;
      claims.emplace(task, std::move(*claim));
    }
  }
  return claims;
}

bool Claims::is_dead(const Claim& claim) const {
  if (claim.state != Claim::State::kRunning) return false;
  const bool here = claim.space == space_;
  if (here && process_start(claim.process) != claim.process_start) return true;
  return claim.silent > stale_ && !(here && claim.process == ::getpid());
}

Chance Claims::chance(const std::optional<Claim>& latest) const {
  if (!latest) return Chance::kFree;
  // A network file system may show the result a moment later; what is not there then has been removed.
  if (latest->state == Claim::State::kDone) return latest->silent > stale_ ? Chance::kFree : Chance::kTaken;
  if (latest->state == Claim::State::kRunning && !is_dead(*latest)) return Chance::kTaken;
  return latest->hopeless || latest->attempt >= tries_ ? Chance::kGivenUp : Chance::kFree;
}

std::optional<Claim> Claims::take(const std::string& task, const std::optional<Claim>& latest) const {
  Claim claim{
      .task = task,
      .attempt = latest ? latest->attempt + 1 : 1,
      .host = host_name(),
      .space = space_,
      .process = ::getpid(),
      .process_start = process_start(::getpid()),
      .began = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count()};
  if (!write_once(file(task, claim.attempt), text_of(claim))) return std::nullopt;
  return claim;
}

bool Claims::touch(const Claim& claim) const {
  // A file system of a network remembers for a while that a file was not there, until its folder changes.
  ::unlink(clock_.c_str());
  static_cast<void>(now());
  if (fs::exists(file(claim.task, claim.attempt + 1))) return false;
  const FileDescriptor own(::open(file(claim.task, claim.attempt).c_str(), O_WRONLY | O_CLOEXEC));
  if (!own) return false;
  if (::futimens(own.get(), nullptr) != 0)
    throw_errno(file(claim.task, claim.attempt), "cannot be touched", errno);
  return true;
}

void Claims::end(Claim claim, Claim::State state, double seconds, const std::string& complaint,
                 bool hopeless) const {
  claim.state = state;
  claim.seconds = seconds;
  claim.complaint = complaint;
  claim.hopeless = hopeless;
  shared_write(file(claim.task, claim.attempt), text_of(claim));
}

void Claims::give_back(const Claim& claim) const {
  remove_file(file(claim.task, claim.attempt));
}

void Claims::forget(const Claim& latest) const {
  if (::unlink(file(latest.task, latest.attempt).c_str()) != 0) return;
  for (int attempt = latest.attempt - 1; attempt >= 1; --attempt)
    ::unlink(file(latest.task, attempt).c_str());
}

}  // namespace understudy::tools
