#pragma once
/// \file A task in which an operator can go back to a moment that was marked, at once.
///
/// Bullet's world cannot be copied bit for bit, so a moment is reached by repeating the episode's actions, at some
/// thousand steps a second: too long to wait for late in a long episode. Here that is done beforehand: each mark makes
/// a thread bring another world of the same task to that moment, and going back swaps the worlds.

#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "envs/contract/environment.h"

namespace understudy {

/// Forwards to one world of the task. restore_state is instant for moments whose world is ready, waits for one under
/// way, and repeats the actions itself for all others; the bits are the same.
class RewindableEnvironment final : public Environment {
 public:
  /// `make` makes equal worlds, also on another thread.
  explicit RewindableEnvironment(std::function<std::unique_ptr<Environment>()> make);
  ~RewindableEnvironment() override;

  /// The present moment will be returned to. Returns at once. Worlds are kept for the latest few marks.
  void mark();

  const EnvironmentSpec& spec() const override { return live_->spec(); }
  const Variation& variation() const override { return live_->variation(); }
  void reset(std::uint64_t seed, VectorRef observation) override;
  StepResult step(ConstVectorRef action, VectorRef observation) override {
    return live_->step(action, observation);
  }
  Snapshot save_state() const override { return live_->save_state(); }
  void restore_state(const Snapshot& snapshot, VectorRef observation) override;
  int state_dim() const override { return live_->state_dim(); }
  void read_state(StateRef state) const override { live_->read_state(state); }
  void show_state(ConstStateRef state) override { live_->show_state(state); }
  const Scene& scene() override { return live_->scene(); }
  double engine_seconds() const override { return live_->engine_seconds(); }

 private:
  /// A world on its way to a moment, or there.
  struct Moment {
    Snapshot snapshot{};
    std::unique_ptr<Environment> world{};
    Vector observation{};
    bool ready = false;
    bool given_up = false;  ///< nobody wants it any more, or it could not be reached
  };

  void run();
  void reach(Moment& moment);
  bool is_given_up(const Moment& moment);

  std::function<std::unique_ptr<Environment>()> make_;
  std::unique_ptr<Environment> live_;
  std::mutex mutex_;  ///< guards all below, but for the world of a moment under way
  std::condition_variable changed_;
  std::list<std::shared_ptr<Moment>>
      moments_;  ///< of this episode, by step; those given up until the thread lets go of them
  std::vector<std::unique_ptr<Environment>> spare_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace understudy
