#include "tools/media/object_places.h"

#include <algorithm>
#include <limits>

#include "datasets/format/demonstration_reader.h"
#include "datasets/types/error.h"
#include "envs/rendering/camera.h"
#include "envs/rendering/gl_view.h"
#include "envs/tasks/registry.h"

namespace understudy::tools {
namespace {

std::vector<std::string> bodies_of(const Scene& scene) {
  std::vector<std::string> names;
  for (int body = 0; body < static_cast<int>(scene.poses.size()); ++body)
    names.push_back(body_name(scene, body));
  return names;
}

bool is_part_of_arm(const std::string& name) {
  return name == "base" || name.starts_with("link_") || name.starts_with("finger_");
}

}  // namespace

std::vector<std::string> usual_objects(const std::filesystem::path& dataset) {
  const auto environment = make_environment(DemonstrationReader(dataset).header().environment_id);
  Vector observation(environment->spec().observation.size());
  environment->reset(0, observation);
  std::vector<std::string> objects;
  std::string last_link;
  for (const std::string& name : bodies_of(environment->scene())) {
    if (name.starts_with("link_")) last_link = name;
    if (name != "world" && !is_part_of_arm(name)) objects.push_back(name);
  }
  if (!last_link.empty()) objects.insert(objects.begin(), last_link);
  return objects;
}

Matrix object_places(const std::filesystem::path& dataset, const std::string& camera, int width, int height,
                     const std::vector<std::string>& objects,
                     const std::vector<std::pair<int, int>>& frames) {
  const DemonstrationReader reader(dataset);
  const auto environment = make_environment(reader.header().environment_id);
  Vector observation(environment->spec().observation.size());
  Matrix places(static_cast<Eigen::Index>(frames.size()), static_cast<Eigen::Index>(2 * objects.size()));
  places.setConstant(std::numeric_limits<float>::quiet_NaN());
  Episode episode;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (i == 0 || frames[i].first != frames[i - 1].first) {
      episode = reader.read(frames[i].first, {.states = true, .info = false});
      if (episode.states.cols() != environment->state_dim()) {
        throw Error(
            dataset.string() + ":/data/" + reader.name(frames[i].first) +
            "/states: want the task's states, from which is told where things are, found none or others; "
            "record with this version");
      }
      environment->reset(episode.seed, observation);
    }
    environment->show_state(episode.states.row(frames[i].second).transpose());
    const Scene& scene = environment->scene();
    CameraMotion none;
    const CameraView view = resolve_camera(scene, find_camera(scene, camera), none, 0);
    const Eigen::Matrix4f clip = clip_matrix(view, static_cast<float>(width) / static_cast<float>(height));
    const std::vector<std::string> bodies = bodies_of(scene);
    for (std::size_t k = 0; k < objects.size(); ++k) {
      const auto body = std::find(bodies.begin(), bodies.end(), objects[k]);
      if (body == bodies.end()) throw UsageError(unknown_name("object", objects[k], bodies));
      const auto& pose = scene.poses[static_cast<std::size_t>(body - bodies.begin())];
      const Eigen::Vector4f at = clip * pose.translation().homogeneous();
      const float x = (at.x() / at.w() + 1) / 2 * static_cast<float>(width);
      const float y = (1 - at.y() / at.w()) / 2 * static_cast<float>(height);
      const bool seen =
          at.w() > 0 && x >= 0 && x < static_cast<float>(width) && y >= 0 && y < static_cast<float>(height);
      if (seen) places.row(static_cast<Eigen::Index>(i)).segment<2>(static_cast<Eigen::Index>(2 * k)) << x, y;
    }
  }
  return places;
}

}  // namespace understudy::tools
