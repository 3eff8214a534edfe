#pragma once
/// \file The policy that drives in `record --policy`, and how it learns between episodes from those who correct it.

#include <memory>
#include <string>
#include <utility>

#include "capture/devices/takeover.h"
#include "envs/contract/environment.h"
#include "tools/console/training_process.h"

namespace understudy::tools {

struct WheelOptions {
  std::string environment{};
  std::string policy{};    ///< as for actor_factory
  std::string data{};      ///< the dataset that is recorded
  std::string training{};  ///< options for `train bc`, blanks between
};

/// Between episodes: asks whether a training has ended, and puts its policy to the wheel.
class Wheel {
 public:
  /// `task` is what the policy may look at, and must outlive this.
  Wheel(WheelOptions options, Environment& task)
      : options_(std::move(options)), task_(&task), policy_(options_.policy) {}

  /// The device that records: `hand` corrects the policy. Throws like actor_factory.
  std::unique_ptr<Takeover> make_device(std::unique_ptr<Device> hand);
  /// Begins to train the present policy on what `data` holds, unless a training is under way. Needs a policy file.
  void train();
  /// Swaps a policy in that is ready, and says so on stderr, or says in one line that there is none. Returns at once
  /// otherwise.
  void before_episode();
  int version() const { return version_; }

 private:
  DrivingPolicy load() const;
  std::string run_directory(int version) const;

  WheelOptions options_;
  Environment* task_;
  int version_ = 1;
  int wanted_ = 1;  ///< the last that a training was begun for
  std::string policy_;
  Takeover* device_ = nullptr;
  TrainingProcess training_;
};

}  // namespace understudy::tools
