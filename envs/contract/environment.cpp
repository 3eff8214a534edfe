#include "envs/contract/environment.h"

#include "datasets/types/error.h"

namespace understudy {

void Environment::vary(VariationSource source) {
  if (source) throw Error(spec().id + ": this task cannot be varied: leave out --randomise");
}

const Variation& Environment::variation() const {
  static const Variation kNone;
  return kNone;
}

std::string_view cause_of_failure(const StepResult& last) {
  if (last.success) return {};
  if (!last.cause.empty()) return last.cause;
  return last.terminated ? "ended by the task" : "time out";
}

}  // namespace understudy
