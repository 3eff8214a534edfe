#include "bc/runs/run_result.h"

namespace understudy {

void serialise_result(Archive& archive, RunResult& result) {
  EvaluationSummary& s = result.summary;
  InterquartileMean& middle = result.middle;
  bool measured = result.distance.has_value();
  double distance = result.distance.value_or(0);
  archive("result count", result.count);
  archive("result seconds", result.seconds);
  archive("result episodes", s.episodes);
  for (double* value :
       {&s.success_rate, &s.success.low, &s.success.high, &s.mean_return, &s.episode_return.low,
        &s.episode_return.high, &s.mean_length, &middle.value, &middle.interval.low, &middle.interval.high}) {
    archive("result number", *value);
  }
  archive("result measured", measured);
  archive("result distance", distance);
  if (measured) result.distance = distance;
}

}  // namespace understudy
