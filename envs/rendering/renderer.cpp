#include "envs/rendering/renderer.h"

#include <epoxy/gl.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>

#include "datasets/types/error.h"
#include "envs/rendering/gl_geometry.h"
#include "envs/rendering/gl_shaders.h"
#include "envs/rendering/gl_view.h"
#include "envs/rendering/look.h"

namespace understudy {

namespace {

using Eigen::Matrix4f;
using Eigen::Vector3f;

constexpr int kPrimitives = 5;         // kinds before kMesh
constexpr float kGroundExtent = 8.0F;  // m

/// Whether a still shape is at least 8 m wide and long. Such ground gets a grain, without which one does not
/// see oneself move over it, and casts no shadow: it has nothing below it, and would fill the whole map.
bool is_ground(const Scene& scene, const SceneShape& shape) {
  if (shape.body != 0) return false;
  if (shape.kind == ShapeKind::kBox) return 2 * std::min(shape.size.x(), shape.size.y()) >= kGroundExtent;
  if (shape.kind != ShapeKind::kMesh) return false;
  const SceneMesh& mesh = scene.meshes[static_cast<std::size_t>(shape.mesh)];
  if (mesh.positions.empty()) return false;
  Vector3f low = mesh.positions.front();
  Vector3f high = low;
  for (const Vector3f& p : mesh.positions) {
    low = low.cwiseMin(p);
    high = high.cwiseMax(p);
  }
  return (high - low).head<2>().minCoeff() >= kGroundExtent;
}

/// What it takes to draw a SurfaceLook: made when one is first worn.
struct LookParts {
  SurfaceLook look;
  GlProgram surface;
  GlProgram ground;
  GlTexture shadow_texture;  // the second light's
  GlFramebuffer shadow_buffer;
};

/// Depth only.
GlFramebuffer shadow_framebuffer(const GlTexture& texture) {
  GlFramebuffer buffer = GlFramebuffer::make();
  glBindFramebuffer(GL_FRAMEBUFFER, buffer.name());
  glFramebufferTexture2D(GL_FRAMEBUFFER, GL_DEPTH_ATTACHMENT, GL_TEXTURE_2D, texture.name(), 0);
  glDrawBuffer(GL_NONE);
  glReadBuffer(GL_NONE);
  return buffer;
}

/// Shapes that share a mesh and a program.
struct Group {
  int geometry;
  bool ground;
  std::vector<std::size_t> shapes;
};

void set(const GlProgram& program, const char* name, const Matrix4f& value) {
  glUniformMatrix4fv(glGetUniformLocation(program.name(), name), 1, GL_FALSE, value.data());
}
void set(const GlProgram& program, const char* name, const Vector3f& value) {
  glUniform3fv(glGetUniformLocation(program.name(), name), 1, value.data());
}
void set(const GlProgram& program, const char* name, float value) {
  glUniform1f(glGetUniformLocation(program.name(), name), value);
}
void set(const GlProgram& program, const char* name, int value) {
  glUniform1i(glGetUniformLocation(program.name(), name), value);
}

}  // namespace

struct Renderer::Parts {
  explicit Parts(const RendererOptions& chosen);
  void upload(const Scene& scene);
  void prepare(const Scene& scene, const CameraView& view);
  void fill(const Scene& scene, const Vector3f& eye);
  void draw_shadows(const Matrix4f& to_map, const GlFramebuffer& into);
  void draw_sky(const CameraView& view, const RenderTarget& target) const;
  void draw_opaque(bool ground) const;
  void draw_translucent();

  RendererOptions options;
  GlProgram shadow_program;
  GlProgram surface_program;
  GlProgram ground_program;
  GlProgram sky_program;
  std::optional<GlProgram> sensor_program;  // made when first used
  std::optional<LookParts> look_parts;      // likewise
  bool looks = false;                       // whether they are worn
  GlVertexArray no_vertices;
  GlTexture grain;
  GlTexture shadow_texture;
  GlFramebuffer shadow_buffer;
  GlInstances instances;
  std::vector<GlGeometry> primitives;

  bool uploaded = false;
  unsigned revision = 0;
  std::vector<GlGeometry> meshes;
  std::vector<Group> groups;
  std::vector<std::size_t> translucent;  // shapes, drawn last
  std::vector<int> geometry_of;          // one per shape
  std::vector<GlInstance> frame;         // group by group, then translucent from far to near
  std::size_t opaque_count = 0;
  int largest_body = 0;

  const GlProgram& surface() const { return looks ? look_parts->surface : surface_program; }
  const GlProgram& ground() const { return looks ? look_parts->ground : ground_program; }
  const GlGeometry& geometry(int index) const {
    const auto at = static_cast<std::size_t>(index);
    return index < kPrimitives ? primitives[at] : meshes[at - kPrimitives];
  }
};

Renderer::Parts::Parts(const RendererOptions& chosen) : options(chosen) {
  if (epoxy_gl_version() < 33) {
    throw Error("OpenGL 3.3 is needed, the driver offers " + std::to_string(epoxy_gl_version() / 10) + "." +
                std::to_string(epoxy_gl_version() % 10) +
                ": update the graphics driver, or set LIBGL_ALWAYS_SOFTWARE=1 to draw on the CPU");
  }
  if (options.shadow_size < 0 || options.shadow_size > 8192) {
    throw Error("shadow map: want 0 to 8192 texels a side, found " + std::to_string(options.shadow_size));
  }
  const bool shadows = options.shadow_size > 0;
  const int taps = !shadows ? 0 : options.soft_shadows ? 4 : 1;
  surface_program = make_surface_program(false, taps);
  ground_program = make_surface_program(true, taps);
  sky_program = make_sky_program();
  no_vertices = GlVertexArray::make();
  grain = make_grain_texture();
  if (shadows) {
    shadow_program = make_shadow_program();
    shadow_texture = make_shadow_texture(options.shadow_size);
    shadow_buffer = shadow_framebuffer(shadow_texture);
  }
  for (int kind = 0; kind < kPrimitives; ++kind) {
    primitives.emplace_back(make_unit_shape(static_cast<ShapeKind>(kind), options.segments));
  }
}

void Renderer::Parts::upload(const Scene& scene) {
  uploaded = false;
  meshes.clear();
  groups.clear();
  translucent.clear();
  geometry_of.clear();
  largest_body = 0;
  for (std::size_t i = 0; i < scene.meshes.size(); ++i) {
    check_mesh(scene.meshes[i], i);
    meshes.emplace_back(UnitShape{.mesh = scene.meshes[i], .extrusion = {}});
  }
  for (std::size_t i = 0; i < scene.shapes.size(); ++i) {
    const SceneShape& shape = scene.shapes[i];
    const bool is_mesh = shape.kind == ShapeKind::kMesh;
    if (is_mesh && (shape.mesh < 0 || static_cast<std::size_t>(shape.mesh) >= scene.meshes.size())) {
      throw Error("scene shape " + std::to_string(i) + ": mesh " + std::to_string(shape.mesh) + " of " +
                  std::to_string(scene.meshes.size()));
    }
    if (shape.body < 0) throw Error("scene shape " + std::to_string(i) + ": negative body");
    largest_body = std::max(largest_body, shape.body);
    const int index = is_mesh ? kPrimitives + shape.mesh : static_cast<int>(shape.kind);
    geometry_of.push_back(index);
    if (shape.opacity < 1) {
      translucent.push_back(i);
      continue;
    }
    const bool ground = is_ground(scene, shape);
    auto group = std::find_if(groups.begin(), groups.end(), [&](const Group& known) {
      return known.geometry == index && known.ground == ground;
    });
    if (group == groups.end()) group = groups.insert(groups.end(), Group{index, ground, {}});
    group->shapes.push_back(i);
  }
  revision = scene.revision;
  uploaded = true;
}

void Renderer::Parts::fill(const Scene& scene, const Vector3f& eye) {
  if (static_cast<std::size_t>(largest_body) >= scene.poses.size()) {
    throw Error("scene: a shape is on body " + std::to_string(largest_body) + " of " +
                std::to_string(scene.poses.size()));
  }
  frame.clear();
  const auto world = [&](const SceneShape& shape) {
    return scene.poses[static_cast<std::size_t>(shape.body)] * shape.local;
  };
  const auto add = [&](std::size_t index) {
    const SceneShape& shape = scene.shapes[index];
    const Eigen::Isometry3f pose = world(shape);
    const auto [scale, half_height] = stretch(shape.kind, shape.size);
    const bool own_colours =
        shape.kind == ShapeKind::kMesh && !scene.meshes[static_cast<std::size_t>(shape.mesh)].colours.empty();
    const Vector3f colour = own_colours ? Vector3f(Vector3f::Ones()) : shape.colour;
    GlInstance& out = frame.emplace_back();
    for (int row = 0; row < 3; ++row) {
      for (int column = 0; column < 4; ++column) {
        out.rows[static_cast<std::size_t>(4 * row + column)] = pose.matrix()(row, column);
      }
    }
    out.stretch = {scale.x(), scale.y(), scale.z(), half_height};
    out.tint = {colour.x(), colour.y(), colour.z(), shape.opacity};
    out.body = shape.body;
  };
  for (const Group& group : groups) std::for_each(group.shapes.begin(), group.shapes.end(), add);
  opaque_count = frame.size();
  const auto distance = [&](std::size_t index) {
    return (world(scene.shapes[index]).translation() - eye).squaredNorm();
  };
  std::stable_sort(translucent.begin(), translucent.end(),
                   [&](std::size_t a, std::size_t b) { return distance(a) > distance(b); });
  std::for_each(translucent.begin(), translucent.end(), add);
  instances.upload(frame);
}

void Renderer::Parts::draw_shadows(const Matrix4f& to_map, const GlFramebuffer& into) {
  glBindFramebuffer(GL_FRAMEBUFFER, into.name());
  glViewport(0, 0, options.shadow_size, options.shadow_size);
  glClear(GL_DEPTH_BUFFER_BIT);
  glUseProgram(shadow_program.name());
  set(shadow_program, "to_shadow", to_map);
  // What stands between the sun and the map's box still casts its shadow into it.
  glEnable(GL_DEPTH_CLAMP);
  glEnable(GL_POLYGON_OFFSET_FILL);
  glPolygonOffset(1.5F, 2.0F);
  std::size_t first = 0;
  for (const Group& group : groups) {
    // Open meshes cast shadows on either side; the primitives are closed.
    if (group.geometry < kPrimitives) {
      glEnable(GL_CULL_FACE);
    } else {
      glDisable(GL_CULL_FACE);
    }
    if (!group.ground) geometry(group.geometry).draw(instances, first, group.shapes.size());
    first += group.shapes.size();
  }
  glEnable(GL_CULL_FACE);
  glDisable(GL_POLYGON_OFFSET_FILL);
  glDisable(GL_DEPTH_CLAMP);
}

void Renderer::Parts::draw_sky(const CameraView& view, const RenderTarget& target) const {
  const float aspect = static_cast<float>(target.width) / static_cast<float>(target.height);
  // Fine enough to see no corners, which takes less in a small picture.
  const int columns = std::clamp(target.width / 20, 4, 16);
  const int rows = std::clamp(target.height / 8, 8, 48);
  const Vector3f forward = (view.target - view.eye).normalized();
  const Vector3f right = forward.cross(view.up).normalized();
  const float half = std::tan(view.field_of_view / 2);
  glUseProgram(sky_program.name());
  set(sky_program, "forward", forward);
  set(sky_program, "right", Vector3f(right * half * aspect));
  set(sky_program, "above", Vector3f(right.cross(forward) * half));
  glUniform2f(glGetUniformLocation(sky_program.name(), "grid"), static_cast<float>(columns),
              static_cast<float>(rows));
  glBindVertexArray(no_vertices.name());
  glDepthFunc(GL_LEQUAL);
  glDisable(GL_CULL_FACE);
  glDrawArraysInstanced(GL_TRIANGLE_STRIP, 0, 2 * (columns + 1), rows);
  glEnable(GL_CULL_FACE);
  glDepthFunc(GL_LESS);
}

void Renderer::Parts::draw_opaque(bool ground) const {
  // From the last group to the first: scenes list the asphalt after the grass below it, and what is already
  // hidden when it is drawn costs least.
  std::size_t first = opaque_count;
  for (auto group = groups.rbegin(); group != groups.rend(); ++group) {
    first -= group->shapes.size();
    if (group->ground == ground) geometry(group->geometry).draw(instances, first, group->shapes.size());
  }
}

void Renderer::Parts::draw_translucent() {
  if (translucent.empty()) return;
  glUseProgram(surface().name());
  glEnable(GL_BLEND);
  glBlendFunc(GL_SRC_ALPHA, GL_ONE_MINUS_SRC_ALPHA);
  glDepthMask(GL_FALSE);
  std::size_t at = opaque_count;
  for (const std::size_t shape : translucent) geometry(geometry_of[shape]).draw(instances, at++, 1);
  glDepthMask(GL_TRUE);
  glDisable(GL_BLEND);
}

Vector3f sun_direction() {
  return SceneLight{}.direction.normalized();
}

bool draws_on_cpu() {
  const std::string driver = reinterpret_cast<const char*>(glGetString(GL_RENDERER));
  return driver.find("llvmpipe") != std::string::npos || driver.find("softpipe") != std::string::npos;
}

RendererOptions fluent_options() {
  return draws_on_cpu() ? RendererOptions{.soft_shadows = false} : RendererOptions{};
}

Renderer::Renderer(const RendererOptions& options) : parts_(std::make_unique<Parts>(options)) {}
Renderer::~Renderer() = default;

/// Takes up the scene and puts OpenGL's state in order; nothing is assumed of what the HUD left behind.
void Renderer::Parts::prepare(const Scene& scene, const CameraView& view) {
  const bool changed = !uploaded || revision != scene.revision || meshes.size() != scene.meshes.size() ||
                       geometry_of.size() != scene.shapes.size();
  if (changed) upload(scene);
  fill(scene, view.eye);
  glDisable(GL_BLEND);
  glDisable(GL_SCISSOR_TEST);
  glDisable(GL_STENCIL_TEST);
  glEnable(GL_DEPTH_TEST);
  glDepthFunc(GL_LESS);
  glDepthMask(GL_TRUE);
  glEnable(GL_CULL_FACE);
  glFrontFace(GL_CCW);
  glEnable(GL_MULTISAMPLE);
}

void Renderer::wear(const SurfaceLook* look) {
  Parts& p = *parts_;
  p.looks = look != nullptr;
  if (!p.looks) return;
  if (!p.look_parts) {
    const bool shadows = p.options.shadow_size > 0;
    const int taps = !shadows ? 0 : p.options.soft_shadows ? 4 : 1;
    LookParts& made = p.look_parts.emplace();
    made.surface = make_surface_program(false, taps, true);
    made.ground = make_surface_program(true, taps, true);
    if (shadows) {
      made.shadow_texture = make_shadow_texture(p.options.shadow_size);
      made.shadow_buffer = shadow_framebuffer(made.shadow_texture);
    }
  }
  p.look_parts->look = *look;
}

void Renderer::draw(const Scene& scene, const CameraView& view, const RenderTarget& target) {
  Parts& p = *parts_;
  if (target.width < 1 || target.height < 1) return;  // a minimised window
  p.prepare(scene, view);

  const float aspect = static_cast<float>(target.width) / static_cast<float>(target.height);
  const Vector3f sun = scene.light.direction.normalized();
  ShadowView shadow;
  if (p.options.shadow_size > 0) {
    shadow = shadow_view(view, aspect, sun, p.options.shadow_size);
    p.draw_shadows(shadow.to_map, p.shadow_buffer);
  }
  ShadowView second;
  if (p.looks && p.options.shadow_size > 0) {
    second = shadow_view(view, aspect, p.look_parts->look.second, p.options.shadow_size);
    p.draw_shadows(second.to_map, p.look_parts->shadow_buffer);
  }

  glBindFramebuffer(GL_FRAMEBUFFER, target.framebuffer);
  glViewport(0, 0, target.width, target.height);
  glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
  const Matrix4f to_clip = clip_matrix(view, aspect);
  for (const GlProgram* program : {&p.surface(), &p.ground()}) {
    glUseProgram(program->name());
    set(*program, "to_clip", to_clip);
    set(*program, "to_shadow", shadow.to_map);
    set(*program, "texel", shadow.texel);
    set(*program, "eye", view.eye);
    set(*program, "sun", sun);
    set(*program, "sun_intensity", scene.light.intensity);
    set(*program, "shadow_map", kShadowUnit);
    set(*program, "shadow_step", 1.0F / static_cast<float>(std::max(1, p.options.shadow_size)));
    set(*program, "grain", kGrainUnit);
    if (!p.looks) continue;
    const SurfaceLook& look = p.look_parts->look;
    set(*program, "sun_light", look.sun_light);
    set(*program, "second_sun", look.second);
    set(*program, "second_light", look.second_light);
    set(*program, "to_second", second.to_map);
    set(*program, "second_map", kSecondShadowUnit);
    set(*program, "texture_depth", look.texture);
    set(*program, "texture_size", look.texture_size);
  }
  if (p.looks) {
    glActiveTexture(GL_TEXTURE0 + kSecondShadowUnit);
    glBindTexture(GL_TEXTURE_2D, p.look_parts->shadow_texture.name());
  }
  glActiveTexture(GL_TEXTURE0 + kGrainUnit);
  glBindTexture(GL_TEXTURE_2D, p.grain.name());
  glActiveTexture(GL_TEXTURE0 + kShadowUnit);
  glBindTexture(GL_TEXTURE_2D, p.shadow_texture.name());

  glUseProgram(p.surface().name());
  p.draw_opaque(false);
  glUseProgram(p.ground().name());
  p.draw_opaque(true);
  p.draw_sky(view, target);
  p.draw_translucent();
  glBindVertexArray(0);
  glUseProgram(0);
}

void Renderer::draw_sensors(const Scene& scene, const CameraView& view, const RenderTarget& target) {
  Parts& p = *parts_;
  p.prepare(scene, view);
  if (!p.sensor_program) p.sensor_program = make_sensor_program();
  glBindFramebuffer(GL_FRAMEBUFFER, target.framebuffer);
  glViewport(0, 0, target.width, target.height);
  const std::array<float, 4> no_depth{kNoDepth, 0, 0, 0};
  const std::array<GLint, 4> no_body{kNoBody, 0, 0, 0};
  const float far_away = 1;
  glClearBufferfv(GL_COLOR, 0, no_depth.data());
  glClearBufferiv(GL_COLOR, 1, no_body.data());
  glClearBufferfv(GL_DEPTH, 0, &far_away);
  const GlProgram& program = *p.sensor_program;
  glUseProgram(program.name());
  const float aspect = static_cast<float>(target.width) / static_cast<float>(target.height);
  set(program, "to_clip", clip_matrix(view, aspect));
  set(program, "eye", view.eye);
  set(program, "forward", Vector3f((view.target - view.eye).normalized()));
  p.draw_opaque(false);
  p.draw_opaque(true);
  glBindVertexArray(0);
  glUseProgram(0);
}

}  // namespace understudy
