#include "envs/rendering/image_text.h"

#include <stb_easy_font.h>
#include <stb_truetype.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <vector>

namespace understudy {

namespace {

constexpr float kEasyHeight = 12;  // of stb_easy_font's lines, its units

/// Code points; bytes that are not UTF-8 become question marks.
std::vector<int> decode(const std::string& text) {
  std::vector<int> points;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const int more = lead < 0x80 ? 0 : lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : -1;
    int point = more < 0 ? '?' : more == 0 ? lead : lead & (0x3F >> more);
    std::size_t k = 1;
    for (; more > 0 && k <= static_cast<std::size_t>(more); ++k) {
      if (i + k >= text.size() || (static_cast<unsigned char>(text[i + k]) & 0xC0U) != 0x80U) {
        point = '?';
        break;
      }
      point = point << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3F);
    }
    points.push_back(point);
    i += k;
  }
  return points;
}

/// Lays `colour` over a pixel, `cover` of 255.
void blend(Image& image, int column, int row, const std::array<std::uint8_t, 3>& colour, int cover) {
  if (column < 0 || row < 0 || column >= image.width || row >= image.height) return;
  std::uint8_t* const pixel =
      image.rgb.data() + (static_cast<std::size_t>(row) * static_cast<std::size_t>(image.width) +
                          static_cast<std::size_t>(column)) *
                             3;
  for (std::size_t c = 0; c < 3; ++c) {
    pixel[c] = static_cast<std::uint8_t>((pixel[c] * (255 - cover) + colour[c] * cover + 127) / 255);
  }
}

/// stb_easy_font knows ASCII only.
std::string ascii(const std::string& text) {
  std::string plain;
  for (const int point : decode(text)) plain += point < 0x7F ? static_cast<char>(point) : '?';
  return plain;
}

}  // namespace

struct Typeface::Font {
  std::vector<unsigned char> file;
  stbtt_fontinfo info{};

  float scale(int size) const { return stbtt_ScaleForPixelHeight(&info, static_cast<float>(size)); }

  /// Calls `glyph(code point, x of its origin)` along the line; returns the line's width. [pixels]
  template <class Glyph>
  float walk(const std::string& text, int size, Glyph glyph) const {
    const float pixels = scale(size);
    const std::vector<int> points = decode(text);
    float x = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
      glyph(points[i], x);
      int advance = 0;
      stbtt_GetCodepointHMetrics(&info, points[i], &advance, nullptr);
      if (i + 1 < points.size()) advance += stbtt_GetCodepointKernAdvance(&info, points[i], points[i + 1]);
      x += pixels * static_cast<float>(advance);
    }
    return x;
  }
};

Typeface::Typeface(bool bold, const std::filesystem::path& folder) {
  std::ifstream stream(folder / (bold ? "DejaVuSans-Bold.ttf" : "DejaVuSans.ttf"), std::ios::binary);
  auto font = std::make_unique<Font>();
  font->file.assign(std::istreambuf_iterator<char>(stream), {});
  if (!font->file.empty() && stbtt_InitFont(&font->info, font->file.data(), 0) != 0) font_ = std::move(font);
}
Typeface::~Typeface() = default;

int Typeface::width(const std::string& text, int size) const {
  if (font_) return static_cast<int>(std::ceil(font_->walk(text, size, [](int, float) {})));
  std::string letters = ascii(text);
  return static_cast<int>(
      std::ceil(static_cast<float>(stb_easy_font_width(letters.data()) * size) / kEasyHeight));
}

std::string Typeface::fit(const std::string& text, int size, int room) const {
  if (width(text, size) <= room) return text;
  std::string words = text;
  while (!words.empty() && width(words + "...", size) > room) {
    // Whole UTF-8 characters only.
    while (!words.empty() && (static_cast<unsigned char>(words.back()) & 0xC0U) == 0x80U) words.pop_back();
    if (!words.empty()) words.pop_back();
  }
  while (!words.empty() && words.back() == ' ') words.pop_back();
  return words + "...";
}

void Typeface::draw(Image& image, int left, int top, const std::string& text, int size,
                    const std::array<std::uint8_t, 3>& colour) const {
  if (!font_) {
    struct Corner {
      float x, y, z;
      std::uint32_t tint;
    };
    std::string letters = ascii(text);
    std::vector<Corner> corners(letters.size() * 70);  // the header says 270 bytes a letter at most
    const int quads = stb_easy_font_print(0, 0, letters.data(), nullptr, corners.data(),
                                          static_cast<int>(corners.size() * sizeof(Corner)));
    const float pixels = static_cast<float>(size) / kEasyHeight;
    for (std::size_t q = 0; q < static_cast<std::size_t>(quads); ++q) {
      const Corner &low = corners[4 * q], &high = corners[4 * q + 2];
      for (int y = static_cast<int>(low.y * pixels); y < static_cast<int>(std::ceil(high.y * pixels)); ++y) {
        for (int x = static_cast<int>(low.x * pixels); x < static_cast<int>(std::ceil(high.x * pixels));
             ++x) {
          blend(image, left + x, top + y, colour, 255);
        }
      }
    }
    return;
  }
  int ascent = 0;
  stbtt_GetFontVMetrics(&font_->info, &ascent, nullptr, nullptr);
  const float pixels = font_->scale(size);
  const int baseline = top + static_cast<int>(std::lround(pixels * static_cast<float>(ascent)));
  std::vector<unsigned char> cover;
  font_->walk(text, size, [&](int point, float x) {
    const float whole = std::floor(x);
    int x0 = 0, y0 = 0, x1 = 0, y1 = 0;
    stbtt_GetCodepointBitmapBoxSubpixel(&font_->info, point, pixels, pixels, x - whole, 0, &x0, &y0, &x1,
                                        &y1);
    if (x1 <= x0 || y1 <= y0) return;
    cover.assign(static_cast<std::size_t>(x1 - x0) * static_cast<std::size_t>(y1 - y0), 0);
    stbtt_MakeCodepointBitmapSubpixel(&font_->info, cover.data(), x1 - x0, y1 - y0, x1 - x0, pixels, pixels,
                                      x - whole, 0, point);
    std::size_t at = 0;
    for (int row = y0; row < y1; ++row) {
      for (int column = x0; column < x1; ++column) {
        blend(image, left + static_cast<int>(whole) + column, baseline + row, colour, cover[at++]);
      }
    }
  });
}

}  // namespace understudy
