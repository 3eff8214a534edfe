#include "tools/media/evaluation_records.h"

#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"
#include "datasets/types/json_text.h"
#include "datasets/types/shell_quoted.h"
#include "tools/media/embedded_page.h"

namespace understudy::tools {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

std::string bytes_of(std::FILE* stream) {
  std::string bytes;
  char part[1 << 14];
  for (std::size_t got = 0; (got = std::fread(part, 1, sizeof part, stream)) > 0;) bytes.append(part, got);
  return bytes;
}

/// A JPEG of a video's last moment; empty without ffmpeg.
std::string still_of(const fs::path& video) {
  const std::string command = "ffmpeg -nostdin -loglevel quiet -sseof -0.3 -i " +
                              shell_quoted("file:" + fs::absolute(video).string()) +
                              " -frames:v 1 -vf scale=480:-2 -c:v mjpeg -q:v 5 -f image2pipe - 2>/dev/null";
  std::FILE* const pipe = popen(command.c_str(), "r");  // NOLINT(bugprone-command-processor): it is quoted
  if (pipe == nullptr) return "";
  std::string bytes = bytes_of(pipe);
  return pclose(pipe) == 0 ? bytes : "";
}

/// Adds "video", "still" and "note" to a failure whose `path` is there.
void embed(ordered_json& failure, const fs::path& path, MediaBudget& budget) {
  static const std::map<std::string, std::string> kShown{{".mp4", "video/mp4"},  {".webm", "video/webm"},
                                                         {".gif", "image/gif"},  {".png", "image/png"},
                                                         {".jpg", "image/jpeg"}, {".jpeg", "image/jpeg"}};
  if (!fs::is_regular_file(path)) {
    failure["note"] = path.filename().string() + " is not there any more";
    return;
  }
  const auto type = kShown.find(path.extension().string());
  const bool moving = type == kShown.end() || type->second.starts_with("video");
  if (moving) {
    const std::string still = still_of(path);
    if (!still.empty()) failure["still"] = data_uri("image/jpeg", still);
  }
  if (type == kShown.end()) {
    failure["note"] = path.filename().string() + ": browsers do not play it";
  } else if (const std::uintmax_t size = fs::file_size(path); size > budget.left) {
    char text[96];
    std::snprintf(text, sizeof text, " (%.1f MB) is beyond --video-limit", 1e-6 * static_cast<double>(size));
    failure["note"] = path.filename().string() + text;
  } else {
    budget.left -= size;
    failure[moving ? "video" : "still"] = data_uri(type->second, read_file(path));
  }
}

void copy(const ordered_json& from, ordered_json& to, const char* member) {
  if (from.contains(member)) to[member] = from.at(member);
}

/// The figures of one policy; throws nlohmann's exceptions.
ordered_json policy_record(const ordered_json& policy, const fs::path& folder, MediaBudget& budget) {
  ordered_json record{{"policy", policy.at("policy").get<std::string>()}};
  for (const char* member :
       {"environment", "perturbation", "step", "kept", "episodes", "success_rate", "success_interval",
        "mean_return", "return_interval", "mean_length", "middle_return", "middle_interval",
        "demonstrations_return", "distance", "latency_us"})
    copy(policy, record, member);
  record.at("mean_return").get<double>();
  if (policy.contains("outcomes")) {
    ordered_json seeds, returns, successes, lengths, causes, left;
    for (const ordered_json& outcome : policy.at("outcomes")) {
      seeds.push_back(std::to_string(outcome.at("seed").get<std::uint64_t>()));
      returns.push_back(outcome.at("return").get<double>());
      successes.push_back(outcome.at("success").is_boolean() ? outcome.at("success") : ordered_json());
      lengths.push_back(outcome.value("length", 0));
      const auto text_or_null = [&](const char* name) {
        return outcome.contains(name) ? outcome.at(name) : ordered_json();
      };
      causes.push_back(text_or_null("cause"));
      left.push_back(text_or_null("left_demonstrations"));
    }
    record["outcomes"] = {{"seed", seeds},     {"return", returns}, {"success", successes},
                          {"length", lengths}, {"cause", causes},   {"left_demonstrations", left}};
  }
  auto failures = ordered_json::array();
  if (policy.contains("failures")) {
    for (const ordered_json& each : policy.at("failures")) {
      ordered_json failure{{"seed", std::to_string(each.at("seed").get<std::uint64_t>())},
                           {"kind", each.value("kind", "")}};
      copy(each, failure, "cause");
      copy(each, failure, "left_demonstrations");
      if (each.contains("video") && each.at("video").is_string())
        embed(failure, folder / each.at("video").get<std::string>(), budget);
      failures.push_back(std::move(failure));
    }
  }
  record["failures"] = std::move(failures);
  return record;
}

}  // namespace

ordered_json evaluation_record(const fs::path& file, MediaBudget& budget) {
  const std::string place = file.string();
  const ordered_json document = parsed_json<ordered_json>(read_file(file));
  const bool suite = document.is_object() && document.contains("cells");
  if (!suite && !(document.is_object() && document.contains("policies"))) {
    throw Error(place + ": want what `understudy eval --json` or a suite wrote, found " +
                (document.is_discarded() ? "no JSON" : "neither \"policies\" nor \"cells\"") +
                "; write it with `understudy eval POLICY --json > FILE.json`");
  }
  try {
    ordered_json record{{"kind", suite ? "suite" : "evaluation"}, {"file", place}};
    record["name"] = suite ? document.value("suite", file.stem().string()) : file.stem().string();
    for (const char* member : {"environment", "program", "revision", "seed", "randomise"})
      copy(document, record, member);
    auto list = ordered_json::array();
    for (const ordered_json& policy : document.at(suite ? "cells" : "policies")) {
      if (suite) {  // which a cell has to say
        policy.at("environment").get<std::string>();
        policy.at("perturbation").get<std::string>();
      }
      list.push_back(policy_record(policy, file.parent_path(), budget));
    }
    record[suite ? "cells" : "policies"] = std::move(list);
    return record;
  } catch (const ordered_json::exception& error) {
    throw Error(place + ": cannot be read: " + reason_of(error) + "; evaluate again");
  }
}

}  // namespace understudy::tools
