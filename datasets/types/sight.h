#pragma once
/// \file What an actor sees of a task: some fields of its observation, and pictures.

#include <string>
#include <vector>

#include "datasets/types/space.h"

namespace understudy {

/// One camera's picture among an observation: numbers from 0 to 255 [height, width, 3], rows from the top down; red,
/// green and blue.
struct SightCamera {
  std::string name{};
  int width = 0;   ///< pixels
  int height = 0;  ///< pixels

  /// Numbers of a picture.
  int size() const { return width * height * 3; }
  /// "front 84x84"
  std::string text() const { return name + " " + std::to_string(width) + "x" + std::to_string(height); }
  /// The field of an observation that holds it, called as the array of a dataset is: "front_image".
  Field field() const;

  bool operator==(const SightCamera&) const = default;
};

/// Fields first, then pictures.
struct Sight {
  std::vector<std::string> fields{};
  std::vector<SightCamera> cameras{};
};

/// What an actor of this sight is given in a task of this observation. Throws Error naming the first field that is not
/// there, or that is there twice.
Space seen_space(const Space& observation, const Sight& sight);

/// The sight of who is given `seen`, whose last fields are these cameras' pictures. Throws Error when they are not.
Sight sight_in(const Space& seen, const std::vector<SightCamera>& cameras);

/// For each entry of the sight's fields, its place in `observation`. Throws like seen_space.
std::vector<int> seen_entries(const Space& observation, const Sight& sight);

}  // namespace understudy
