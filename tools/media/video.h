#pragma once
/// \file Where drawn pictures go: a video made by the ffmpeg program, or a folder of PNG files.

#include <filesystem>
#include <memory>
#include <string>

#include "envs/rendering/image.h"

namespace understudy::tools {

/// Takes pictures one by one. Destroyed before `finish`, it leaves nothing half-made behind.
class FrameSink {
 public:
  FrameSink() = default;
  FrameSink(const FrameSink&) = delete;
  FrameSink& operator=(const FrameSink&) = delete;
  virtual ~FrameSink() = default;

  /// All of one size. Throws Error when it cannot be stored.
  virtual void write(const Image& image) = 0;
  /// Only now the output stands under its name. Throws Error when it is not complete.
  virtual void finish() = 0;
};

struct FrameSinkOptions {
  int width = 1280;    ///< pixels
  int height = 720;    ///< pixels
  double rate = 30;    ///< pictures per second, for a video
  bool force = false;  ///< replace what is there
};

/// Throws Error that begins with `place` when ffmpeg is not installed, without which there are no videos.
void want_ffmpeg(const std::string& place);

/// A video when `path` ends in .mp4, .mkv, .mov, .webm, .avi or .gif, else the folder `path` with
/// frame_000000.png, frame_000001.png, ... Throws Error when `path` exists already (an empty folder aside)
/// and `force` is not set, when its parent folder does not exist, or when ffmpeg is wanted and not installed.
std::unique_ptr<FrameSink> make_frame_sink(const std::filesystem::path& path,
                                           const FrameSinkOptions& options);

}  // namespace understudy::tools
