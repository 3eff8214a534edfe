#include "tools/media/episode_pictures.h"

#include "datasets/types/error.h"

#ifdef UNDERSTUDY_HAVE_SDL
#include "envs/rendering/camera_rig.h"
#include "envs/rendering/jpeg.h"
#include "tools/media/replay_check.h"
#endif

namespace understudy::tools {

#ifdef UNDERSTUDY_HAVE_SDL

namespace {

constexpr int kQuality = 78;

std::string default_camera(Environment& environment) {
  Vector observation(environment.spec().observation.size());
  environment.reset(0, observation);
  return environment.scene().cameras.front().name;
}

}  // namespace

struct EpisodePictures::Parts {
  explicit Parts(Environment& task)
      : environment(task),
        camera(default_camera(task)),
        small({.cameras = {{.name = camera, .width = 160, .height = 106}}}),
        large({.cameras = {{.name = camera, .width = 400, .height = 264}}}) {}

  std::string shoot(CameraRig& rig) {
    return jpeg_bytes(rig.shoot(environment.scene()).front().colour, kQuality);
  }

  Environment& environment;
  std::string camera;
  CameraRig small, large;
};

EpisodePictures::EpisodePictures(Environment& environment) : parts_(std::make_unique<Parts>(environment)) {}
EpisodePictures::~EpisodePictures() = default;

DrawnEpisode EpisodePictures::draw(const Episode& episode, int frames, const std::string& place) {
  Environment& environment = parts_->environment;
  if (episode.states.rows() == 0)
    throw Error(place + "/states: none were recorded, so there is nothing to draw");
  if (episode.states.cols() != environment.state_dim()) {
    throw Error(place + "/states: want " + std::to_string(environment.state_dim()) + " entries for " +
                environment.spec().id + ", found " + std::to_string(episode.states.cols()) +
                "; recorded with another version?");
  }
  vary_as_recorded(environment, episode, place);
  Vector observation(environment.spec().observation.size());
  environment.reset(episode.seed, observation);
  DrawnEpisode drawn;
  for (int i = 0; i < frames; ++i) {
    environment.show_state(
        episode.states.row(static_cast<Eigen::Index>(i) * (episode.states.rows() - 1) / (frames - 1))
            .transpose());
    drawn.frames.push_back(parts_->shoot(parts_->large));
  }
  environment.show_state(episode.states.row(episode.states.rows() - 1).transpose());
  drawn.small = parts_->shoot(parts_->small);
  return drawn;
}

#else

struct EpisodePictures::Parts {};
EpisodePictures::EpisodePictures(Environment&) {
  throw Error("no scenes are drawn: this program was built without OpenGL");
}
EpisodePictures::~EpisodePictures() = default;
DrawnEpisode EpisodePictures::draw(const Episode&, int, const std::string&) {
  return {};
}

#endif

}  // namespace understudy::tools
