#pragma once
/// \file Small pictures of recorded episodes, drawn from their states.

#include <memory>
#include <string>
#include <vector>

#include "datasets/types/episode.h"
#include "envs/contract/environment.h"

namespace understudy::tools {

struct DrawnEpisode {
  std::string small;                ///< JPEG of the last scene, 160 x 106 pixels
  std::vector<std::string> frames;  ///< JPEGs of evenly spaced scenes, 400 x 264 pixels
};

/// Sees through the task's default camera.
class EpisodePictures {
 public:
  /// `environment` has to stay. Throws Error when this machine, or a program without OpenGL, cannot draw.
  explicit EpisodePictures(Environment& environment);
  ~EpisodePictures();
  EpisodePictures(const EpisodePictures&) = delete;
  EpisodePictures& operator=(const EpisodePictures&) = delete;

  /// Throws Error that begins with `place` when the episode has no states, or not the task's.
  DrawnEpisode draw(const Episode& episode, int frames, const std::string& place);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace understudy::tools
