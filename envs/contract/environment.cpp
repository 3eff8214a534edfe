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

}  // namespace understudy
