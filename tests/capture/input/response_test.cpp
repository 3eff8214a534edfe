// Dead zone, response curve and their inverse.

#include <cmath>

#include "capture/input/response.h"
#include "datasets/types/rng.h"
#include "tests/support/catch.h"

namespace understudy::tests {
namespace {

TEST_CASE("a stick inside the dead zone reads exactly zero, also on the diagonal") {
  const Response response;
  for (const double angle : {0.0, 0.7, 2.0, 4.5}) {
    const StickValue value = shape_stick({0.12 * std::cos(angle), 0.12 * std::sin(angle)}, response);
    CHECK(std::abs(value.x) < 1e-12);
    CHECK(std::abs(value.y) < 1e-12);
  }
}

TEST_CASE("half way beyond the dead zone gives 0.5 to the power of 1.5") {
  // (0.56 - 0.12) / (1 - 0.12) = 0.5; 0.5^1.5 = 0.353553...
  const StickValue value = shape_stick({0.56, 0.0}, Response{});
  CHECK(value.x == Approx(0.3535533906).epsilon(1e-9));
  CHECK(value.y == 0.0);
}

TEST_CASE("a stick's direction survives the curve and its radius never exceeds one") {
  Rng rng(1);
  for (int i = 0; i < 1000; ++i) {
    const StickValue position{rng.uniform(-1, 1), rng.uniform(-1, 1)};
    const StickValue value = shape_stick(position, Response{});
    CHECK(std::hypot(value.x, value.y) <= 1.0 + 1e-12);
    CHECK(position.x * value.y == Approx(position.y * value.x).margin(1e-12));
    CHECK(position.x * value.x >= 0.0);
  }
  const StickValue corner = shape_stick({1, 1}, Response{});
  CHECK(corner.x == Approx(std::sqrt(0.5)));
}

TEST_CASE("a trigger starts at its dead zone and is linear to the end") {
  const Response response;
  CHECK(shape_trigger(0.05, response) == 0.0);
  CHECK(shape_trigger(0.525, response) == Approx(0.5));  // (0.525 - 0.05) / 0.95
  CHECK(shape_trigger(1.0, response) == 1.0);
}

TEST_CASE("unshape is the exact inverse of shape wherever a pad can reach") {
  Rng rng(2);
  for (int i = 0; i < 1000; ++i) {
    Response response;
    response.stick_dead_zone = rng.uniform(0, 0.4);
    response.expo = rng.uniform(1, 3);
    response.trigger_dead_zone = rng.uniform(0, 0.3);
    const double radius = rng.uniform();
    const double angle = rng.uniform(0, 6.28);
    const StickValue wanted{radius * std::cos(angle), radius * std::sin(angle)};
    const StickValue got = shape_stick(unshape_stick(wanted, response), response);
    CHECK(got.x == Approx(wanted.x).margin(1e-9));
    CHECK(got.y == Approx(wanted.y).margin(1e-9));
    CHECK(shape_trigger(unshape_trigger(radius, response), response) == Approx(radius).margin(1e-9));
  }
}

TEST_CASE("a whole pad comes back from its values, with y turned towards the operator") {
  ControlState values;
  values[AnalogControl::kLeftStickX] = 0.3;
  values[AnalogControl::kLeftStickY] = -0.4;
  values[AnalogControl::kRightStickX] = -0.1;
  values[AnalogControl::kRightStickY] = 0.9;
  values[AnalogControl::kTriggers] = -0.6;
  values[AnalogControl::kDpadX] = 1;
  values[AnalogControl::kDpadY] = -1;
  const PadPosition position = unshape(values, Response{});
  CHECK(position[PadAxis::kLeftY] > 0);  // SDL: down is positive
  CHECK(position[PadAxis::kRightTrigger] == 0.0);
  CHECK(position[PadAxis::kLeftTrigger] > 0.6);
  const ControlState back = shape(position, Response{});
  for (std::size_t i = 0; i < kAnalogControls; ++i) {
    CAPTURE(i);
    CHECK(back.analog[i] == Approx(values.analog[i]).margin(1e-12));
  }
}

}  // namespace
}  // namespace understudy::tests
