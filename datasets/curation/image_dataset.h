#pragma once
/// \file Makes a dataset with images from one without: a new file that holds everything the old one does and,
/// for every observation, what the cameras see. docs/dataset-format.md has the layout.

#include <filesystem>
#include <memory>
#include <vector>

#include "datasets/format/image_header.h"
#include "datasets/format/image_notes.h"

namespace understudy {

struct ImageDatasetOptions {
  bool force = false;     ///< replace a file of that name that is not an earlier version of the same
  bool exchange = false;  ///< the source holds images of just these fields, whose place the new ones take
};

/// Writes `<images>` episode by episode. While it works, finished episodes lie in the directory
/// `<images>.rendering`, one file each, written under another name, synced and renamed: what was rendered
/// stays rendered when the process dies, and the next ImageDataset with the same header takes it up. So does
/// it with the images of an existing `<images>` whose episodes are still in the source, so that after more
/// recording only the new episodes have to be rendered. The source is only read; `<images>` is replaced in
/// one step, by `finish`. Not thread-safe; one at a time per `images`, over all processes.
class ImageDataset {
 public:
  /// Throws Error when `source` is not a dataset of ours or holds images itself (with `exchange`: others), when `images` is another
  /// file that is in the way (see ImageDatasetOptions), or when another process renders into it; UsageError
  /// when both are the same file or no image is wanted.
  ImageDataset(const std::filesystem::path& source, const std::filesystem::path& images, ImageHeader header,
               const ImageDatasetOptions& options = {});
  ~ImageDataset();
  ImageDataset(const ImageDataset&) = delete;
  ImageDataset& operator=(const ImageDataset&) = delete;

  /// Episodes of the source.
  int episodes() const;
  /// Whether the images of episode `index` are there already.
  bool has(int index) const;

  /// Begins an episode of `rows` observations; what was begun and not committed is dropped. Throws Error when
  /// the disk has no room for it.
  void begin(int index, int rows, const ImageNotes& notes);
  /// Adds what is seen at the next observation: one image per field, in the order of the header
  /// (see ImageField::bytes). Throws Error when it cannot be written.
  void append(const std::vector<const void*>& images);
  /// Saves the episode for good. Throws Error unless it got all its rows, or when it cannot be written.
  void commit();

  /// Puts the new file in place. Throws Error when an episode has no images yet, or when the disk is full or
  /// failing; nothing is lost then and it can be tried again. False when the file was up to date already.
  bool finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace understudy
