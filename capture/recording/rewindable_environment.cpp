#include "capture/recording/rewindable_environment.h"

#include <algorithm>
#include <utility>

#include "datasets/types/error.h"
#include "datasets/types/start_thread.h"

namespace understudy {
namespace {

constexpr std::ptrdiff_t kMostMoments = 4;

bool is_same(const Snapshot& a, const Snapshot& b) {
  return a.seed == b.seed && a.actions.rows() == b.actions.rows() && a.actions.cols() == b.actions.cols() &&
         (a.actions.array() == b.actions.array()).all();
}

}  // namespace

RewindableEnvironment::RewindableEnvironment(std::function<std::unique_ptr<Environment>()> make)
    : make_(std::move(make)),
      live_(make_()),
      thread_(start_thread("returning to checkpoints", [this] { run(); })) {}

RewindableEnvironment::~RewindableEnvironment() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void RewindableEnvironment::mark() {
  Snapshot snapshot = live_->save_state();
  {
    const std::lock_guard lock(mutex_);
    moments_.push_back(std::make_shared<Moment>(Moment{.snapshot = std::move(snapshot)}));
    auto wanted = std::count_if(moments_.begin(), moments_.end(), [](const auto& m) { return !m->given_up; });
    for (const auto& moment : moments_) {
      if (wanted <= kMostMoments) break;
      if (std::exchange(moment->given_up, true)) continue;
      --wanted;
    }
  }
  changed_.notify_all();
}

void RewindableEnvironment::reset(std::uint64_t seed, VectorRef observation) {
  {
    const std::lock_guard lock(mutex_);
    for (const auto& moment : moments_) moment->given_up = true;
  }
  changed_.notify_all();
  live_->reset(seed, observation);
}

void RewindableEnvironment::restore_state(const Snapshot& snapshot, VectorRef observation) {
  std::unique_lock lock(mutex_);
  std::shared_ptr<Moment> found;
  for (const auto& moment : moments_) {
    if (moment->snapshot.actions.rows() > snapshot.actions.rows()) moment->given_up = true;
    if (!moment->given_up && is_same(moment->snapshot, snapshot)) found = moment;
  }
  changed_.notify_all();
  if (found) changed_.wait(lock, [&] { return found->ready || found->given_up; });
  if (!found || !found->ready) {
    lock.unlock();
    live_->restore_state(snapshot, observation);
    return;
  }
  std::swap(live_, found->world);
  observation = found->observation;
  // The world that was live goes where this one stood, for the next time.
  found->ready = false;
  lock.unlock();
  changed_.notify_all();
}

void RewindableEnvironment::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    for (const auto& moment : moments_) {
      if (moment->given_up && moment->world) spare_.push_back(std::move(moment->world));
    }
    moments_.remove_if([](const auto& moment) { return moment->given_up; });
    // The latest mark is the likeliest to be returned to.
    const auto latest =
        std::find_if(moments_.rbegin(), moments_.rend(), [](const auto& moment) { return !moment->ready; });
    if (latest == moments_.rend()) {
      changed_.wait(lock);
      continue;
    }
    const std::shared_ptr<Moment> next = *latest;
    if (!next->world && !spare_.empty()) {
      next->world = std::move(spare_.back());
      spare_.pop_back();
    }
    lock.unlock();
    reach(*next);
    lock.lock();
    changed_.notify_all();
  }
}

bool RewindableEnvironment::is_given_up(const Moment& moment) {
  const std::lock_guard lock(mutex_);
  return moment.given_up || stopping_;
}

/// Without the lock: nobody else touches a moment that is neither ready nor given up.
void RewindableEnvironment::reach(Moment& moment) {
  try {
    if (!moment.world) moment.world = make_();
    moment.observation.resize(moment.world->spec().observation.size());
    moment.world->reset(moment.snapshot.seed, moment.observation);
    for (Eigen::Index t = 0; t < moment.snapshot.actions.rows(); ++t) {
      if (is_given_up(moment)) return;
      moment.world->step(moment.snapshot.actions.row(t).transpose(), moment.observation);
    }
    const std::lock_guard lock(mutex_);
    moment.ready = !moment.given_up;
  } catch (const Error&) {  // restore_state will meet the same, where somebody can be told
    const std::lock_guard lock(mutex_);
    moment.given_up = true;
  }
}

}  // namespace understudy
