#include "envs/rendering/image_text.h"

#include <cstdlib>

#include "tests/support/catch.h"
#include "tests/support/scenes.h"

using namespace understudy;
using namespace understudy::tests;

namespace {

Image white(int width, int height) {
  Image image{.width = width, .height = height, .rgb = {}};
  image.rgb.assign(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3, 255);
  return image;
}

Region ink(const Image& image) {
  return find(image, [](const std::uint8_t* rgb) { return brightness(rgb) < 600; });
}

}  // namespace

TEST_CASE("words take the place that their width and size say, with the font and without") {
  for (const char* folder : {"/usr/share/fonts/truetype/dejavu", "/nowhere"}) {
    CAPTURE(folder);
    const Typeface face(false, folder);
    for (const int size : {14, 28}) {
      Image image = white(400, 80);
      const int width = face.width("HIgh", size);
      face.draw(image, 30, 20, "HIgh", size, {0, 0, 0});
      const Region words = ink(image);
      CHECK(words.count > size);
      CHECK(words.left >= 30);
      CHECK(words.left < 30 + size / 3);
      CHECK(words.right <= 30 + width);
      CHECK(words.right > 30 + width - size / 2);
      CHECK(words.top >= 20);
      CHECK(words.bottom <= 20 + size + size / 4);
      CHECK(words.height() > size / 2);
    }
    CHECK(std::abs(face.width("twice as wide", 32) - 2 * face.width("twice as wide", 16)) <= 2);
  }
}

TEST_CASE("bold letters have more ink, and what leaves the picture is left out") {
  Image thin = white(200, 40);
  Image bold = white(200, 40);
  Typeface(false).draw(thin, 5, 5, "Reach", 24, {0, 0, 0});
  Typeface(true).draw(bold, 5, 5, "Reach", 24, {0, 0, 0});
  CHECK(ink(bold).count > 1.2 * ink(thin).count);
  Image cut = white(20, 10);
  Typeface(true).draw(cut, -8, -6, "Reach", 24, {200, 0, 0});
  CHECK(cut.rgb.size() == 20 * 10 * 3);
  const Region red = find(cut, is_red);
  CHECK(red.count > 0);
  CHECK(red.right == 19);
}

TEST_CASE("a line that is too long is cut between characters") {
  for (const char* folder : {"/usr/share/fonts/truetype/dejavu", "/nowhere"}) {
    const Typeface face(false, folder);
    CHECK(face.fit("short", 16, 200) == "short");
    const std::string cut = face.fit("Zürich–Köln, a long way with many words", 16, 120);
    CHECK(cut.substr(cut.size() - 3) == "...");
    CHECK(face.width(cut, 16) <= 120);
    CHECK(cut.substr(0, 7) == "Zürich");
  }
}
