#include "envs/rendering/image.h"

#include <stb_image_write.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

#include "datasets/types/error.h"

namespace understudy {

namespace {

void append(void* bytes, void* data, int size) {
  auto* const out = static_cast<std::vector<char>*>(bytes);
  const auto* const begin = static_cast<const char*>(data);
  out->insert(out->end(), begin, begin + size);
}

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

[[noreturn]] void fail(const std::filesystem::path& path, int reason) {
  throw Error(path.string() + ": cannot write the picture: " + std::strerror(reason));
}

}  // namespace

Image halved(const Image& large) {
  Image image{.width = large.width / 2, .height = large.height / 2, .rgb = {}};
  image.rgb.reserve(large.rgb.size() / 4);
  for (int row = 0; row < image.height; ++row) {
    for (int column = 0; column < image.width; ++column) {
      for (int c = 0; c < 3; ++c) {
        const int sum = large.pixel(2 * column, 2 * row)[c] + large.pixel(2 * column + 1, 2 * row)[c] +
                        large.pixel(2 * column, 2 * row + 1)[c] + large.pixel(2 * column + 1, 2 * row + 1)[c];
        image.rgb.push_back(static_cast<std::uint8_t>((sum + 2) / 4));
      }
    }
  }
  return image;
}

void write_png(const std::filesystem::path& path, const Image& image) {
  const std::size_t want = static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height) * 3;
  if (image.width <= 0 || image.height <= 0 || image.rgb.size() != want) {
    throw Error(path.string() + ": want a picture of " + std::to_string(image.width) + " x " +
                std::to_string(image.height) + " pixels of 3 bytes, found " +
                std::to_string(image.rgb.size()) + " bytes");
  }
  std::vector<char> png;
  if (stbi_write_png_to_func(append, &png, image.width, image.height, 3, image.rgb.data(), image.width * 3) ==
      0) {
    throw Error(path.string() + ": the PNG encoder ran out of memory");
  }
  std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "wb"));
  if (!file) fail(path, errno);
  const bool written = std::fwrite(png.data(), 1, png.size(), file.get()) == png.size();
  const int write_error = errno;
  // fclose flushes, and so may be the first to notice a full disk.
  const bool closed = std::fclose(file.release()) == 0;
  if (!written || !closed) {
    const int reason = written ? errno : write_error;
    std::error_code ignored;
    // Never a device or the like.
    if (std::filesystem::is_regular_file(path, ignored)) std::filesystem::remove(path, ignored);
    fail(path, reason);
  }
}

}  // namespace understudy
