#pragma once
/// \file A scene as a look has it: other colours, another sun, things that stand about, and a camera a little off.

#include "envs/contract/scene.h"
#include "envs/rendering/camera.h"
#include "envs/rendering/look.h"

namespace understudy {

class DressedScene {
 public:
  /// The scene in `look`, seen by its camera `camera`, for which things stand about; valid until the next call. Shapes
  /// are made anew only when the scene's revision, the look or the camera has changed.
  const Scene& dress(const Scene& scene, const Look& look, int camera);
  /// To be called when the look changes.
  void forget() { made_ = false; }

 private:
  Scene dressed_;
  bool made_ = false;
  unsigned revision_ = 0;  ///< of the scene it was made of
  int camera_ = -1;
};

/// The view of a camera that is off as `look` says.
CameraView moved(CameraView view, const Look& look);

}  // namespace understudy
