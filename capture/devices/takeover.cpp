#include "capture/devices/takeover.h"

#include <algorithm>
#include <utility>

namespace understudy {

Takeover::Takeover(std::unique_ptr<Device> hand, DrivingPolicy policy)
    : hand_(std::move(hand)), policy_(std::move(policy)) {}

void Takeover::poll(const OperatorView& view) {
  time_ = view.time;
  OperatorView shown = view;
  shown.offered = begun_ ? &offered_now_ : nullptr;
  hand_->poll(shown);
}

void Takeover::reset(int row, std::uint64_t seed) {
  hand_->reset(row, seed);
  policy_.actor->reset(0, seed);
  begun_ = hands_on_ = false;
}

void Takeover::act(ConstMatrixRef observations, MatrixRef actions) {
  const Eigen::Index dim = actions.cols();
  for (Matrix* row : {&offered_, &by_hand_, &offset_}) {
    if (row->cols() != dim) row->setZero(1, dim);
  }
  // The policy is asked at every step, so that one with a memory knows what happened while it did not drive.
  policy_.actor->act(observations, offered_);
  offered_ = offered_.cwiseMax(-1.0F).cwiseMin(1.0F);
  offered_now_ = offered_.row(0);
  doubt_ = policy_.doubt ? policy_.doubt(observations.row(0).transpose()) : 0;
  hand_->act(observations, by_hand_);
  const bool held = hand_->held(Function::kTakeOver);
  const Matrix& wanted = held ? by_hand_ : offered_;
  if (begun_ && held != hands_on_) {
    offset_ = last_ - wanted;
    handed_at_ = time_;
  } else if (!begun_) {
    offset_.setZero();
  }
  const double left = std::clamp(1 - (time_ - handed_at_) / kBlend, 0.0, 1.0);
  last_ = (wanted + static_cast<float>(left) * offset_).cwiseMax(-1.0F).cwiseMin(1.0F);
  hands_on_ = held;
  begun_ = true;
  actions = last_;
}

}  // namespace understudy
