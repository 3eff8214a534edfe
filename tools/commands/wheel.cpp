#include "tools/commands/wheel.h"

#include <cstdio>
#include <filesystem>
#include <sstream>
#include <tuple>
#include <utility>
#include <vector>

#include "datasets/types/error.h"
#include "envs/contract/watching_actor.h"
#include "tools/console/actor_choice.h"

namespace understudy::tools {

DrivingPolicy Wheel::load() const {
  std::unique_ptr<Actor> actor = actor_factory(policy_, options_.environment)();
  watch(*actor, *task_);
  return {.actor = std::move(actor),
          .name = policy_ + ", version " + std::to_string(version_),
          .doubt = doubt_of(policy_)};
}

std::unique_ptr<Takeover> Wheel::make_device(std::unique_ptr<Device> hand) {
  auto device = std::make_unique<Takeover>(std::move(hand), load());
  device_ = device.get();
  return device;
}

std::string Wheel::run_directory(int version) const {
  return options_.data + ".policies/version-" + std::to_string(version);
}

void Wheel::train() {
  if (training_.running()) return;
  wanted_ = version_ + 1;
  const std::string run = run_directory(wanted_);
  const std::filesystem::path file = std::filesystem::is_directory(policy_)
                                         ? std::filesystem::path(policy_) / "policy.pt"
                                         : std::filesystem::path(policy_);
  std::filesystem::create_directories(std::filesystem::path(run).parent_path());
  std::vector<std::string> arguments{"train",  "bc",          "--env",        options_.environment,
                                     "--data", options_.data, "--warm-start", file.string(),
                                     "--out",  run,           "--force"};
  std::istringstream words(options_.training);
  for (std::string word; words >> word;) arguments.push_back(word);
  training_.start(arguments, run + ".log");
}

void Wheel::before_episode() {
  const auto outcome = training_.poll();
  if (!outcome) return;
  if (!outcome->trained) {
    std::fprintf(stderr, "\nretrain: version %d drives on: %s\n", version_, outcome->complaint.c_str());
    return;
  }
  const std::pair before{version_, policy_};
  version_ = wanted_;
  policy_ = run_directory(version_);
  try {
    device_->set_policy(load());
    std::fprintf(stderr, "\nretrain: version %d drives (%s)\n", version_, policy_.c_str());
  } catch (const Error& error) {
    std::tie(version_, policy_) = before;
    std::fprintf(stderr, "\nretrain: version %d drives on: %s\n", version_, error.what());
  }
}

}  // namespace understudy::tools
