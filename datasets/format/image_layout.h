#pragma once
/// \file Where images lie in a file, and in the parts that they come from. docs/dataset-format.md has the
/// layout. Included by sources of this folder only.

#include <filesystem>
#include <string>
#include <vector>

#include "datasets/format/image_header.h"
#include "datasets/format/image_notes.h"
#include "datasets/storage/hdf5_file.h"
#include "datasets/types/space.h"

namespace understudy {

/// How the entries of such images are stored.
hdf5::Store store_of(ImageKind kind);

/// One array of images that is being written.
class ImageArray {
 public:
  /// [rows, height, width, channels] in `parent`.
  ImageArray(const hdf5::Place& parent, const ImageField& field, int rows, const ImageNotes& notes);
  /// Throws Error.
  void write(int row, const void* image);
  /// After the last image. Throws Error when what was buffered cannot be written.
  void finish();

 private:
  ImageField field_;
  std::string place_;
  hdf5::Handle handle_;
};

/// A part is a file with the arrays of one episode in its root group, and whose they are: the episode's
/// checksum and the header. It has its own checksum, of the images, only once it is complete.
void begin_part(const hdf5::Place& part, const ImageHeader& header, const std::string& episode_checksum,
                const ImageNotes& notes);
void end_part(const hdf5::Place& part, const std::string& image_checksum);
/// Whether the file is a complete part for that episode and header. Never throws.
bool is_part_of(const std::filesystem::path& file, const ImageHeader& header,
                const std::string& episode_checksum);

/// Takes an episode's images away; what is said of its cameras stays, and is left so by the two functions below.
void remove_images(const hdf5::Place& to, const ImageHeader& header, int index);

/// Copies the images of a part into episode `index` of `to`, which has its other arrays
/// already; returns their checksum.
std::string add_images(const hdf5::Place& part, const ImageHeader& header, const hdf5::Place& to, int index);
/// Copies the images of episode `from_index` of a dataset with images likewise.
std::string copy_images(const hdf5::Place& from, int from_index, const ImageHeader& header,
                        const hdf5::Place& to, int index);

/// Minari knows the fields of the observation space only: gives `/episode_<index>/observations` a group of
/// its own with links to those, instead of the one link to all of `obs`.
void separate_observations(const hdf5::Place& file, int index, const Space& observation);

/// The list of names in a segmentation's attribute; throws Error that begins with `place` when it is none.
std::vector<std::string> bodies_from_json(const std::string& text, const std::string& place);

/// SHA-256 over the images of `demo`: row by row, in each row the fields in their order.
std::string image_sha256(const hdf5::Place& demo, const ImageHeader& header);

}  // namespace understudy
