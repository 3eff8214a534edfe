#pragma once
/// \file An expert that records itself: no device, no faults. Its actions go to the task as they are.

#include <memory>
#include <string>
#include <vector>

#include "capture/device.h"

namespace understudy {

/// Starts every episode, and saves it as what it came to: success, or discarded otherwise.
class ScriptedDevice : public Device {
 public:
  ScriptedDevice(std::unique_ptr<Actor> expert, bool keep_failures);

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
  bool keep_failures_;
  std::vector<Function> functions_;
  RawInput raw_;
};

}  // namespace understudy
