#pragma once
/// \file Words in a picture.

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "envs/rendering/image.h"

namespace understudy {

/// Draws text in DejaVu Sans (package fonts-dejavu-core) or, where that is not installed,
/// in plain straight letters.
class Typeface {
 public:
  /// `folder` is where the package puts its files.
  explicit Typeface(bool bold, const std::filesystem::path& folder = "/usr/share/fonts/truetype/dejavu");
  ~Typeface();
  Typeface(const Typeface&) = delete;
  Typeface& operator=(const Typeface&) = delete;

  /// Width of a line of UTF-8 text whose letters are `size` pixels from the highest to
  /// the lowest point, pixels.
  int width(const std::string& text, int size) const;

  /// `text`, cut with "..." to at most `room` pixels.
  std::string fit(const std::string& text, int size, int room) const;

  /// Draws a line whose top left corner is (left, top); what lies outside the picture is left out.
  void draw(Image& image, int left, int top, const std::string& text, int size,
            const std::array<std::uint8_t, 3>& colour) const;

 private:
  struct Font;
  std::unique_ptr<Font> font_;  ///< null: the plain letters
};

}  // namespace understudy
