#include "bc/runs/early_end.h"

#include <algorithm>

namespace understudy {
namespace {

/// Of the minutes that a run may take.
constexpr double kTrainingShare = 0.9;
/// What a gap falls by at least if it falls.
constexpr double kLeastFall = 0.01;

}  // namespace

bool EarlyEnd::out_of_time(double seconds) const {
  return config_.minutes > 0 && seconds > 60 * kTrainingShare * config_.minutes;
}

void EarlyEnd::follow(int count, double gap) {
  if (closest_gap_ >= 0 && gap > (1 - kLeastFall) * closest_gap_) return;
  closest_gap_ = gap;
  closest_count_ = count;
}

bool EarlyEnd::settled(int evaluated, double reach) const {
  if (evaluated < 0 || closest_gap_ < 0) return false;
  if (config_.ends_when_close && closest_gap_ <= reach) return true;
  return config_.patience > 0 &&
         evaluated - closest_count_ >= std::max(config_.patience * config_.evaluate_every, evaluated / 2);
}

void EarlyEnd::serialise(Archive& archive, int count) {
  archive("run closest gap", closest_gap_);
  archive("run closest count", closest_count_);
  archive.want_range(closest_count_, 0, count);
}

}  // namespace understudy
