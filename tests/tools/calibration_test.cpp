// `calibrate` and `simopt` as a user types them, with the same simulator as the other world, so that it is known what
// they should find.

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/program.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string in(const TemporaryDirectory& folder, const std::string& name) {
  return (folder / name).string();
}

std::string write(const TemporaryDirectory& folder, const std::string& name, const std::string& text) {
  std::ofstream(in(folder, name)) << text;
  return in(folder, name);
}

/// The page after its scripts ran, "" without a browser.
std::string opened(const std::string& page, const TemporaryDirectory& folder) {
  if (std::system("command -v chromium >/dev/null") != 0) {  // NOLINT(bugprone-command-processor)
    WARN("no chromium here: the page was not opened");
    return "";
  }
  const std::string dom = in(folder, "dom.html");
  const std::string command =
      "HOME=" + in(folder, "") +
      " timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-proxy-server "
      "--virtual-time-budget=5000 --dump-dom " +
      page + " >" + dom + " 2>/dev/null";
  REQUIRE(std::system(command.c_str()) == 0);  // NOLINT(bugprone-command-processor)
  return content(dom);
}

void check_page(const std::string& page, const TemporaryDirectory& folder, const std::string& says) {
  const std::string dom = opened(page, folder);
  if (dom.empty()) return;
  // Without the whole page in the message.
  CHECK(dom.find("data-ready=") != std::string::npos);
  CHECK(dom.find("data-error=") == std::string::npos);
  CHECK(dom.find("<h1 id=\"title\">" + says) != std::string::npos);
}

constexpr const char* kPrior = "[actuators]\ngain = { normal = [1, 0.15], low = 0.4, high = 1.6 }\n";

TEST_CASE("calibrate finds the gain of the other world, and its answer is a randomisation file") {
  const TemporaryDirectory folder;
  const std::string world = write(folder, "world.toml", "actuators.gain = 0.8\n");
  const std::string prior = write(folder, "prior.toml", kPrior);
  const std::string real = in(folder, "real.h5"), out = in(folder, "calibration");
  must("eval expert --env Reach --episodes 6 --record " + real + " --randomise " + world);
  const std::string command = "calibrate simopt --policy expert --real " + real + " --parameters " + prior +
                              " --updates 4 --samples 60 --out ";
  CHECK_THAT(output_of(command + out), ContainsSubstring("actuators.gain") &&
                                           ContainsSubstring("on 2 held-out rollouts") &&
                                           ContainsSubstring("cost: 4 real rollouts, "));
  const json result = json::parse(content(out + "/calibration.json"));
  CHECK(std::abs(result["posterior"]["mean"][0].get<double>() - 0.8) < 0.03);
  CHECK(result["judged"]["after"]["mean"] < 0.3 * result["judged"]["before"]["mean"].get<double>());
  CHECK(result["cost"]["simulated_episodes"] == 4 * 60 * 4);
  check_page("file://" + out + "/page.html", folder, "SimOpt on Reach");
  must("eval expert --env Reach --episodes 2 --randomise " + out + "/randomisation.toml");

  // The same seed gives the same bits on any number of threads.
  must(command + in(folder, "again --threads 1"));
  CHECK(content(in(folder, "again/randomisation.toml")) == content(out + "/randomisation.toml"));
  refused(command + out, 1, "holds a finished calibration");
  must(command + out + " --force --seed 2");
  CHECK(content(out + "/randomisation.toml") != content(in(folder, "again/randomisation.toml")));

  SECTION("what it cannot work with is refused") {
    refused("calibrate simopt --policy random --real " + real + " --parameters " + prior + " --out " +
                in(folder, "x"),
            1, "it acts otherwise at step 0");
    refused(command + in(folder, "x --env Push"), 1, "want rollouts of Push, found those of Reach");
    refused(command + in(folder, "x --rollouts 7"), 2, "--rollouts: want at most the 6");
    refused(command + in(folder, "x --weight to_targe=2"), 2, "--weight: unknown field 'to_targe'");
    refused(command + in(folder, "x --proposal ") + prior, 2, "--proposal: belongs to bayes-sim");
    refused("calibrate simopt --policy expert --real " + real + " --parameters " + world + " --out " +
                in(folder, "x"),
            2, "a plain number is not calibrated");
  }
}

TEST_CASE("simopt trains, rolls out, calibrates and trains on, and the same command goes on where it was") {
  const TemporaryDirectory folder;
  const std::string world = write(folder, "world.toml", "actuators.gain = 0.7\n");
  const std::string prior = write(folder, "prior.toml", kPrior);
  const std::string out = in(folder, "loop");
  const std::string command =
      "simopt --env Reach --real-randomise " + world + " --parameters " + prior +
      " --train 'ppo --steps 2000 --rollout 500 --hidden 8,8 --final-episodes 2 --eval-every "
      "2000 --eval-episodes 1' --rollouts 2 --episodes 3 --calibrate '--updates 2 --samples 20' "
      "--out " +
      out;
  must(command + " --iterations 0");
  const std::string first = content(out + "/iteration-0/train/manifest.json");
  must(command + " --iterations 1");
  CHECK(content(out + "/iteration-0/train/manifest.json") == first);
  // Stopped in the second training or after it: what is not there yet is made.
  std::filesystem::remove(out + "/iteration-1/world.json");
  CHECK_THAT(output_of(command + " --iterations 1"), ContainsSubstring("policy 1: there "));
  const json loop = json::parse(content(out + "/simopt.json"));
  REQUIRE(loop["iterations"].size() == 2);
  CHECK(loop["iterations"][0]["calibration"]["cost"]["real_rollouts"] == 2);
  CHECK(loop["iterations"][0]["world"]["episodes"] == 3);
  CHECK(loop["iterations"][1]["training"]["steps"] == 2000);
  // What the second policy was trained with is what the calibration left.
  CHECK(content(out + "/iteration-1/randomisation.toml") ==
        content(out + "/iteration-0/calibration/randomisation.toml"));
  CHECK_THAT(content(out + "/iteration-1/train/config.toml"),
             ContainsSubstring("iteration-0/train/policy.pt"));
  check_page("file://" + out + "/page.html", folder, "Reach: from one world to another");

  refused(command + " --iterations 1 --seed 2", 1, "was begun with another seed");
  refused("simopt --env Reach --parameters " + prior + " --train ppo --out " + in(folder, "x"), 2,
          "found none");
  refused("simopt --env Reach --real-randomise " + world + " --parameters " + prior +
              " --train 'ppo --seed 3' --out " + in(folder, "x"),
          2, "--train: want no --seed in it");
  refused("simopt --env Reach --real-randomise " + world + " --parameters " + prior + " --train 'pp' --out " +
              in(folder, "x"),
          2, "iteration 0: training ended with 2");
}

}  // namespace
}  // namespace understudy::tests
