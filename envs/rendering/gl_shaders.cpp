#include "envs/rendering/gl_shaders.h"

namespace understudy {

namespace {

const char* const kVersion = "#version 330 core\n";

/// Where a vertex of an instance stands in the world.
const char* const kInstance = R"(
layout(location = 0) in vec4 position;
layout(location = 1) in vec3 normal;
layout(location = 2) in vec3 colour;
layout(location = 3) in vec4 row_x;
layout(location = 4) in vec4 row_y;
layout(location = 5) in vec4 row_z;
layout(location = 6) in vec4 stretch;
layout(location = 7) in vec4 tint;
layout(location = 8) in int body;

vec3 world_position() {
  vec4 p = vec4(stretch.xyz * position.xyz + vec3(0.0, 0.0, position.w * stretch.w), 1.0);
  return vec3(dot(row_x, p), dot(row_y, p), dot(row_z, p));
}
vec3 world_normal() {
  vec3 n = normal / stretch.xyz;
  return normalize(vec3(dot(row_x.xyz, n), dot(row_y.xyz, n), dot(row_z.xyz, n)));
}
)";

const char* const kShadowVertex = R"(
uniform mat4 to_shadow;
void main() { gl_Position = to_shadow * vec4(world_position(), 1.0); }
)";
const char* const kShadowFragment = "void main() {}\n";

// The sun is a parallel light and its map orthographic, so that shadow coordinates are affine in the position
// and may be interpolated. Receivers are moved along their normal by about a texel and a half: with that and
// the slope offset of the shadow pass no surface shadows itself.
const char* const kSurfaceVertex = R"(
uniform mat4 to_clip;
uniform mat4 to_shadow;
uniform float texel;
out vec3 at;
out vec3 facing;
out vec4 paint;
out vec3 shadow_at;
#ifdef LOOK
uniform mat4 to_second;
out vec3 second_at;
out vec3 within;
flat out float pattern;
#endif
void main() {
  at = world_position();
  facing = world_normal();
  paint = vec4(tint.rgb * colour, tint.a);
  shadow_at = (to_shadow * vec4(at + 1.5 * texel * facing, 1.0)).xyz * 0.5 + 0.5;
#ifdef LOOK
  second_at = (to_second * vec4(at + 1.5 * texel * facing, 1.0)).xyz * 0.5 + 0.5;
  within = stretch.xyz * position.xyz + vec3(0.0, 0.0, position.w * stretch.w);
  pattern = fract(dot(tint.rgb, vec3(37.1, 91.7, 53.3)));  // shapes of one colour have one texture
#endif
  gl_Position = to_clip * vec4(at, 1.0);
}
)";

// Shared by surfaces and sky, so that distant ground melts into the horizon. The tone curve is Narkowicz's
// fit (2015) of the ACES film curve; the square root stands for the screen's gamma, because drawing on the
// CPU a power costs as much as all the rest of this.
const char* const kAir = R"(
const vec3 kHorizon = vec3(0.72, 0.86, 1.05);
const vec3 kZenith = vec3(0.13, 0.32, 0.74);
vec3 sky(float up) { return mix(kHorizon, kZenith, 1.0 - exp(-3.0 * max(up, 0.0))); }
vec3 to_screen(vec3 light) {
  vec3 x = 0.62 * light;
  return sqrt(min(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 1.0));
}
)";

const char* const kSurfaceFragment = R"(
uniform vec3 eye;
uniform vec3 sun;
uniform float sun_intensity;
uniform sampler2DShadow shadow_map;
uniform float shadow_step;
uniform sampler2D grain;
in vec3 at;
in vec3 facing;
in vec4 paint;
in vec3 shadow_at;
out vec4 result;

const vec3 kSunLight = vec3(2.10, 1.95, 1.72);
const vec3 kSkyLight = vec3(0.44, 0.52, 0.66);
const vec3 kGroundLight = vec3(0.24, 0.22, 0.19);

#ifdef LOOK
uniform vec3 sun_light;
uniform vec3 second_sun;
uniform vec3 second_light;
uniform sampler2DShadow second_map;
uniform float texture_depth;
uniform float texture_size;
in vec3 second_at;
in vec3 within;
flat in float pattern;

// Share of the surface's colour: speckles, stripes or squares, each a little broken up.
float texture_at(vec3 p) {
  float rough = 0.5 * (texture(grain, 0.11 * p.xy + 0.07 * p.z).r + texture(grain, 0.13 * p.yz - 0.05 * p.x).r);
  float wave = 0.5 + 0.5 * sin(3.1416 * (p.x + p.z) + 4.0 * rough);
  vec3 cell = floor(p + 0.001);
  float square = mod(cell.x + cell.y + cell.z, 2.0);
  float kind = pattern * 3.0;
  float chosen = kind < 1.0 ? rough : (kind < 2.0 ? wave : square);
  return 1.0 - texture_depth * clamp(0.7 * chosen + 0.3 * rough, 0.0, 1.0);
}
#endif

float sunlit(sampler2DShadow shadow_map, vec3 shadow_at) {
#if SHADOW_TAPS == 0
  return 1.0;
#else
#if SHADOW_TAPS == 4
  vec2 d = vec2(0.5, 1.5) * shadow_step;
  float lit = 0.25 * (texture(shadow_map, shadow_at + vec3(d.x, d.y, 0.0)) +
                      texture(shadow_map, shadow_at + vec3(-d.y, d.x, 0.0)) +
                      texture(shadow_map, shadow_at + vec3(-d.x, -d.y, 0.0)) +
                      texture(shadow_map, shadow_at + vec3(d.y, -d.x, 0.0)));
#else
  float lit = texture(shadow_map, shadow_at);
#endif
  // Fade out before the map's edge instead of ending in a line.
  vec2 edge = abs(shadow_at.xy * 2.0 - 1.0);
  float inside = clamp((0.98 - max(edge.x, edge.y)) * 8.0, 0.0, 1.0);
  return mix(1.0, lit, inside);
#endif
}

void main() {
  vec3 n = normalize(facing);
  vec3 to_eye = eye - at;
  float far_squared = dot(to_eye, to_eye);
  vec3 base = paint.rgb;
#ifdef GRAIN
  base *= 0.72 + 0.56 * texture(grain, at.xy / 24.0).r;
#endif
  float lit = sun_intensity * max(dot(n, sun), 0.0) * sunlit(shadow_map, shadow_at);
  vec3 ambient = mix(kGroundLight, kSkyLight, 0.5 + 0.5 * n.z);
#ifdef LOOK
  base *= texture_at(within / texture_size);
  float second_lit = max(dot(n, second_sun), 0.0) * sunlit(second_map, second_at);
  vec3 light = base * (ambient + (lit * sun_light + second_lit * second_light) * kSunLight);
#else
  vec3 light = base * (ambient + lit * kSunLight);
#endif
#ifndef GRAIN
  to_eye *= inversesqrt(far_squared);
  vec3 h = normalize(sun + to_eye);
  float rim = 1.0 - max(dot(n, to_eye), 0.0);
  float shine = max(dot(n, h), 0.0);
  shine *= shine; shine *= shine; shine *= shine; shine *= shine; shine *= shine;
  light += lit * 0.22 * shine + 0.06 * kSkyLight * rim * rim * rim;
#endif
  float haze = far_squared / (far_squared + 120000.0);
  result = vec4(to_screen(mix(light, kHorizon, haze)), paint.a);
}
)";

// A grid over the whole picture at the far plane, as one strip of triangles a row (an instance). Colours are
// worked out at its corners only.
const char* const kSkyVertex = R"(
uniform vec3 forward;
uniform vec3 right;  // half the picture's width at distance 1
uniform vec3 above;  // half its height
uniform vec2 grid;   // columns, rows
out vec3 colour;
void main() {
  vec2 corner = vec2(gl_VertexID / 2, gl_InstanceID + gl_VertexID % 2) / grid * 2.0 - 1.0;
  colour = to_screen(sky(normalize(forward + corner.x * right + corner.y * above).z));
  gl_Position = vec4(corner, 1.0, 1.0);
}
)";
const char* const kSkyFragment = R"(
in vec3 colour;
out vec4 result;
void main() { result = vec4(colour, 1.0); }
)";

// The distance along the view is affine in the position and so may be interpolated: no depth buffer's
// resolution enters.
const char* const kSensorVertex = R"(
uniform mat4 to_clip;
uniform vec3 eye;
uniform vec3 forward;
out float along;
flat out int seen;
void main() {
  vec3 at = world_position();
  along = dot(forward, at - eye);
  seen = body;
  gl_Position = to_clip * vec4(at, 1.0);
}
)";
const char* const kSensorFragment = R"(
in float along;
flat in int seen;
layout(location = 0) out float depth;
layout(location = 1) out int segment;
void main() {
  depth = along;
  segment = seen;
}
)";

std::string define(const char* name, int value) {
  return std::string("#define ") + name + " " + std::to_string(value) + "\n";
}

}  // namespace

GlProgram make_shadow_program() {
  const std::string vertex = std::string(kVersion) + kInstance + kShadowVertex;
  const std::string fragment = std::string(kVersion) + kShadowFragment;
  return link_program("shadow", vertex.c_str(), fragment.c_str());
}

GlProgram make_surface_program(bool grain, int shadow_taps, bool look) {
  const std::string head = std::string(kVersion) + (look ? "#define LOOK\n" : "");
  const std::string vertex = head + kInstance + kSurfaceVertex;
  const std::string fragment =
      head + (grain ? "#define GRAIN\n" : "") + define("SHADOW_TAPS", shadow_taps) + kAir + kSurfaceFragment;
  return link_program("surface", vertex.c_str(), fragment.c_str());
}

GlProgram make_sensor_program() {
  const std::string vertex = std::string(kVersion) + kInstance + kSensorVertex;
  const std::string fragment = std::string(kVersion) + kSensorFragment;
  return link_program("sensor", vertex.c_str(), fragment.c_str());
}

GlProgram make_sky_program() {
  const std::string vertex = std::string(kVersion) + kAir + kSkyVertex;
  const std::string fragment = std::string(kVersion) + kSkyFragment;
  return link_program("sky", vertex.c_str(), fragment.c_str());
}

}  // namespace understudy
