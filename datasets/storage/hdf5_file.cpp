#include "datasets/storage/hdf5_file.h"

#include <algorithm>
#include <array>
#include <system_error>

#include "datasets/storage/hdf5_detail.h"
#include "datasets/types/error.h"

namespace understudy::hdf5 {
namespace fs = std::filesystem;
namespace {

constexpr hsize_t kChunkRows = 256;
constexpr unsigned kImageCompression = 1;

Handle stored_type(Store store) {
  switch (store) {
    case Store::kFloat32:
      return Handle(H5Tcopy(H5T_IEEE_F32LE), H5Tclose);
    case Store::kFloat64:
      return Handle(H5Tcopy(H5T_IEEE_F64LE), H5Tclose);
    case Store::kInt64:
      return Handle(H5Tcopy(H5T_STD_I64LE), H5Tclose);
    case Store::kInt16:
      return Handle(H5Tcopy(H5T_STD_I16LE), H5Tclose);
    case Store::kBool:
      return bool_type();
    case Store::kUint8:
      return Handle(H5Tcopy(H5T_STD_U8LE), H5Tclose);
  }
  return Handle();
}

hid_t memory_type(Store store) {
  switch (store) {
    case Store::kFloat32:
      return H5T_NATIVE_FLOAT;
    case Store::kFloat64:
      return H5T_NATIVE_DOUBLE;
    case Store::kInt64:
      return H5T_NATIVE_INT64;
    case Store::kInt16:
      return H5T_NATIVE_INT16;
    case Store::kBool:
    case Store::kUint8:
      return H5T_NATIVE_UINT8;
  }
  return H5I_INVALID_HID;
}

Handle access_properties() {
  silence();
  Handle properties(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_libver_bounds(properties.get(), H5F_LIBVER_EARLIEST, H5F_LIBVER_LATEST);
  H5Pset_fclose_degree(properties.get(), H5F_CLOSE_STRONG);
  return properties;
}

Handle timeless(hid_t property_class) {
  Handle properties(H5Pcreate(property_class), H5Pclose);
  H5Pset_obj_track_times(properties.get(), false);
  return properties;
}

herr_t object_info(const Place& parent, const std::string& name, H5O_info_t& info) {
#if H5_VERSION_GE(1, 12, 0)
  return H5Oget_info_by_name3(parent.id, name.c_str(), &info, H5O_INFO_BASIC, H5P_DEFAULT);
#else
  return H5Oget_info_by_name2(parent.id, name.c_str(), &info, H5O_INFO_BASIC, H5P_DEFAULT);
#endif
}

}  // namespace

void silence() {
  thread_local const bool silent = H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr) >= 0;
  static_cast<void>(silent);
}

void fail(const std::string& place, const std::string& what) {
  const std::string reason = last_error();
  throw Error(place + ": " + what + (reason.empty() ? "" : " (HDF5: " + reason + ")"));
}

Handle checked(hid_t id, Handle::Close close, const std::string& place, const std::string& what) {
  if (id < 0) fail(place, what);
  return Handle(id, close);
}

Handle bool_type() {
  Handle type(H5Tenum_create(H5T_STD_I8LE), H5Tclose);
  const std::int8_t no = 0;
  const std::int8_t yes = 1;
  H5Tenum_insert(type.get(), "FALSE", &no);
  H5Tenum_insert(type.get(), "TRUE", &yes);
  return type;
}

Handle text_type(std::size_t size) {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.get(), size);
  return type;
}

Handle vlen_memory_type(hid_t stored) {
  Handle type = text_type(H5T_VARIABLE);
  H5Tset_cset(type.get(), H5Tget_cset(stored));
  return type;
}

std::string last_error() {
  std::string text;
  const auto keep_last = [](unsigned, const H5E_error2_t* error, void* data) -> herr_t {
    if (error->desc) *static_cast<std::string*>(data) = error->desc;
    return 0;
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, keep_last, &text);
  H5Eclear2(H5E_DEFAULT);
  return text;
}

Handle create_file(const fs::path& file) {
  const Handle creation = timeless(H5P_FILE_CREATE);
  const Handle access = access_properties();
  return checked(H5Fcreate(file.c_str(), H5F_ACC_TRUNC, creation.get(), access.get()), H5Fclose,
                 file.string(), "cannot be created");
}

Handle open_file_to_fill(const fs::path& file) {
  const Handle access = access_properties();
  return checked(H5Fopen(file.c_str(), H5F_ACC_RDWR, access.get()), H5Fclose, file.string(),
                 "cannot be opened");
}

Handle create_memory_file() {
  const Handle creation = timeless(H5P_FILE_CREATE);
  const Handle access = access_properties();
  H5Pset_fapl_core(access.get(), std::size_t{1} << 18, false);
  return checked(H5Fcreate("memory", H5F_ACC_TRUNC, creation.get(), access.get()), H5Fclose, "file in memory",
                 "cannot be created");
}

std::vector<char> file_image(hid_t file) {
  if (H5Fflush(file, H5F_SCOPE_GLOBAL) < 0) fail("file in memory", "cannot be flushed");
  const ssize_t bytes = H5Fget_file_image(file, nullptr, 0);
  if (bytes < 0) fail("file in memory", "has no image");
  std::vector<char> image(static_cast<std::size_t>(bytes));
  if (H5Fget_file_image(file, image.data(), image.size()) < 0) fail("file in memory", "has no image");
  return image;
}

Handle open_file(const fs::path& file) {
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (status.type() == fs::file_type::not_found) throw Error(file.string() + ": no such file");
  if (error) throw Error(file.string() + ": cannot be opened: " + error.message());
  if (fs::is_directory(status)) throw Error(file.string() + ": want an HDF5 file, found a directory");
  if (fs::file_size(file, error) == 0 && !error) {
    throw Error(file.string() + ": want an HDF5 file, found an empty file");
  }
  const Handle access = access_properties();
  Handle handle(H5Fopen(file.c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose);
  if (handle) return handle;
  const std::string reason = last_error();
  if (reason.find("truncated") != std::string::npos) {
    throw Error(file.string() + ": want a complete HDF5 file, found one that was cut short (" + reason + ")");
  }
  if (reason.find("signature not found") != std::string::npos || H5Fis_hdf5(file.c_str()) == 0) {
    throw Error(file.string() + ": want an HDF5 file, found something else");
  }
  throw Error(file.string() + ": cannot be opened (HDF5: " + reason + ")");
}

Handle create_group(const Place& parent, const std::string& name) {
  const Handle creation = timeless(H5P_GROUP_CREATE);
  return checked(H5Gcreate2(parent.id, name.c_str(), H5P_DEFAULT, creation.get(), H5P_DEFAULT), H5Gclose,
                 parent.child(name), "cannot be created");
}

bool has_link(const Place& parent, const std::string& name) {
  silence();
  return H5Lexists(parent.id, name.c_str(), H5P_DEFAULT) > 0;
}

std::optional<Handle> open_group(const Place& parent, const std::string& name) {
  if (!has_link(parent, name)) return std::nullopt;
  Handle handle(H5Gopen2(parent.id, name.c_str(), H5P_DEFAULT), H5Gclose);
  if (!handle) return std::nullopt;
  return handle;
}

std::vector<std::string> link_names(const Place& group) {
  std::vector<std::string> names;
  const auto collect = [](hid_t, const char* name, const H5L_info_t*, void* data) -> herr_t {
    static_cast<std::vector<std::string>*>(data)->emplace_back(name);
    return 0;
  };
  if (H5Literate(group.id, H5_INDEX_NAME, H5_ITER_INC, nullptr, collect, &names) < 0) {
    fail(group.name, "cannot be listed");
  }
  return names;
}

void write_array(const Place& parent, const std::string& name, Store store, std::size_t rows,
                 std::size_t columns, const void* data) {
  const std::array<hsize_t, 2> shape{rows, columns};
  const std::array<hsize_t, 2> chunk{std::min<hsize_t>(rows, kChunkRows), columns};
  const int rank = columns == 0 ? 1 : 2;
  const std::string what = "cannot be written";
  const Handle space(H5Screate_simple(rank, shape.data(), nullptr), H5Sclose);
  const Handle creation = timeless(H5P_DATASET_CREATE);
  if (rows > 0) {
    H5Pset_chunk(creation.get(), rank, chunk.data());
    H5Pset_shuffle(creation.get());
    H5Pset_deflate(creation.get(), 4);
  }
  const Handle type = stored_type(store);
  Handle dataset = checked(
      H5Dcreate2(parent.id, name.c_str(), type.get(), space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT),
      H5Dclose, parent.child(name), what);
  // Bytes that are 0 or 1 are the enum's own entries: no conversion is wanted, nor is there one.
  const hid_t memory = store == Store::kBool ? type.get() : memory_type(store);
  if (H5Dwrite(dataset.get(), memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0 || !dataset.reset()) {
    fail(parent.child(name), what);
  }
}

namespace {

/// Entry `index` along the first dimension of `dataset`, as a selection in the file and a space in memory.
struct OneEntry {
  OneEntry(hid_t dataset, std::size_t index) : file(H5Dget_space(dataset), H5Sclose) {
    const int rank = H5Sget_simple_extent_ndims(file.get());
    if (rank < 1) return;
    std::array<hsize_t, H5S_MAX_RANK> count{};
    H5Sget_simple_extent_dims(file.get(), count.data(), nullptr);
    count[0] = 1;
    std::array<hsize_t, H5S_MAX_RANK> start{};
    start[0] = index;
    H5Sselect_hyperslab(file.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr);
    memory = Handle(H5Screate_simple(rank, count.data(), nullptr), H5Sclose);
  }
  Handle file;
  Handle memory;
};

}  // namespace

Handle create_images(const Place& parent, const std::string& name, Store store,
                     const std::array<std::size_t, 4>& shape) {
  std::array<hsize_t, 4> whole{};
  std::copy(shape.begin(), shape.end(), whole.begin());
  std::array<hsize_t, 4> chunk = whole;
  chunk[0] = 1;
  const Handle space(H5Screate_simple(4, whole.data(), nullptr), H5Sclose);
  const Handle creation = timeless(H5P_DATASET_CREATE);
  const Handle type = stored_type(store);
  H5Pset_chunk(creation.get(), 4, chunk.data());
  if (H5Tget_size(type.get()) > 1) H5Pset_shuffle(creation.get());
  H5Pset_deflate(creation.get(), kImageCompression);
  return checked(
      H5Dcreate2(parent.id, name.c_str(), type.get(), space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT),
      H5Dclose, parent.child(name), "cannot be written");
}

void write_image(const Handle& images, const std::string& place, Store store, std::size_t index,
                 const void* data) {
  const OneEntry entry(images.get(), index);
  if (H5Dwrite(images.get(), memory_type(store), entry.memory.get(), entry.file.get(), H5P_DEFAULT, data) <
      0) {
    fail(place, "cannot be written");
  }
}

void Array::read_entry(Store store, std::size_t index, void* data) const {
  const OneEntry entry(dataset.get(), index);
  if (H5Dread(dataset.get(), memory_type(store), entry.memory.get(), entry.file.get(), H5P_DEFAULT, data) <
      0) {
    fail(place, "cannot be read: the file is damaged here");
  }
}

std::size_t Array::chunk_rows() const {
  const Handle creation(H5Dget_create_plist(dataset.get()), H5Pclose);
  std::array<hsize_t, H5S_MAX_RANK> chunk{};
  if (H5Pget_layout(creation.get()) != H5D_CHUNKED ||
      H5Pget_chunk(creation.get(), H5S_MAX_RANK, chunk.data()) < 1) {
    return 0;
  }
  return static_cast<std::size_t>(chunk[0]);
}

void write_names(const Place& parent, const std::string& name, const std::vector<std::string>& names) {
  std::size_t width = 1;
  for (const auto& text : names) width = std::max(width, text.size());
  std::string packed;
  for (const auto& text : names) packed += text + std::string(width - text.size(), '\0');
  const Handle type = text_type(width);
  H5Tset_strpad(type.get(), H5T_STR_NULLPAD);
  const hsize_t count = names.size();
  const Handle space(H5Screate_simple(1, &count, nullptr), H5Sclose);
  const Handle creation = timeless(H5P_DATASET_CREATE);
  const Handle dataset = checked(
      H5Dcreate2(parent.id, name.c_str(), type.get(), space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT),
      H5Dclose, parent.child(name), "cannot be written");
  if (count > 0 && H5Dwrite(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, packed.data()) < 0) {
    fail(parent.child(name), "cannot be written");
  }
}

std::vector<std::string> read_names(const Place& parent, const std::string& name) {
  const auto array = open_array(parent, name);
  if (!array || array->shape.size() != 1 || array->type_class() != H5T_STRING) {
    throw Error(parent.child(name) + ": want a list of strings, found something else");
  }
  const auto count = static_cast<std::size_t>(array->shape[0]);
  const Handle type(H5Dget_type(array->dataset.get()), H5Tclose);
  std::vector<std::string> names;
  if (count == 0) return names;
  if (H5Tis_variable_str(type.get()) > 0) {
    VlenStrings text(count);
    const Handle memory = vlen_memory_type(type.get());
    if (H5Dread(array->dataset.get(), memory.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, text.pointers.data()) <
        0) {
      fail(array->place, "cannot be read");
    }
    for (const char* pointer : text.pointers) names.emplace_back(pointer ? pointer : "");
    return names;
  }
  const std::size_t width = H5Tget_size(type.get());
  std::string packed(width * count, '\0');
  if (H5Dread(array->dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, packed.data()) < 0) {
    fail(array->place, "cannot be read");
  }
  for (std::size_t i = 0; i < count; ++i) {
    const std::string entry = packed.substr(i * width, width);
    names.push_back(entry.substr(0, entry.find('\0')));
  }
  return names;
}

std::optional<Array> open_array(const Place& parent, const std::string& name) {
  silence();
  Array array;
  array.place = parent.child(name);
  array.dataset = Handle(H5Dopen2(parent.id, name.c_str(), H5P_DEFAULT), H5Dclose);
  if (!array.dataset) {
    const std::string reason = last_error();
    if (!has_link(parent, name) || open_group(parent, name)) return std::nullopt;
    throw Error(array.place + ": cannot be opened: the file is damaged here (HDF5: " + reason + ")");
  }
  const Handle space(H5Dget_space(array.dataset.get()), H5Sclose);
  const int rank = H5Sget_simple_extent_ndims(space.get());
  array.shape.resize(static_cast<std::size_t>(std::max(rank, 0)));
  if (rank > 0) H5Sget_simple_extent_dims(space.get(), array.shape.data(), nullptr);
  return array;
}

void Array::read(Store store, void* data) const {
  if (H5Dread(dataset.get(), memory_type(store), H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0) {
    fail(place, "cannot be read: the file is damaged here");
  }
}

H5T_class_t Array::type_class() const {
  const Handle type(H5Dget_type(dataset.get()), H5Tclose);
  return H5Tget_class(type.get());
}

bool Array::is_stored_as(Store store) const {
  const Handle found(H5Dget_type(dataset.get()), H5Tclose);
  const Handle want = stored_type(store);
  return H5Tequal(found.get(), want.get()) > 0;
}

std::string Array::layout_problem() const {
  const Handle creation(H5Dget_create_plist(dataset.get()), H5Pclose);
  std::array<hsize_t, H5S_MAX_RANK> chunk{};
  if (H5Pget_layout(creation.get()) == H5D_CHUNKED &&
      H5Pget_chunk(creation.get(), H5S_MAX_RANK, chunk.data()) > 0 && chunk[0] > kChunkRows) {
    return "want chunks of at most " + std::to_string(kChunkRows) + " rows, found " +
           std::to_string(chunk[0]);
  }
  const int filters = H5Pget_nfilters(creation.get());
  for (int i = 0; i < filters; ++i) {
    unsigned flags = 0;
    unsigned config = 0;
    std::size_t values = 0;
    const H5Z_filter_t filter = H5Pget_filter2(creation.get(), static_cast<unsigned>(i), &flags, &values,
                                               nullptr, 0, nullptr, &config);
    if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE) {
      return "want no filters but gzip and shuffle, found filter " + std::to_string(filter);
    }
  }
  return "";
}

std::string Array::shape_text() const {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

void copy_object(const Place& from, const std::string& from_name, const Place& to,
                 const std::string& to_name) {
  if (H5Ocopy(from.id, from_name.c_str(), to.id, to_name.c_str(), H5P_DEFAULT, H5P_DEFAULT) < 0) {
    fail(from.child(from_name), "cannot be copied to " + to.child(to_name));
  }
}

bool is_same_object(const Place& a, const std::string& a_name, const Place& b, const std::string& b_name) {
  H5O_info_t a_info;
  H5O_info_t b_info;
  if (object_info(a, a_name, a_info) < 0 || object_info(b, b_name, b_info) < 0) return false;
#if H5_VERSION_GE(1, 12, 0)
  int order = 1;
  return H5Otoken_cmp(a.id, &a_info.token, &b_info.token, &order) >= 0 && order == 0;
#else
  return a_info.fileno == b_info.fileno && a_info.addr == b_info.addr;
#endif
}

void remove_link(const Place& parent, const std::string& name) {
  if (H5Ldelete(parent.id, name.c_str(), H5P_DEFAULT) < 0) fail(parent.child(name), "cannot be removed");
}

void hard_link(const Place& from, const std::string& from_name, const Place& to, const std::string& to_name) {
  if (H5Lcreate_hard(from.id, from_name.c_str(), to.id, to_name.c_str(), H5P_DEFAULT, H5P_DEFAULT) < 0) {
    fail(to.child(to_name), "cannot be linked to " + from.child(from_name));
  }
}

}  // namespace understudy::hdf5
