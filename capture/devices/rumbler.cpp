#include "capture/devices/rumbler.h"

#include <SDL.h>

#include <chrono>

#include "datasets/types/start_thread.h"

namespace understudy {
namespace {

constexpr int kShortPulse = 120;  ///< ms
constexpr int kLongPulse = 500;   ///< ms
constexpr int kBetween = 100;     ///< ms
constexpr Uint16 kStrength = 0xA000;

}  // namespace

Rumbler::Rumbler()
    : thread_(start_thread("the gamepad's rumble", [this] {
        run();
        SDL_TLSCleanup();  // what SDL keeps for a thread that it has not made itself
      })) {}

Rumbler::~Rumbler() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Rumbler::play(int instance, RumbleKind kind) {
  {
    const std::lock_guard lock(mutex_);
    order_ = Order{instance, kind};
  }
  wake_.notify_one();
}

bool Rumbler::pause(int milliseconds) {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, std::chrono::milliseconds(milliseconds), [this] { return stop_; });
}

bool Rumbler::pulse(int instance, int milliseconds) {
  // The lock keeps the controller from being closed by the control thread between look-up and use.
  SDL_LockJoysticks();
  SDL_GameController* controller = SDL_GameControllerFromInstanceID(instance);
  if (controller != nullptr) {
    SDL_GameControllerRumble(controller, kStrength, kStrength, static_cast<Uint32>(milliseconds));
  }
  SDL_UnlockJoysticks();
  return pause(milliseconds);
}

void Rumbler::run() {
  for (;;) {
    Order order{};
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stop_ || order_.has_value(); });
      if (stop_) return;
      order = *order_;
      order_.reset();
    }
    switch (order.kind) {
      case RumbleKind::kShort:
        pulse(order.instance, kShortPulse);
        break;
      case RumbleKind::kDouble:
        if (pulse(order.instance, kShortPulse) && pause(kBetween)) pulse(order.instance, kShortPulse);
        break;
      case RumbleKind::kLong:
        pulse(order.instance, kLongPulse);
        break;
    }
  }
}

}  // namespace understudy
