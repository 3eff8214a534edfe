#pragma once
/// \file The programs a Renderer runs, and the attribute slots they agree on with it.

#include <string>

#include "envs/rendering/gl_objects.h"

namespace understudy {

/// Vertex attributes. The instance's are advanced once per shape.
enum GlSlot : unsigned {
  kSlotPosition = 0,  ///< vec4: xyz, extrusion
  kSlotNormal = 1,    ///< vec3
  kSlotColour = 2,    ///< vec3, linear
  kSlotRow = 3,       ///< 3 x vec4: the rows of the shape-to-world transform (slots 3, 4, 5)
  kSlotStretch = 6,   ///< vec4: scale, half height
  kSlotTint = 7,      ///< vec4: linear colour, opacity
  kSlotBody = 8,      ///< int: the body that the shape is on
};

/// Texture units.
inline constexpr int kShadowUnit = 0;
inline constexpr int kGrainUnit = 1;
inline constexpr int kSecondShadowUnit = 2;

/// Depth only, seen from the sun.
GlProgram make_shadow_program();
/// Lit surfaces. `grain`: a faint texture in world coordinates over the surface's own colour. `shadow_taps`:
/// shadow map reads a pixel, 0 (no shadows), 1 or 4 (softer edges). `look`: with textures and
/// a second light (SurfaceLook).
GlProgram make_surface_program(bool grain, int shadow_taps, bool look = false);
/// Distance along the view and body of what is seen, to two colour buffers (GlSensorBuffer).
GlProgram make_sensor_program();
/// The sky behind everything: as many instances as the uniform `grid` has rows (y) of a triangle strip of
/// 2 * (columns + 1) vertices (x).
GlProgram make_sky_program();

}  // namespace understudy
