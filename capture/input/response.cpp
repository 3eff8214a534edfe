#include "capture/input/response.h"

#include <algorithm>
#include <cmath>

namespace understudy {
namespace {

/// A radius is beyond this before it counts as off centre; far below what 16 bits resolve.
constexpr double kNothing = 1e-9;

}  // namespace

StickValue shape_stick(StickValue position, const Response& response) {
  const double radius = std::hypot(position.x, position.y);
  if (radius <= response.stick_dead_zone || radius < kNothing) return {};
  const double rescaled =
      std::min(1.0, (radius - response.stick_dead_zone) / (1.0 - response.stick_dead_zone));
  const double gain = std::pow(rescaled, response.expo) / radius;
  return {position.x * gain, position.y * gain};
}

StickValue unshape_stick(StickValue value, const Response& response) {
  const double radius = std::hypot(value.x, value.y);
  if (radius < kNothing) return {};
  const double rescaled = std::pow(std::min(1.0, radius), 1.0 / response.expo);
  const double gain = (response.stick_dead_zone + rescaled * (1.0 - response.stick_dead_zone)) / radius;
  return {value.x * gain, value.y * gain};
}

double shape_trigger(double position, const Response& response) {
  const double rescaled = (position - response.trigger_dead_zone) / (1.0 - response.trigger_dead_zone);
  return std::clamp(rescaled, 0.0, 1.0);
}

double unshape_trigger(double value, const Response& response) {
  if (value < kNothing) return 0;
  return response.trigger_dead_zone + std::min(1.0, value) * (1.0 - response.trigger_dead_zone);
}

ControlState shape(const PadPosition& position, const Response& response) {
  const StickValue left = shape_stick({position[PadAxis::kLeftX], -position[PadAxis::kLeftY]}, response);
  const StickValue right = shape_stick({position[PadAxis::kRightX], -position[PadAxis::kRightY]}, response);
  const auto pressed = [&](PadButton button) { return position[button] ? 1.0 : 0.0; };
  ControlState values;
  values[AnalogControl::kLeftStickX] = left.x;
  values[AnalogControl::kLeftStickY] = left.y;
  values[AnalogControl::kRightStickX] = right.x;
  values[AnalogControl::kRightStickY] = right.y;
  values[AnalogControl::kTriggers] = shape_trigger(position[PadAxis::kRightTrigger], response) -
                                     shape_trigger(position[PadAxis::kLeftTrigger], response);
  values[AnalogControl::kDpadX] = pressed(PadButton::kDpadRight) - pressed(PadButton::kDpadLeft);
  values[AnalogControl::kDpadY] = pressed(PadButton::kDpadUp) - pressed(PadButton::kDpadDown);
  return values;
}

PadPosition unshape(const ControlState& values, const Response& response) {
  const StickValue left =
      unshape_stick({values[AnalogControl::kLeftStickX], values[AnalogControl::kLeftStickY]}, response);
  const StickValue right =
      unshape_stick({values[AnalogControl::kRightStickX], values[AnalogControl::kRightStickY]}, response);
  PadPosition position;
  position[PadAxis::kLeftX] = left.x;
  position[PadAxis::kLeftY] = -left.y;
  position[PadAxis::kRightX] = right.x;
  position[PadAxis::kRightY] = -right.y;
  position[PadAxis::kRightTrigger] = unshape_trigger(values[AnalogControl::kTriggers], response);
  position[PadAxis::kLeftTrigger] = unshape_trigger(-values[AnalogControl::kTriggers], response);
  position[PadButton::kDpadRight] = values[AnalogControl::kDpadX] > 0.5;
  position[PadButton::kDpadLeft] = values[AnalogControl::kDpadX] < -0.5;
  position[PadButton::kDpadUp] = values[AnalogControl::kDpadY] > 0.5;
  position[PadButton::kDpadDown] = values[AnalogControl::kDpadY] < -0.5;
  return position;
}

}  // namespace understudy
