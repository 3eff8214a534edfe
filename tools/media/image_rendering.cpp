#include "tools/media/image_rendering.h"

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "datasets/curation/image_dataset.h"
#include "datasets/format/demonstration_reader.h"
#include "datasets/types/error.h"
#include "datasets/types/version.h"
#include "envs/rendering/gl_view.h"
#include "envs/tasks/registry.h"
#include "tools/console/console.h"

namespace understudy::tools {
namespace {

using nlohmann::ordered_json;

/// What the rig sees, camera by camera: image, depth, segmentation.
std::vector<ImageField> image_fields(const CameraRigOptions& rig) {
  std::vector<ImageField> fields;
  for (const RigCamera& camera : rig.cameras) {
    const auto add = [&](ImageKind kind) {
      fields.push_back({.camera = camera.name, .kind = kind, .width = camera.width, .height = camera.height});
    };
    add(ImageKind::kColour);
    if (rig.depth) add(ImageKind::kDepth);
    if (rig.segmentation) add(ImageKind::kSegmentation);
  }
  return fields;
}

/// The shots' arrays in the order of image_fields.
void list_images(const CameraRigOptions& rig, const std::vector<CameraShot>& shots,
                 std::vector<const void*>& images) {
  images.clear();
  for (const CameraShot& shot : shots) {
    images.push_back(shot.colour.rgb.data());
    if (rig.depth) images.push_back(shot.depth.data());
    if (rig.segmentation) images.push_back(shot.segmentation.data());
  }
}

/// Camera to world with x to the right of the picture, y down and z ahead.
Eigen::Matrix4f camera_to_world(const CameraView& view) {
  Eigen::Matrix4f turned = look_at(view.eye, (view.target - view.eye).normalized(), view.up);
  turned.row(1) *= -1;
  turned.row(2) *= -1;
  return turned.inverse();
}

ordered_json rows_json(const Eigen::MatrixXf& matrix) {
  auto rows = ordered_json::array();
  for (Eigen::Index r = 0; r < matrix.rows(); ++r) {
    rows.push_back(std::vector<float>(matrix.row(r).begin(), matrix.row(r).end()));
  }
  return rows;
}

/// What it takes to get from pixels to the world; a camera on a body has no place of its own.
ordered_json camera_info(const Scene& scene, const RigCamera& wanted) {
  const int index = find_camera(scene, wanted.name);
  const SceneCamera& camera = scene.cameras[static_cast<std::size_t>(index)];
  const float focal = static_cast<float>(wanted.height) / 2 / std::tan(camera.field_of_view / 2);
  Eigen::Matrix3f intrinsics = Eigen::Matrix3f::Identity();
  intrinsics.diagonal().head<2>().setConstant(focal);
  intrinsics(0, 2) = static_cast<float>(wanted.width) / 2;
  intrinsics(1, 2) = static_cast<float>(wanted.height) / 2;
  ordered_json info{{"width", wanted.width},
                    {"height", wanted.height},
                    {"body", body_name(scene, camera.body)},
                    {"intrinsics", rows_json(intrinsics)}};
  if (camera.body == 0) {
    CameraMotion none;
    info["extrinsics"] = rows_json(camera_to_world(resolve_camera(scene, index, none, 0)));
  }
  return info;
}

ImageNotes notes_of(const Scene& scene, const CameraRigOptions& rig) {
  ImageNotes notes;
  for (int body = 0; body < static_cast<int>(scene.poses.size()); ++body) {
    notes.bodies.push_back(body_name(scene, body));
  }
  ordered_json cameras = ordered_json::object();
  for (const RigCamera& camera : rig.cameras) cameras[camera.name] = camera_info(scene, camera);
  notes.cameras = cameras.dump();
  return notes;
}

void check_states(const Episode& episode, const Environment& environment, const std::string& place) {
  if (episode.states.rows() == 0) {
    throw Error(place + ": none were recorded, so there is nothing to draw");
  }
  if (episode.states.cols() != environment.state_dim()) {
    throw Error(place + ": want " + std::to_string(environment.state_dim()) + " entries for " +
                environment.spec().id + ", found " + std::to_string(episode.states.cols()) +
                "; recorded with another version?");
  }
}

}  // namespace

std::filesystem::path images_file(const std::filesystem::path& dataset) {
  std::filesystem::path file = dataset;
  file.replace_filename(dataset.stem().string() + "_images" + dataset.extension().string());
  return file;
}

CameraRigOptions rig_options(const std::vector<std::string>& cameras, const std::string& size, bool depth,
                             bool segmentation) {
  CameraRigOptions options{.cameras = {}, .depth = depth, .segmentation = segmentation};
  int width = 0;
  int height = 0;
  parse_picture_size(size, width, height);
  for (const std::string& camera : cameras)
    options.cameras.push_back(parse_rig_camera(camera, width, height));
  return options;
}

void check_cameras(const std::string& environment_id, const CameraRigOptions& rig) {
  const auto environment = make_environment(environment_id);
  Vector observation(environment->spec().observation.size());
  environment->reset(0, observation);
  CameraRig(rig).shoot(environment->scene());
}

void render_images(const std::filesystem::path& dataset, const std::filesystem::path& images,
                   const CameraRigOptions& options, bool force, const std::optional<Looks>& looks) {
  const DemonstrationReader reader(dataset);
  const auto environment = make_environment(reader.header().environment_id);
  CameraRig rig(options);
  ImageDataset out(dataset, images,
                   {.fields = image_fields(options),
                    .driver = rig.driver() + (looks ? ", " + looks->name() : ""),
                    .program_version = program_version()},
                   {.force = force});
  std::int64_t wanted = 0;
  int kept = 0;
  for (int i = 0; i < out.episodes(); ++i) {
    kept += out.has(i) ? 1 : 0;
    if (!out.has(i)) wanted += reader.summary(i).steps + 1;
  }
  handle_interrupts();
  Vector observation(environment->spec().observation.size());
  std::vector<const void*> row_images;
  std::int64_t drawn = 0;
  {
    Progress progress("rendering " + dataset.string(), static_cast<double>(wanted), "observations");
    for (int i = 0; i < out.episodes(); ++i) {
      if (out.has(i)) continue;
      const Episode episode = reader.read(i, {.states = true, .info = false});
      check_states(episode, *environment, dataset.string() + ":/data/" + reader.name(i) + "/states");
      environment->reset(episode.seed, observation);
      if (looks) rig.wear(looks->draw(episode.seed));
      out.begin(i, static_cast<int>(episode.states.rows()), notes_of(environment->scene(), options));
      for (Eigen::Index row = 0; row < episode.states.rows(); ++row) {
        if (interrupted()) {
          throw Interrupted("interrupted: " + std::to_string(i) + " of " + std::to_string(out.episodes()) +
                            " episodes are rendered; the same command goes on from there");
        }
        environment->show_state(episode.states.row(row).transpose());
        list_images(options, rig.shoot(environment->scene()), row_images);
        out.append(row_images);
        progress.update(static_cast<double>(++drawn));
      }
      out.commit();
    }
  }
  const bool changed = out.finish();
  std::printf("%s: %s; %d episodes rendered, %d taken over%s\n", images.c_str(),
              images_text(image_fields(options)).c_str(), out.episodes() - kept, kept,
              changed ? "" : ": it was up to date");
}

}  // namespace understudy::tools
