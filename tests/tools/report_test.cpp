// `report` as a user types it: one page of runs, evaluations, suites and data sets, and the same page served.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>
#include <thread>

#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/program.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// What a run of `seed` leaves behind that came to `mean_return`, or is still under way.
void write_run(const fs::path& run, int seed, int hidden, double mean_return, bool finished = true) {
  fs::create_directories(run);
  json manifest = {{"learner", "ppo"},
                   {"program_version", "0.1.0"},
                   {"revision", "abc"},
                   {"processor", "some processor"},
                   {"seed", seed},
                   {"environment", "InvertedPendulumSwingup"},
                   {"config",
                    {{"rl", "ppo"},
                     {"out", run.string()},
                     {"seed", seed},
                     {"steps", 300},
                     {"settings", {{"hidden", std::to_string(hidden)}}}}}};
  if (finished) {
    manifest["result"] = {{"steps", 200},
                          {"seconds", 60},
                          {"episodes", 10},
                          {"success_rate", nullptr},
                          {"mean_return", mean_return},
                          {"return_interval", {mean_return - 1, mean_return + 1}}};
  }
  write_content(run / "manifest.json", manifest.dump());
  // The last line is one that is being written.
  write_content(run / "metrics.csv", "steps,train_return,eval_return\n100,,1\n200,3," +
                                         std::to_string(mean_return) + "\n300,4" + (finished ? ",9\n" : ""));
}

json policy(const std::string& name, int successes, int episodes) {
  json outcomes = json::array();
  for (int i = 0; i < episodes; ++i) {
    const bool success = i < successes;
    outcomes.push_back({{"seed", 2000000000 + i},
                        {"success", success},
                        {"return", success ? 1.0 + 0.1 * i : -1.0},
                        {"length", 10},
                        {"cause", success ? json() : json("dropped")},
                        {"left_demonstrations", success ? json() : json(7)},
                        {"never heard of", {1, 2}}});
  }
  return {{"policy", name},
          {"episodes", episodes},
          {"success_rate", 1.0 * successes / episodes},
          {"success_interval", {0.1, 0.9}},
          {"mean_return", 0.5},
          {"return_interval", {0.0, 1.0}},
          {"mean_length", 10.0},
          {"outcomes", outcomes},
          {"never heard of", "this"}};
}

/// Runs of two kinds, an evaluation with failures, checkpoints and a suite.
void write_sources(const fs::path& folder) {
  write_run(folder / "runs" / "a-1", 1, 64, 2);
  write_run(folder / "runs" / "a-2", 2, 64, 3);
  write_run(folder / "runs" / "a-3", 3, 64, 10);
  write_run(folder / "runs" / "b-1", 1, 256, 1, false);
  json one = policy("runs/one", 3, 8);
  one["failures"] = {
      {{"seed", 5}, {"kind", "worst"}, {"cause", "dropped"}, {"left_demonstrations", 7}, {"video", "f.png"}},
      {{"seed", 6}, {"kind", "median"}, {"cause", nullptr}, {"video", "gone.mp4"}}};
  one["latency_us"] = {{"p50", 1.0}, {"p95", 2.0}, {"p99", 3.0}, {"max", 4.0}};
  write_content(folder / "f.png", "not really a picture");
  write_content(folder / "evaluation.json",
                json{{"environment", "Reach"}, {"policies", {one, policy("runs/two", 8, 8)}}}.dump());
  json early = policy("early", 1, 8), late = policy("late", 7, 8);
  early["step"] = 100;
  late["step"] = 200;
  late["kept"] = true;
  write_content(folder / "checkpoints.json",
                json{{"environment", "Reach"}, {"policies", {early, late}}}.dump());
  json cells = json::array();
  for (const char* perturbation : {"none", "latency"}) {
    for (const char* name : {"one", "two"}) {
      cells.push_back(policy(name, 4, 8));
      cells.back()["environment"] = "Reach";
      cells.back()["perturbation"] = perturbation;
    }
  }
  write_content(folder / "suite.json",
                json{{"suite", "small"}, {"program", "0.1.0"}, {"cells", cells}}.dump());
  must("record --env Reach --device synthetic --episodes 3 --seed 3 --out " + (folder / "demos.h5").string());
}

std::string sources(const fs::path& folder) {
  std::string words;
  for (const char* name : {"runs", "evaluation.json", "checkpoints.json", "suite.json", "demos.h5"})
    words += " " + (folder / name).string();
  return words;
}

json data_of(const std::string& page) {
  const std::string before = "<script type=\"application/json\" id=\"data\">";
  const auto begin = page.find(before);
  REQUIRE(begin != std::string::npos);
  const auto end = page.find("</script>", begin);
  return json::parse(page.substr(begin + before.size(), end - begin - before.size()));
}

bool has_browser() {
  if (std::system("command -v chromium >/dev/null") == 0) return true;  // NOLINT(bugprone-command-processor)
  WARN("no chromium here: the page was not opened");
  return false;
}

/// What a page has become after its scripts ran for `budget` ms of its own time.
std::string opened(const std::string& address, const fs::path& folder, int budget = 5000) {
  const std::string dom = (folder / "dom.html").string();
  const std::string command =
      "HOME=" + folder.string() +
      " timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-proxy-server "
      "--virtual-time-budget=" +
      std::to_string(budget) + " --dump-dom " + address + " >" + dom + " 2>/dev/null";
  REQUIRE(std::system(command.c_str()) == 0);  // NOLINT(bugprone-command-processor)
  return content(dom);
}

/// `report ARGUMENTS --watch` as a process of its own.
class Watching {
 public:
  Watching(const std::string& source, const fs::path& output) : output_(output) {
    child_ = fork();
    if (child_ == 0) {
      const int file = open(output.c_str(), O_WRONLY | O_CREAT, 0600);
      dup2(file, STDOUT_FILENO);
      execl(UNDERSTUDY_PROGRAM, "understudy", "report", source.c_str(), "--watch", nullptr);
      _exit(127);
    }
    std::smatch found;
    for (int i = 0; i < 200 && port_ == 0; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      const std::string said = content(output);
      if (std::regex_search(said, found, std::regex("http://127\\.0\\.0\\.1:(\\d+)/")))
        port_ = static_cast<std::uint16_t>(std::stoi(found[1]));
    }
    REQUIRE(port_ != 0);
  }
  ~Watching() {
    if (child_ > 0) kill(child_, SIGKILL), waitpid(child_, nullptr, 0);
  }
  std::uint16_t port() const { return port_; }

  /// Ctrl-C; gives the exit code.
  int interrupt() {
    kill(child_, SIGINT);
    int status = 0;
    waitpid(child_, &status, 0);
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  std::string ask(const std::string& request) const {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(send(socket, request.data(), request.size(), 0) == static_cast<ssize_t>(request.size()));
    std::string answer;
    char part[4096];
    for (ssize_t got = 0; (got = recv(socket, part, sizeof part, 0)) > 0;)
      answer.append(part, static_cast<std::size_t>(got));
    close(socket);
    return answer;
  }
  std::string get(const std::string& target) const {
    return ask("GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) + "\r\n\r\n");
  }

 private:
  fs::path output_;
  pid_t child_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace

TEST_CASE("runs that differ by their seed alone are one group, whose figures are the interquartile mean's") {
  const TemporaryDirectory folder;
  write_sources(folder / "");
  const std::string page = (folder / "page.html").string();
  must("report --out " + page + sources(folder / ""));
  const std::string text = content(page);
  for (const char* other : {"http:", "https:", "<link", "src=\"", "@import"}) {
    CAPTURE(other);
    // The name of SVG's elements is no address.
    CHECK_THAT(text.substr(0, text.find("http://www.w3.org/2000/svg")), !ContainsSubstring(other));
    CHECK_THAT(text.substr(text.find("w3.org/2000/svg")), !ContainsSubstring(other));
  }
  const json data = data_of(text);
  REQUIRE(data.at("groups").size() == 2);
  const json& three = data.at("groups").at(0);
  CHECK(three.at("label") == "ppo, hidden 64");
  REQUIRE(three.at("runs").size() == 3);
  // Of three values a quarter is none: the mean of 2, 3 and 10, between the least and the greatest.
  CHECK(three.at("return").at("value") == 5.0);
  CHECK(three.at("return").at("interval") == json{2.0, 10.0});
  const json& curve = three.at("curves").at("mean_return");
  CHECK(curve.at("x") == json{100.0, 200.0, 300.0});
  CHECK(curve.at("middle") == json{1.0, 5.0, 9.0});
  CHECK(curve.at("low").at(1) == 2.0);
  const json& unfinished = data.at("groups").at(1);
  CHECK(unfinished.at("return").is_null());
  CHECK(unfinished.at("runs").at(0).at("finished") == false);
  CHECK(unfinished.at("curves").at("mean_return").at("x") == json{100.0, 200.0});  // not the half line
  const json& failures = data.at("evaluations").at(0).at("policies").at(0).at("failures");
  CHECK(failures.at(0).at("still") == "data:image/png;base64,bm90IHJlYWxseSBhIHBpY3R1cmU=");
  CHECK(failures.at(1).at("note") == "gone.mp4 is not there any more");
  CHECK(data.at("ways").at(0).at("ways").size() == 3);
}

TEST_CASE("a report's scripts run in a browser without an error, and every plot has something in it") {
  if (!has_browser()) return;
  const TemporaryDirectory folder;
  write_sources(folder / "");
  const std::string page = (folder / "page.html").string();
  must("report --out " + page + sources(folder / ""));
  const std::string dom = opened("file://" + page, folder / "");
  CHECK_THAT(dom, ContainsSubstring("data-ready=\"") && !ContainsSubstring("data-error="));
  CHECK_THAT(dom, !ContainsSubstring("NaN") && !ContainsSubstring("undefined</"));
  const std::string body = dom.substr(dom.find("<main"), dom.find("</main>") - dom.find("<main"));
  // Each section has a plot, and each plot what its kind is drawn with, beyond the lines of its scales.
  for (const auto& [section, drawn] :
       {std::pair{"curves", "class=\"curve\""}, std::pair{"finals", "<circle"},
        std::pair{"checkpoints", "class=\"band\""}, std::pair{"suite-small", "<rect"},
        std::pair{"evaluations", "<circle"}, std::pair{"profiles", "class=\"curve\""},
        std::pair{"trajectories", "class=\"seed\""}, std::pair{"failures", "<rect"}}) {
    CAPTURE(section, drawn);
    const auto begin = body.find("<section id=\"" + std::string(section) + "\"");
    REQUIRE(begin != std::string::npos);
    const std::string part = body.substr(begin, body.find("</section>", begin) - begin);
    int plots = 0;
    for (auto at = part.find("<svg"); at != std::string::npos; at = part.find("<svg", at + 1)) {
      ++plots;
      CHECK_THAT(part.substr(at, part.find("</svg>", at) - at), ContainsSubstring(drawn));
    }
    CHECK(plots > 0);
  }
  CHECK_THAT(body, ContainsSubstring("seed 1: 200 of 300 steps"));
  CHECK_THAT(body, ContainsSubstring("dropped"));
}

TEST_CASE("a report of one thing alone is drawn, whatever it is") {
  const TemporaryDirectory folder;
  write_sources(folder / "");
  for (const std::string name : {"runs", "evaluation.json", "checkpoints.json", "suite.json", "demos.h5"}) {
    CAPTURE(name);
    const std::string page = (folder / (name + ".html")).string();
    must("report " + (folder / name).string() + " --out " + page);
    CHECK(data_of(content(page)).at("groups").is_array());
    if (!has_browser()) continue;
    CHECK_THAT(opened("file://" + page, folder / ""),
               ContainsSubstring("data-ready=\"") && !ContainsSubstring("data-error="));
  }
}

TEST_CASE("report says what it cannot take, and writes over nothing") {
  const TemporaryDirectory folder;
  const std::string there = (folder / "there.html").string(), other = (folder / "other.json").string();
  write_content(there, "mine");
  write_content(other, "{\"a\": 1}");
  const std::string out = " --out " + (folder / "new.html").string();
  write_run(folder / "run", 1, 64, 2);
  const std::string run = (folder / "run").string();
  refused("report " + run, 2, "--out");
  refused("report " + run + " --out " + there, 1, "--force");
  CHECK(content(there) == "mine");
  refused("report " + other + out, 1, "neither \"policies\" nor \"cells\"");
  write_content(other, "{\"policies\": [{\"policy\": 7}]}");
  refused("report " + other + out, 1, other + ": cannot be read");
  fs::create_directory(folder / "empty");
  refused("report " + (folder / "empty").string() + out, 1, "found no manifest.json");
  refused("report " + there + out, 1, "want a run directory");
  refused("report " + (folder / "nothing").string() + out, 1, "no such file");
  CHECK(!fs::exists(folder / "new.html"));
}

TEST_CASE("a watched page is served to this machine alone, and goes on with its runs") {
  const TemporaryDirectory folder;
  write_run(folder / "runs" / "a", 1, 64, 2, false);
  Watching watching((folder / "runs").string(), folder / "said");
  const std::string page = watching.get("/");
  CHECK_THAT(page, StartsWith("HTTP/1.1 200"));
  CHECK(data_of(page).at("live") == true);
  const auto groups = [&] {
    const std::string answer = watching.get("/data");
    return json::parse(answer.substr(answer.find("\r\n\r\n") + 4));
  };
  CHECK(groups().at(0).at("return").is_null());
  write_run(folder / "runs" / "a", 1, 64, 2);
  write_run(folder / "runs" / "b", 2, 64, 4);
  CHECK(groups().at(0).at("return").at("value") == 3.0);
  CHECK(groups().at(0).at("runs").size() == 2);

  const std::string host = "Host: 127.0.0.1:" + std::to_string(watching.port()) + "\r\n\r\n";
  CHECK_THAT(watching.ask("POST / HTTP/1.1\r\n" + host), StartsWith("HTTP/1.1 405"));
  CHECK_THAT(watching.ask("GET /manifest.json HTTP/1.1\r\n" + host), StartsWith("HTTP/1.1 404"));
  CHECK_THAT(watching.ask("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"), StartsWith("HTTP/1.1 403"));
  CHECK_THAT(watching.ask("GET / HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 403"));
  // The kernel's own list: 127.0.0.1 is the only address that this port is listened at.
  char wanted[32], any[16];
  std::snprintf(wanted, sizeof wanted, "0100007F:%04X 00000000:0000 0A", watching.port());
  std::snprintf(any, sizeof any, ":%04X ", watching.port());
  CHECK_THAT(content("/proc/net/tcp"), ContainsSubstring(wanted));
  CHECK_THAT(content("/proc/net/tcp"),
             !ContainsSubstring("00000000" + std::string(any) + "00000000:0000 0A"));
  CHECK_THAT(content("/proc/net/tcp6"),
             !ContainsSubstring(std::string(any) + "00000000000000000000000000000000:0000 0A"));

  write_content(folder / "runs" / "b" / "manifest.json", "{");
  CHECK_THAT(watching.get("/data"), StartsWith("HTTP/1.1 500") && ContainsSubstring("damaged"));
  CHECK(watching.interrupt() == 0);
}

TEST_CASE("a watched page draws again what has changed") {
  if (!has_browser()) return;
  const TemporaryDirectory folder;
  write_run(folder / "runs" / "a", 1, 64, 2);
  const Watching watching((folder / "runs").string(), folder / "said");
  const std::string dom =
      opened("http://127.0.0.1:" + std::to_string(watching.port()) + "/", folder / "", 8000);
  CHECK_THAT(dom, ContainsSubstring("live, ") && !ContainsSubstring("data-error="));
}

}  // namespace understudy::tests
