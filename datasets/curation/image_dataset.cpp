#include "datasets/curation/image_dataset.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <map>
#include <optional>

#include "datasets/format/demonstration_reader.h"
#include "datasets/format/episode_layout.h"
#include "datasets/format/image_layout.h"
#include "datasets/format/masks.h"
#include "datasets/storage/durable_file.h"
#include "datasets/storage/hdf5_file.h"
#include "datasets/storage/sha256.h"
#include "datasets/types/error.h"

namespace understudy {
namespace fs = std::filesystem;
namespace {

using hdf5::Handle;
using hdf5::Place;

/// HDF5's own structures: attributes, and a B-tree's entry per chunk.
constexpr std::uintmax_t kFileOverhead = 1 << 20;  // bytes
constexpr std::uintmax_t kChunkOverhead = 128;     // bytes

/// A new HDF5 file under a temporary name, with room set aside: HDF5 does not take a full disk well.
class FileToFill {
 public:
  FileToFill(fs::path file, std::uintmax_t room) : path_(std::move(file)) {
    hdf5::create_file(path_).reset();
    descriptor_ = FileDescriptor(::open(path_.c_str(), O_RDWR | O_CLOEXEC));
    if (!descriptor_) throw_errno(path_, "cannot be opened", errno);
    try {
      reserve_space(descriptor_, path_, room);
    } catch (...) {
      ::unlink(path_.c_str());
      throw;
    }
    handle_ = hdf5::open_file_to_fill(path_);
  }
  ~FileToFill() {
    handle_.reset();
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  FileToFill(const FileToFill&) = delete;
  FileToFill& operator=(const FileToFill&) = delete;

  Place place() const { return {handle_.get(), path_.string() + ":"}; }

  /// Closes, syncs and renames to `target`.
  void put_at(const fs::path& target) {
    const bool flushed = H5Fflush(handle_.get(), H5F_SCOPE_GLOBAL) >= 0;
    if (!handle_.reset() || !flushed) {
      throw Error(path_.string() + ": cannot be written: check the disk and run the same command again");
    }
    // Gives back what was set aside and not needed.
    if (::ftruncate(descriptor_.get(), static_cast<off_t>(fs::file_size(path_))) != 0 ||
        ::fsync(descriptor_.get()) != 0) {
      throw_errno(path_, "cannot be synced to disk", errno);
    }
    durable_rename(path_, target);
    path_.clear();
  }

 private:
  fs::path path_;
  FileDescriptor descriptor_;
  Handle handle_;
};

/// Where an episode's images lie: a part, or an episode of an older version of the file.
struct Source {
  fs::path file{};
  int episode = -1;  ///< in the older version; -1: a part
};

fs::path resolve(const fs::path& images) {
  if (images.empty()) throw UsageError("want the name of a file for the images, found none");
  const fs::path absolute = fs::weakly_canonical(fs::absolute(images));
  if (!fs::is_directory(absolute.parent_path())) {
    throw Error(absolute.parent_path().string() + ": no such directory; make it first");
  }
  return absolute;
}

std::string busy(const fs::path& file) {
  return file.string() + ": another process renders images into this file; let it finish or choose another";
}

}  // namespace

struct ImageDataset::Impl {
  Impl(const fs::path& source_file, const fs::path& images, ImageHeader wanted,
       const ImageDatasetOptions& options)
      : source(source_file),
        file(resolve(images)),
        folder(file.string() + ".rendering"),
        header(std::move(wanted)),
        exchange(options.exchange),
        reader(source_file) {
    if (header.fields.empty()) throw UsageError(file.string() + ": want at least one image, found none");
    std::error_code ignored;
    if (fs::equivalent(source, file, ignored)) {
      throw UsageError(file.string() + ": want another file for the images than for the demonstrations");
    }
    if (!reader.is_ours()) {
      throw Error(source.string() + ": want a dataset that understudy wrote, found one of another program");
    }
    if (exchange && reader.header().images.fields != header.fields) {
      throw Error(source.string() + ": want " + images_text(header.fields) + " to exchange, found " +
                  images_text(reader.header().images.fields));
    }
    if (!exchange && !reader.header().images.fields.empty()) {
      throw Error(source.string() + ": holds images already; render from the dataset that it was made of");
    }
    // Only now: a folder is made for the lock.
    lock.emplace(folder, busy(file));
    found.resize(static_cast<std::size_t>(reader.size()));
    take_up_file(options.force);
    take_up_parts();
  }

  fs::path part(int episode) const {
    char name[32];
    std::snprintf(name, sizeof name, "episode_%06d.h5", episode);
    return folder / name;
  }

  /// Looks for images of this source's episodes in the file as it stands.
  void take_up_file(bool force) {
    if (!fs::exists(file)) return;
    std::string trouble;
    try {
      const DemonstrationReader old(file);
      if (old.header().images.fields != header.fields) {
        trouble = "holds " + images_text(old.header().images.fields) + ", not " + images_text(header.fields);
      } else if (find_episodes(old) == 0) {
        trouble = "holds images of other demonstrations";
      }
      // A driver or program of another version may draw differently: nothing is taken over, but
      // neither is it in the way.
      if (old.header().images != header) std::fill(found.begin(), found.end(), std::nullopt);
      unchanged = trouble.empty() && old.size() == reader.size() && old.header().images == header;
      for (int i = 0; unchanged && i < old.size(); ++i) unchanged = old.checksum(i) == reader.checksum(i);
    } catch (const Error& error) {
      trouble = "is in the way (" + std::string(error.what()) + ")";
    }
    if (!trouble.empty() && !force) {
      throw Error(file.string() + ": " + trouble + "; choose another file, or replace it with --force");
    }
  }

  int find_episodes(const DemonstrationReader& old) {
    std::map<std::string, int> known;
    for (int i = 0; i < old.size(); ++i) known[old.checksum(i)] = i;
    int count = 0;
    for (int i = 0; i < reader.size(); ++i) {
      const auto match = known.find(reader.checksum(i));
      if (match == known.end()) continue;
      found[static_cast<std::size_t>(i)] = Source{.file = file, .episode = match->second};
      ++count;
    }
    return count;
  }

  void take_up_parts() {
    for (int i = 0; i < reader.size(); ++i) {
      if (!fs::exists(part(i))) continue;
      if (is_part_of(part(i), header, reader.checksum(i))) {
        found[static_cast<std::size_t>(i)] = Source{.file = part(i)};
      }
    }
  }

  /// Takes the parts away that nothing needs any more.
  void clear() const {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      const std::string name = entry.path().filename().string();
      if (name.rfind("episode_", 0) == 0 || name == "pack.tmp") remove_file(entry.path());
    }
  }

  std::uintmax_t episode_bytes(int count) const {
    std::uintmax_t bytes = kFileOverhead;
    for (const ImageField& field : header.fields) {
      bytes += static_cast<std::uintmax_t>(count) * (field.bytes() + kChunkOverhead);
    }
    return bytes;
  }

  DatasetIndex write_all(const Place& target) const;

  fs::path source;
  fs::path file;
  fs::path folder;
  ImageHeader header;
  bool exchange;
  DemonstrationReader reader;
  std::optional<DirectoryLock> lock;
  std::vector<std::optional<Source>> found;  ///< one per episode
  bool unchanged = false;                    ///< the file holds just what is wanted

  // The episode that is being written.
  int index = -1;
  int rows = 0;
  int row = 0;
  std::optional<FileToFill> filling;
  std::vector<ImageArray> arrays;
  std::optional<Sha256> sha;
};

ImageDataset::ImageDataset(const fs::path& source, const fs::path& images, ImageHeader header,
                           const ImageDatasetOptions& options)
    : impl_(std::make_unique<Impl>(source, images, std::move(header), options)) {}
ImageDataset::~ImageDataset() = default;

int ImageDataset::episodes() const {
  return impl_->reader.size();
}

bool ImageDataset::has(int index) const {
  return impl_->found.at(static_cast<std::size_t>(index)).has_value();
}

void ImageDataset::begin(int index, int rows, const ImageNotes& notes) {
  Impl& impl = *impl_;
  impl.arrays.clear();
  impl.filling.reset();
  impl.index = index;
  impl.rows = rows;
  impl.row = 0;
  impl.sha.emplace();
  fs::path temporary = impl.part(index);
  temporary += ".tmp";
  impl.filling.emplace(temporary, impl.episode_bytes(rows));
  begin_part(impl.filling->place(), impl.header, impl.reader.checksum(index), notes);
  for (const ImageField& field : impl.header.fields) {
    impl.arrays.emplace_back(impl.filling->place(), field, rows, notes);
  }
}

void ImageDataset::append(const std::vector<const void*>& images) {
  Impl& impl = *impl_;
  if (!impl.filling || impl.row >= impl.rows || images.size() != impl.arrays.size()) {
    throw Error(impl.file.string() + ": an image came that was not announced (row " +
                std::to_string(impl.row) + " of " + std::to_string(impl.rows) + ")");
  }
  for (std::size_t i = 0; i < images.size(); ++i) {
    impl.arrays[i].write(impl.row, images[i]);
    impl.sha->add(images[i], impl.header.fields[i].bytes());
  }
  ++impl.row;
}

void ImageDataset::commit() {
  Impl& impl = *impl_;
  if (!impl.filling || impl.row != impl.rows) {
    throw Error(impl.file.string() + ": want " + std::to_string(impl.rows) + " images of episode " +
                std::to_string(impl.index) + ", found " + std::to_string(impl.row));
  }
  for (ImageArray& array : impl.arrays) array.finish();
  impl.arrays.clear();
  end_part(impl.filling->place(), impl.sha->hex());
  impl.filling->put_at(impl.part(impl.index));
  impl.filling.reset();
  impl.found[static_cast<std::size_t>(impl.index)] = Source{.file = impl.part(impl.index)};
}

DatasetIndex ImageDataset::Impl::write_all(const Place& target) const {
  hdf5::create_group(target, "data");
  const Handle original = hdf5::open_file(source);
  const std::optional<Handle> older =
      fs::exists(file) &&
              std::any_of(found.begin(), found.end(), [](const auto& s) { return s->episode >= 0; })
          ? std::optional(hdf5::open_file(file))
          : std::nullopt;
  DatasetIndex contents{.header = reader.header()};
  contents.header.images = header;
  for (int i = 0; i < reader.size(); ++i) {
    copy_episode({original.get(), source.string() + ":"}, i, target, i);
    if (exchange) remove_images(target, header, i);
    const Source& images = *found[static_cast<std::size_t>(i)];
    if (images.episode < 0) {
      const Handle part_file = hdf5::open_file(images.file);
      contents.image_checksums.push_back(
          add_images({part_file.get(), images.file.string() + ":"}, header, target, i));
    } else {
      contents.image_checksums.push_back(
          copy_images({older->get(), file.string() + ":"}, images.episode, header, target, i));
    }
    separate_observations(target, i, contents.header.observation);
    contents.checksums.push_back(reader.checksum(i));
    contents.total_steps += reader.summary(i).steps;
  }
  contents.masks = reader.all_masks();
  write_index(target, contents);
  return contents;
}

bool ImageDataset::finish() {
  Impl& impl = *impl_;
  for (int i = 0; i < episodes(); ++i) {
    if (!has(i)) throw Error(impl.file.string() + ": episode " + std::to_string(i) + " has no images yet");
  }
  if (impl.unchanged) {
    impl.clear();
    return false;
  }
  std::uintmax_t bytes = kFileOverhead + fs::file_size(impl.source);
  if (fs::exists(impl.file)) bytes += fs::file_size(impl.file);
  for (const auto& images : impl.found) {
    if (images->episode < 0) bytes += fs::file_size(images->file);
  }
  const fs::path whole = impl.folder / "pack.tmp";
  DatasetIndex contents;
  hdf5::write_file(
      whole, bytes, [&](const Place& place) { contents = impl.write_all(place); },
      [&](const Place& place) { return has_checksums(place, contents); });
  durable_rename(whole, impl.file);
  impl.clear();
  impl.unchanged = true;
  for (int i = 0; i < episodes(); ++i) {
    impl.found[static_cast<std::size_t>(i)] = Source{.file = impl.file, .episode = i};
  }
  return true;
}

}  // namespace understudy
