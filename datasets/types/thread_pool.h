#pragma once
/// \file A few threads that wait for one loop at a time.

#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

namespace understudy {

/// Runs the iterations of a loop on a fixed number of threads, the caller's among them. Each begins with the
/// same share of the iterations in every loop, so that what they work on stays in its core's cache, and then
/// helps the others. Idle threads spin for a moment, then sleep. Not reentrant, and only one thread may call
/// `run` at a time. Allocates nothing after construction.
class ThreadPool {
 public:
  /// `threads` counts the caller's own; 0 means one per core. Throws Error when negative, or when the system
  /// does not start as many.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// Of this machine, as far as this process may use them; at least 1.
  static int cores();

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  /// Calls `body(i)` once for every i in [0, count), in any order and on any thread, and returns when all are
  /// done. Iterations are handed out in runs of a few, 32 runs a thread or more where there are so many, so
  /// uneven ones balance. The first exception thrown by a body is rethrown here after the others finished;
  /// iterations not yet begun are then skipped.
  template <typename Body>
  void run(int count, Body&& body) {
    using Plain = std::remove_reference_t<Body>;
    run_erased(
        count, [](void* self, int i) { (*static_cast<Plain*>(self))(i); },
        const_cast<void*>(static_cast<const void*>(&body)));
  }

 private:
  using Call = void (*)(void*, int);
  void start(int threads);
  void stop();
  void run_erased(int count, Call call, void* body);
  void work(std::size_t self);
  void take_iterations(std::size_t self);

  // What threads write stands on cache lines of its own, apart from what they only read.
  static constexpr std::size_t kLine = 64;

  struct alignas(kLine) Share {
    std::atomic<int> next{0};  ///< first iteration that nobody has taken
    int end = 0;
  };

  std::vector<Share> shares_;  ///< one per thread, the caller's first
  std::vector<std::thread> workers_;
  Call call_ = nullptr;
  void* body_ = nullptr;
  bool spins_ = false;  ///< idle threads stay awake for a moment
  int chunk_ = 1;       ///< iterations that a thread takes at once
  std::atomic<bool> stopping_{false};
  alignas(kLine) std::atomic<unsigned> round_{0};  ///< goes up by one per loop; workers wait for it to change
  alignas(kLine) std::atomic<int> busy_{0};        ///< workers that have not finished the present loop
  std::mutex error_mutex_;
  std::exception_ptr error_;
};

}  // namespace understudy
