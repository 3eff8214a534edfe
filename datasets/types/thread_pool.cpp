#include "datasets/types/thread_pool.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <system_error>
#include <utility>

#include "datasets/types/error.h"

namespace understudy {
namespace {

using Clock = std::chrono::steady_clock;

/// Before a thread goes to sleep; about twice what waking it costs. Measured in time: how long a processor's
/// pause is differs by a factor of 40.
constexpr std::chrono::microseconds kSpin{100};
constexpr int kLooks = 64;   // between two glances at the clock
constexpr int kChunks = 32;  // of a loop for each thread: the last one is what others may have to wait for

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

/// Waits until `value` differs from `old`: awake for a moment if it may `spin`, then asleep. It
/// never yields the core between two looks: on a busy machine that gives milliseconds away, while a
/// sleeper is put back at once.
template <typename T>
void wait_for_change(const std::atomic<T>& value, T old, bool spin) {
  const Clock::time_point end = spin ? Clock::now() + kSpin : Clock::time_point::min();
  while (spin && Clock::now() < end) {
    for (int i = 0; i < kLooks; ++i) {
      if (value.load(std::memory_order_acquire) != old) return;
      pause();
    }
  }
  value.wait(old, std::memory_order_acquire);
}

}  // namespace

int ThreadPool::cores() {
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

ThreadPool::ThreadPool(int threads) {
  if (threads < 0) throw Error("threads: want 0 or more, found " + std::to_string(threads));
  if (threads == 0) threads = cores();
  // With fewer cores than threads whoever spins keeps another one from its work.
  spins_ = threads <= cores();
  shares_ = std::vector<Share>(static_cast<std::size_t>(threads));
  try {
    start(threads);
  } catch (const std::system_error& error) {
    const int started = this->threads();
    stop();
    throw Error("threads: want " + std::to_string(threads) + ", but the system gave " +
                std::to_string(started) + " (" + error.code().message() + "); lower --threads");
  } catch (...) {
    stop();
    throw;
  }
}

ThreadPool::~ThreadPool() {
  stop();
}

void ThreadPool::start(int threads) {
  workers_.reserve(static_cast<std::size_t>(threads) - 1);
  for (int i = 1; i < threads; ++i) {
    workers_.emplace_back([this, i] { work(static_cast<std::size_t>(i)); });
  }
}

void ThreadPool::stop() {
  stopping_ = true;
  ++round_;
  round_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::work(std::size_t self) {
  unsigned seen = 0;
  while (true) {
    wait_for_change(round_, seen, spins_);
    seen = round_.load(std::memory_order_acquire);
    if (stopping_) return;
    take_iterations(self);
    if (busy_.fetch_sub(1, std::memory_order_acq_rel) == 1) busy_.notify_one();
  }
}

void ThreadPool::take_iterations(std::size_t self) {
  for (std::size_t i = 0; i < shares_.size(); ++i) {
    Share& share = shares_[(self + i) % shares_.size()];
    for (int begin = share.next.fetch_add(chunk_); begin < share.end; begin = share.next.fetch_add(chunk_)) {
      const int end = std::min(begin + chunk_, share.end);
      try {
        for (int k = begin; k < end; ++k) call_(body_, k);
      } catch (...) {
        const std::lock_guard lock(error_mutex_);
        if (!error_) error_ = std::current_exception();
        for (Share& other : shares_) other.next.store(other.end);
      }
    }
  }
}

void ThreadPool::run_erased(int count, Call call, void* body) {
  call_ = call;
  body_ = body;
  chunk_ = std::max(1, count / (kChunks * threads()));
  for (int i = 0; i < threads(); ++i) {
    Share& share = shares_[static_cast<std::size_t>(i)];
    share.next = static_cast<int>(std::int64_t{count} * i / threads());
    share.end = static_cast<int>(std::int64_t{count} * (i + 1) / threads());
  }
  // With nothing to share, the others are left asleep.
  const bool alone = workers_.empty() || count < 2;
  if (!alone) {
    busy_ = static_cast<int>(workers_.size());
    round_.fetch_add(1, std::memory_order_release);
    round_.notify_all();
  }
  take_iterations(0);
  if (!alone) {
    for (int left = busy_.load(std::memory_order_acquire); left != 0;
         left = busy_.load(std::memory_order_acquire)) {
      wait_for_change(busy_, left, spins_);
    }
  }
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

}  // namespace understudy
