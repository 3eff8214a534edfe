#pragma once
/// \file Pictures as observations: a set of an environment's cameras, drawn off screen
/// by the window's renderer.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "envs/contract/scene.h"
#include "envs/rendering/camera.h"
#include "envs/rendering/image.h"
#include "envs/rendering/look.h"
#include "envs/rendering/renderer.h"

namespace understudy {

/// One camera of a rig.
struct RigCamera {
  std::string name;  ///< one of Scene::cameras
  int width = 84;    ///< pixels
  int height = 84;   ///< pixels
};

/// "front" or "front:128x96"; the size is `width` x `height` where none is given. Throws UsageError that
/// begins with the text unless it is a name and a size from 1 to 4096 pixels a side.
RigCamera parse_rig_camera(const std::string& text, int width = 84, int height = 84);

/// "84x84" to a camera's width and height; throws UsageError like parse_rig_camera.
void parse_picture_size(const std::string& text, int& width, int& height);

struct CameraRigOptions {
  std::vector<RigCamera> cameras;  ///< at least one; each name once
  bool depth = false;
  bool segmentation = false;
  bool smooth = true;  ///< colours are the mean of four samples a pixel, against jagged edges
};

/// What one camera sees. Rows run from the top down.
struct CameraShot {
  Image colour;  ///< 8-bit sRGB [height, width, 3]
  /// [height, width], m: the distance along the viewing direction (not along the pixel's ray) of the nearest
  /// opaque surface at the pixel's centre. kNoDepth (0, as depth sensors report it) where there is none
  /// between the near plane at 0.03 x d (d: distance of eye and target, here at least 0.3 and at most 30 m)
  /// and the far plane at 1500 m + 4 x d. Empty unless asked for.
  std::vector<float> depth;
  /// [height, width]: the body of that surface, an index into Scene::poses (0 is the world, body_name() has
  /// the names); kNoBody (-1) where there is none. Empty unless asked for.
  std::vector<std::int16_t> segmentation;
};

/// Draws several cameras of a scene into memory. What it sees is a function of the scene alone: cameras on a
/// body follow it rigidly, without the lag that is kind to a person's eye, so that pictures can be drawn in
/// any order, during an episode or long after it from its states, with the same bits. (Pixels differ a little
/// from driver to driver.) Used by one thread at a time, for one environment (see Renderer on revisions).
class CameraRig {
 public:
  /// Throws UsageError when no camera or one twice is wanted, Error like OffscreenRenderer.
  explicit CameraRig(const CameraRigOptions& options);
  ~CameraRig();
  CameraRig(const CameraRig&) = delete;
  CameraRig& operator=(const CameraRig&) = delete;

  const CameraRigOptions& options() const;

  /// From the next shot on, the scene looks like this; nullopt: as it is. Depth and segmentation are those of the
  /// camera where it then is, with the things that stand about.
  void wear(const std::optional<Look>& look);

  /// One shot per camera, in the order of the options; valid until the next call. Throws UsageError listing
  /// the scene's cameras when one is not there, Error like Renderer::draw.
  const std::vector<CameraShot>& shoot(const Scene& scene);

  /// The driver's own name, e.g. "llvmpipe (LLVM 15.0.6, 256 bits)".
  const std::string& driver() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace understudy
