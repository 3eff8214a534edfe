#include "capture/input/calibration.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <string>

#include "datasets/types/error.h"

namespace understudy {
namespace {

constexpr double kTouched = 0.5;  ///< further from rest than any stick wanders by itself
constexpr double kLeastDeadZone = 0.02;

RestNoise noise_of(const std::vector<PadPosition>& readings, const char* name,
                   const std::function<double(const PadPosition&)>& distance) {
  double sum = 0;
  double squares = 0;
  for (const PadPosition& reading : readings) {
    const double value = distance(reading);
    if (value > kTouched) {
      char text[128];
      std::snprintf(text, sizeof text,
                    "%s: want it at rest while calibrating, found it at %.2f; let go and try again", name,
                    value);
      throw Error(text);
    }
    sum += value;
    squares += value * value;
  }
  const auto count = static_cast<double>(readings.size());
  RestNoise noise;
  noise.mean = sum / count;
  noise.deviation = std::sqrt(std::max(0.0, (squares - count * noise.mean * noise.mean) / (count - 1)));
  return noise;
}

}  // namespace

Calibration calibrate(const std::vector<PadPosition>& readings) {
  if (readings.size() < 2) {
    throw Error("calibration: want at least 2 readings, found " + std::to_string(readings.size()));
  }
  Calibration result;
  result.left_stick = noise_of(readings, "left stick", [](const PadPosition& reading) {
    return std::hypot(reading[PadAxis::kLeftX], reading[PadAxis::kLeftY]);
  });
  result.right_stick = noise_of(readings, "right stick", [](const PadPosition& reading) {
    return std::hypot(reading[PadAxis::kRightX], reading[PadAxis::kRightY]);
  });
  result.triggers = noise_of(readings, "triggers", [](const PadPosition& reading) {
    return std::max(reading[PadAxis::kLeftTrigger], reading[PadAxis::kRightTrigger]);
  });
  return result;
}

Response with_dead_zones(Response response, const Calibration& calibration) {
  response.stick_dead_zone =
      std::max({kLeastDeadZone, calibration.left_stick.dead_zone(), calibration.right_stick.dead_zone()});
  response.trigger_dead_zone = std::max(kLeastDeadZone, calibration.triggers.dead_zone());
  return response;
}

}  // namespace understudy
