#include "capture/devices/scripted.h"

#include <utility>

namespace understudy {

ScriptedDevice::ScriptedDevice(std::unique_ptr<Actor> expert, ScriptedVerdict verdict)
    : expert_(std::move(expert)), verdict_(verdict) {}

void ScriptedDevice::poll(const OperatorView& view) {
  raw_.time = view.time;
  switch (view.state) {
    case SessionState::kReady:
    case SessionState::kPaused:
      functions_.push_back(Function::kStart);
      return;
    case SessionState::kEnded:
      if (view.success || verdict_ == ScriptedVerdict::kAcceptAll) {
        functions_.push_back(Function::kSaveSuccess);
      } else {
        functions_.push_back(verdict_ == ScriptedVerdict::kKeepFailures ? Function::kSaveFailure
                                                                        : Function::kDiscard);
      }
      return;
    case SessionState::kRecording:
    case SessionState::kStopped:
      return;
  }
}

std::vector<Function> ScriptedDevice::take_functions() {
  return std::exchange(functions_, {});
}

void ScriptedDevice::reset(int row, std::uint64_t seed) {
  expert_->reset(row, seed);
}

void ScriptedDevice::act(ConstMatrixRef observations, MatrixRef actions) {
  expert_->act(observations, actions);
  actions = actions.cwiseMax(-1.0F).cwiseMin(1.0F);
}

}  // namespace understudy
