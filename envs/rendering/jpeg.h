#pragma once
/// \file A picture as JPEG, for pages that hold many.

#include <string>

#include "envs/rendering/image.h"

namespace understudy {

/// The bytes of a JPEG file. `quality` from 1 to 100. Throws Error when the encoder fails.
std::string jpeg_bytes(const Image& image, int quality = 80);

}  // namespace understudy
