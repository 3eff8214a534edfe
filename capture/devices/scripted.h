#pragma once
/// \file An expert that records itself: no device, no faults. Its actions go to the task as they are.

#include <memory>
#include <string>
#include <vector>

#include "capture/devices/device.h"

namespace understudy {

/// What becomes of an episode that has ended.
enum class ScriptedVerdict {
  kSuccessOnly,   ///< saved if it succeeded, else discarded
  kKeepFailures,  ///< saved as what it came to
  kAcceptAll,     ///< saved as a success: where only the return counts there is no failure
};

/// Starts every episode, and saves it by the verdict.
class ScriptedDevice : public Device {
 public:
  ScriptedDevice(std::unique_ptr<Actor> expert, ScriptedVerdict verdict);

  std::string kind() const override { return "scripted"; }
  std::string description() const override { return "scripted expert"; }
  void poll(const OperatorView& view) override;
  std::vector<Function> take_functions() override;
  bool connected() const override { return true; }
  const RawInput& raw() const override { return raw_; }
  bool hands_on() const override { return false; }

  void reset(int row, std::uint64_t seed) override;
  void act(ConstMatrixRef observations, MatrixRef actions) override;

 private:
  std::unique_ptr<Actor> expert_;
  ScriptedVerdict verdict_;
  std::vector<Function> functions_;
  RawInput raw_;
};

}  // namespace understudy
