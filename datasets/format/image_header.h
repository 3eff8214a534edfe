#pragma once
/// \file Which images a dataset holds beside its low-dimensional observations.

#include <cstddef>
#include <string>
#include <vector>

namespace understudy {

enum class ImageKind {
  kColour,        ///< uint8 [height, width, 3], sRGB; on disk `obs/<camera>_image`
  kDepth,         ///< float32 [height, width, 1], m, 0 where nothing is seen; `obs/<camera>_depth`
  kSegmentation,  ///< int16 [height, width, 1], body, -1 where there is none; `obs/<camera>_segmentation`
};

/// One array of images: what one camera sees at every observation. Rows run from the top down.
struct ImageField {
  std::string camera{};
  ImageKind kind = ImageKind::kColour;
  int width = 0;   ///< pixels
  int height = 0;  ///< pixels

  /// Name of the array, as robomimic calls it: "front_image", "front_depth", "front_segmentation".
  std::string key() const;
  int channels() const { return kind == ImageKind::kColour ? 3 : 1; }
  /// Of one image in memory.
  std::size_t bytes() const;
  /// e.g. "front_image 84x84"
  std::string text() const;

  bool operator==(const ImageField&) const = default;
};

/// What is common to all images of a dataset. Images of two datasets with equal headers
/// and equal states are equal.
struct ImageHeader {
  std::vector<ImageField> fields{};  ///< none: the dataset holds no images
  std::string driver{};              ///< that drew them
  std::string program_version{};     ///< that drew them

  bool operator==(const ImageHeader&) const = default;
};

/// "front_image 84x84, front_depth 84x84", or "no images".
std::string images_text(const std::vector<ImageField>& fields);

/// The header as JSON text; `image_header_from_json` gives back the same header.
std::string image_header_to_json(const ImageHeader& header);
/// Throws Error that begins with `place` when `text` is not what `image_header_to_json` writes.
ImageHeader image_header_from_json(const std::string& text, const std::string& place);

}  // namespace understudy
