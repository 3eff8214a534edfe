#include "datasets/format/image_layout.h"

#include <nlohmann/json.hpp>

#include "datasets/storage/durable_file.h"
#include "datasets/storage/sha256.h"
#include "datasets/types/error.h"
#include "datasets/types/json_text.h"

namespace understudy {
namespace {

using hdf5::Handle;
using hdf5::Place;
using hdf5::Store;

/// `path` may lead through several groups.
Handle need_group(const Place& parent, const std::string& path, Place& place) {
  auto group = hdf5::open_group(parent, path);
  if (!group) throw Error(parent.child(path) + ": want a group, found none");
  place = {group->get(), parent.child(path)};
  return std::move(*group);
}

std::string demo_path(int index) {
  return "data/demo_" + std::to_string(index);
}

void copy_arrays(const Place& from, const ImageHeader& header, const Place& demo) {
  Place obs;
  const Handle group = need_group(demo, "obs", obs);
  for (const ImageField& field : header.fields) hdf5::copy_object(from, field.key(), obs, field.key());
}

std::string need_text(const Place& object, const std::string& attribute) {
  auto text = hdf5::read_text(object, attribute);
  if (!text) throw Error(object.name + ": want a text attribute " + attribute + ", found none");
  return std::move(*text);
}

void write_cameras(const Place& demo, const std::string& text) {
  if (!hdf5::read_text(demo, "camera_info")) hdf5::write_text(demo, "camera_info", text);
}

}  // namespace

void remove_images(const Place& to, const ImageHeader& header, int index) {
  Place obs;
  const Handle group = need_group(to, demo_path(index) + "/obs", obs);
  for (const ImageField& field : header.fields) hdf5::remove_link(obs, field.key());
}

Store store_of(ImageKind kind) {
  switch (kind) {
    case ImageKind::kColour:
      return Store::kUint8;
    case ImageKind::kDepth:
      return Store::kFloat32;
    case ImageKind::kSegmentation:
      return Store::kInt16;
  }
  return Store::kUint8;
}

ImageArray::ImageArray(const Place& parent, const ImageField& field, int rows, const ImageNotes& notes)
    : field_(field),
      place_(parent.child(field.key())),
      handle_(hdf5::create_images(
          parent, field.key(), store_of(field.kind),
          {static_cast<std::size_t>(rows), static_cast<std::size_t>(field.height),
           static_cast<std::size_t>(field.width), static_cast<std::size_t>(field.channels())})) {
  if (field.kind != ImageKind::kSegmentation) return;
  hdf5::write_text({handle_.get(), place_}, "bodies", nlohmann::json(notes.bodies).dump());
}

void ImageArray::write(int row, const void* image) {
  hdf5::write_image(handle_, place_, store_of(field_.kind), static_cast<std::size_t>(row), image);
}

void ImageArray::finish() {
  if (!handle_.reset())
    throw SystemError(place_ + ": cannot be written; check the disk and run the command again");
}

void begin_part(const Place& part, const ImageHeader& header, const std::string& episode_checksum,
                const ImageNotes& notes) {
  hdf5::write_text(part, "episode", episode_checksum);
  hdf5::write_text(part, "images", image_header_to_json(header));
  hdf5::write_text(part, "cameras", notes.cameras);
}

void end_part(const Place& part, const std::string& image_checksum) {
  hdf5::write_text(part, "checksum", image_checksum);
}

bool is_part_of(const std::filesystem::path& file, const ImageHeader& header,
                const std::string& episode_checksum) {
  try {
    const Handle handle = hdf5::open_file(file);
    const Place part{handle.get(), file.string() + ":"};
    if (need_text(part, "episode") != episode_checksum || !hdf5::read_text(part, "checksum")) return false;
    if (image_header_from_json(need_text(part, "images"), part.name) != header) return false;
    for (const ImageField& field : header.fields) {
      if (!hdf5::open_array(part, field.key())) return false;
    }
    return true;
  } catch (const Error&) {
    return false;  // damaged: it is rendered again
  }
}

std::string add_images(const Place& part, const ImageHeader& header, const Place& to, int index) {
  Place demo;
  const Handle group = need_group(to, demo_path(index), demo);
  copy_arrays(part, header, demo);
  write_cameras(demo, need_text(part, "cameras"));
  return need_text(part, "checksum");
}

std::string copy_images(const Place& from, int from_index, const ImageHeader& header, const Place& to,
                        int index) {
  Place old_demo;
  Place old_obs;
  Place ours;
  Place demo;
  const Handle old_group = need_group(from, demo_path(from_index), old_demo);
  const Handle old_obs_group = need_group(old_demo, "obs", old_obs);
  const Handle ours_group = need_group(from, "understudy", ours);
  const Handle group = need_group(to, demo_path(index), demo);
  copy_arrays(old_obs, header, demo);
  write_cameras(demo, need_text(old_demo, "camera_info"));
  return hdf5::read_names(ours, "image_checksums").at(static_cast<std::size_t>(from_index));
}

void separate_observations(const Place& file, int index, const Space& observation) {
  Place episode;
  Place obs;
  const Handle episode_group = need_group(file, "episode_" + std::to_string(index), episode);
  const Handle obs_group = need_group(file, demo_path(index) + "/obs", obs);
  hdf5::remove_link(episode, "observations");
  const Handle group = hdf5::create_group(episode, "observations");
  const Place observations{group.get(), episode.child("observations")};
  for (const Field& field : observation.fields()) {
    hdf5::hard_link(obs, field.name, observations, field.name);
  }
}

std::vector<std::string> bodies_from_json(const std::string& text, const std::string& place) {
  try {
    return parsed_json(text).get<std::vector<std::string>>();
  } catch (const nlohmann::json::exception&) {
    throw Error(place + ": want a JSON list of names, found something else");
  }
}

std::string image_sha256(const Place& demo, const ImageHeader& header) {
  Place obs;
  const Handle group = need_group(demo, "obs", obs);
  std::vector<hdf5::Array> arrays;
  for (const ImageField& field : header.fields) {
    auto array = hdf5::open_array(obs, field.key());
    if (!array) throw Error(obs.child(field.key()) + ": want an array, found none");
    arrays.push_back(std::move(*array));
  }
  Sha256 sha;
  std::vector<char> image;
  for (std::size_t row = 0; !arrays.empty() && row < arrays.front().shape.at(0); ++row) {
    for (std::size_t i = 0; i < arrays.size(); ++i) {
      image.resize(header.fields[i].bytes());
      arrays[i].read_entry(store_of(header.fields[i].kind), row, image.data());
      sha.add(image.data(), image.size());
    }
  }
  return sha.hex();
}

}  // namespace understudy
