#include "capture/recording/replay_gate.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "datasets/types/error.h"
#include "datasets/types/start_thread.h"

namespace understudy {
namespace {

constexpr std::size_t kMostQueued = 4;

}  // namespace

double replay_divergence(Environment& environment, const Trajectory& trajectory) {
  Vector observation(environment.spec().observation.size());
  State state(environment.state_dim());
  double largest = 0;
  try {
    environment.reset(trajectory.seed, observation);
    for (Eigen::Index t = 0; t < trajectory.states.rows(); ++t) {
      if (t > 0) environment.step(trajectory.actions.row(t - 1).transpose(), observation);
      environment.read_state(state);
      if (state.size() > 0)
        largest = std::max(largest, (state - trajectory.states.row(t).transpose()).cwiseAbs().maxCoeff());
    }
  } catch (const Error&) {
    return std::numeric_limits<double>::max();
  }
  return largest;
}

ReplayGate::ReplayGate(std::function<std::unique_ptr<Environment>()> make)
    : make_(std::move(make)), thread_(start_thread("replaying what was saved", [this] { run(); })) {}

ReplayGate::~ReplayGate() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ReplayGate::check(int saved, Trajectory trajectory) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return queue_.size() < kMostQueued || failure_; });
  if (failure_) return;
  queue_.emplace_back(saved, std::move(trajectory));
  lock.unlock();
  changed_.notify_all();
}

std::vector<ReplayGate::Verdict> ReplayGate::take() {
  const std::lock_guard lock(mutex_);
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  return std::exchange(verdicts_, {});
}

void ReplayGate::finish() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return queue_.empty() || failure_; });
}

void ReplayGate::run() {
  lower_thread_priority();
  try {
    const std::unique_ptr<Environment> environment = make_();
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (stopping_) return;
      const auto& [saved, trajectory] =
          queue_.front();  // of a deque: stays where it is while others are added
      lock.unlock();
      const double divergence = replay_divergence(*environment, trajectory);
      lock.lock();
      verdicts_.push_back({.saved = saved, .divergence = divergence});
      queue_.pop_front();
      changed_.notify_all();
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
    queue_.clear();
  }
  changed_.notify_all();
}

}  // namespace understudy
