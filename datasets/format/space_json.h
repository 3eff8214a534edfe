#pragma once
/// \file Spaces as JSON text.

#include <string>

#include "datasets/types/space.h"

namespace understudy {

/// A list of fields, each an object with the members of `Field`.
std::string space_to_json(const Space& space);
/// Throws Error that begins with `place` when `text` is not what `space_to_json` writes.
Space space_from_json(const std::string& text, const std::string& place);

/// Minari's and Gymnasium's notation: a `Dict` of float32 `Box`es, one for each field.
std::string observation_space_to_minari(const Space& space);
/// One float32 `Box` with the bounds of each entry.
std::string action_space_to_minari(const Space& space);

}  // namespace understudy
