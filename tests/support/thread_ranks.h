#pragma once
/// \file Ranks that are threads of this process.

#include <barrier>
#include <cstring>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bc/parallel/ranks.h"

namespace understudy::tests {

/// What they exchange lies here.
struct ThreadRoom {
  explicit ThreadRoom(int count) : all_here(count) {}
  std::barrier<> all_here;
  std::vector<std::byte> bytes;
};

class ThreadRanks final : public Ranks {
 public:
  ThreadRanks(int rank, int count, ThreadRoom& room) : room_(room) {
    std::vector<std::string> hosts;
    for (int i = 0; i < count; ++i) hosts.push_back("h" + std::to_string(i));
    introduce(rank, std::move(hosts));
  }

 private:
  void exchange(std::byte* data, std::span<const std::size_t> firsts) override {
    if (first()) room_.bytes.resize(firsts.back());
    room_.all_here.arrive_and_wait();
    const auto own = static_cast<std::size_t>(rank());
    std::memcpy(room_.bytes.data() + firsts[own], data + firsts[own], firsts[own + 1] - firsts[own]);
    room_.all_here.arrive_and_wait();
    std::memcpy(data, room_.bytes.data(), firsts.back());
    room_.all_here.arrive_and_wait();
  }

  ThreadRoom& room_;
};

/// Calls `work` once for each rank, all at the same time; what it throws is thrown here.
inline void run_ranks(int count, const std::function<void(std::shared_ptr<Ranks>)>& work) {
  ThreadRoom room(count);
  std::vector<std::exception_ptr> errors(static_cast<std::size_t>(count));
  std::vector<std::thread> threads;
  for (int rank = 0; rank < count; ++rank) {
    threads.emplace_back([&, rank] {
      try {
        work(std::make_shared<ThreadRanks>(rank, count, room));
      } catch (...) {
        errors[static_cast<std::size_t>(rank)] = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& error : errors) {
    if (error) std::rethrow_exception(error);
  }
}

}  // namespace understudy::tests
