#include <stb_image.h>

#include <filesystem>

#include "datasets/types/error.h"
#include "envs/rendering/image.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

using namespace understudy;
using namespace understudy::tests;

namespace {

Image pattern(int width, int height) {
  Image image{.width = width, .height = height, .rgb = {}};
  for (int i = 0; i < width * height * 3; ++i) {
    image.rgb.push_back(static_cast<std::uint8_t>((i * 37 + i / 7) % 256));
  }
  return image;
}

}  // namespace

TEST_CASE("a PNG decoder gets back every byte of a picture") {
  const TemporaryDirectory directory;
  const std::filesystem::path path = directory / "picture.png";
  const Image image = pattern(37, 21);  // odd sizes: rows are not padded
  write_png(path, image);
  int width = 0;
  int height = 0;
  int channels = 0;
  unsigned char* const bytes = stbi_load(path.c_str(), &width, &height, &channels, 3);
  REQUIRE(bytes != nullptr);
  CHECK(width == 37);
  CHECK(height == 21);
  CHECK(channels == 3);
  CHECK(std::equal(image.rgb.begin(), image.rgb.end(), bytes));
  stbi_image_free(bytes);
}

TEST_CASE("a picture that cannot be written names the file and the reason") {
  const Image image = pattern(64, 64);
  CHECK_THROWS_WITH(write_png("/no/such/folder/picture.png", image),
                    ContainsSubstring("/no/such/folder/picture.png") && ContainsSubstring("No such file"));
  CHECK_THROWS_WITH(write_png(std::filesystem::temp_directory_path(), image),
                    ContainsSubstring("Is a directory"));
  // A device that is always full.
  CHECK_THROWS_WITH(write_png("/dev/full", image), ContainsSubstring("No space left"));
  CHECK(std::filesystem::exists("/dev/full"));
}

TEST_CASE("a picture whose bytes do not fit its size is refused") {
  const TemporaryDirectory directory;
  Image image = pattern(8, 8);
  image.rgb.pop_back();
  CHECK_THROWS_WITH(write_png(directory / "short.png", image),
                    ContainsSubstring("8 x 8") && ContainsSubstring("191"));
  CHECK_FALSE(std::filesystem::exists(directory / "short.png"));
}
