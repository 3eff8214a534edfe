#include "datasets/format/image_header.h"

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "datasets/types/error.h"
#include "datasets/types/json_text.h"

namespace understudy {
namespace {

constexpr std::array<const char*, 3> kKindNames{"image", "depth", "segmentation"};

const char* kind_name(ImageKind kind) {
  return kKindNames[static_cast<std::size_t>(kind)];
}

ImageKind kind_of(const std::string& name, const std::string& place) {
  for (std::size_t i = 0; i < kKindNames.size(); ++i) {
    if (name == kKindNames[i]) return static_cast<ImageKind>(i);
  }
  throw Error(place + ": want kind image, depth or segmentation, found '" + name + "'");
}

}  // namespace

std::string ImageField::key() const {
  return camera + "_" + kind_name(kind);
}

std::size_t ImageField::bytes() const {
  const std::size_t pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  switch (kind) {
    case ImageKind::kColour:
      return 3 * pixels;
    case ImageKind::kDepth:
      return sizeof(float) * pixels;
    case ImageKind::kSegmentation:
      return sizeof(std::int16_t) * pixels;
  }
  return 0;
}

std::string ImageField::text() const {
  return key() + " " + std::to_string(width) + "x" + std::to_string(height);
}

std::string images_text(const std::vector<ImageField>& fields) {
  if (fields.empty()) return "no images";
  std::string text;
  for (const ImageField& field : fields) text += (text.empty() ? "" : ", ") + field.text();
  return text;
}

std::string image_header_to_json(const ImageHeader& header) {
  auto fields = nlohmann::ordered_json::array();
  for (const ImageField& field : header.fields) {
    fields.push_back({{"camera", field.camera},
                      {"kind", kind_name(field.kind)},
                      {"width", field.width},
                      {"height", field.height}});
  }
  const nlohmann::ordered_json json{
      {"fields", fields}, {"driver", header.driver}, {"program_version", header.program_version}};
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

ImageHeader image_header_from_json(const std::string& text, const std::string& place) {
  try {
    const auto json = parsed_json(text);
    ImageHeader header;
    for (const auto& entry : json.at("fields")) {
      ImageField field{.camera = entry.at("camera").get<std::string>(),
                       .kind = kind_of(entry.at("kind").get<std::string>(), place),
                       .width = entry.at("width").get<int>(),
                       .height = entry.at("height").get<int>()};
      if (field.camera.empty() || field.width < 1 || field.height < 1) {
        throw Error(place + ": want a camera and a size of at least 1x1, found '" + field.text() + "'");
      }
      header.fields.push_back(std::move(field));
    }
    header.driver = json.at("driver").get<std::string>();
    header.program_version = json.at("program_version").get<std::string>();
    return header;
  } catch (const nlohmann::json::exception& error) {
    throw Error(place + ": want a list of image arrays, found something else (" + reason_of(error) + ")");
  }
}

}  // namespace understudy
