#include "envs/rendering/jpeg.h"

#include <stb_image_write.h>

#include "datasets/types/error.h"

namespace understudy {

std::string jpeg_bytes(const Image& image, int quality) {
  std::string bytes;
  const auto append = [](void* to, void* data, int size) {
    static_cast<std::string*>(to)->append(static_cast<const char*>(data), static_cast<std::size_t>(size));
  };
  if (stbi_write_jpg_to_func(append, &bytes, image.width, image.height, 3, image.rgb.data(), quality) == 0)
    throw Error("a picture of " + std::to_string(image.width) + " x " + std::to_string(image.height) +
                " pixels cannot be written as JPEG: no memory?");
  return bytes;
}

}  // namespace understudy
