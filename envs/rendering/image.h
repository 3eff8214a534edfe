#pragma once
/// \file A picture in memory and as a PNG file.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace understudy {

/// 8-bit sRGB, three bytes a pixel, rows from the top down, no padding.
struct Image {
  int width = 0;                  ///< pixels
  int height = 0;                 ///< pixels
  std::vector<std::uint8_t> rgb;  ///< [height, width, 3]

  /// The three bytes of a pixel; (0, 0) is the top left one.
  const std::uint8_t* pixel(int column, int row) const {
    return rgb.data() + (static_cast<std::size_t>(row) * static_cast<std::size_t>(width) +
                         static_cast<std::size_t>(column)) *
                            3;
  }
};

/// The picture at half its width and height: means of squares of 2 x 2 pixels; an odd last
/// row or column is dropped.
Image halved(const Image& image);

/// Writes `image` to `path`, replacing what is there. Throws Error naming the path and the system's reason
/// (no such folder, no permission, disk full); no half-written file is left behind.
void write_png(const std::filesystem::path& path, const Image& image);

}  // namespace understudy
