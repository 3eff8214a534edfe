// Arrays of a dataset file.

#include <algorithm>
#include <array>

#include "datasets/storage/hdf5_detail.h"
#include "datasets/types/error.h"
#include "datasets/types/printable.h"

namespace understudy::hdf5 {
namespace {

constexpr hsize_t kChunkRows = 256;
constexpr unsigned kImageCompression = 1;
/// zlib's best, rounded up: a byte becomes at most so many.
constexpr std::uint64_t kBestPacking = 1100;
/// Arrays up to this size are not asked how much of them the file holds.
constexpr std::uint64_t kUnquestionedBytes = std::uint64_t{16} << 20;

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

/// Entries along the first dimension of `dataset`, as a selection in the file and a space in memory.
struct Rows {
  Rows(hid_t dataset, std::size_t first, std::size_t rows) : file(H5Dget_space(dataset), H5Sclose) {
    const int rank = H5Sget_simple_extent_ndims(file.get());
    if (rank < 1) return;
    std::array<hsize_t, H5S_MAX_RANK> count{};
    H5Sget_simple_extent_dims(file.get(), count.data(), nullptr);
    count[0] = rows;
    std::array<hsize_t, H5S_MAX_RANK> start{};
    start[0] = first;
    H5Sselect_hyperslab(file.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr);
    memory = Handle(H5Screate_simple(rank, count.data(), nullptr), H5Sclose);
  }
  Handle file;
  Handle memory;
};

/// h5py's name of a filter, or its number.
std::string filter_text(H5Z_filter_t filter, const char* name) {
  constexpr H5Z_filter_t kLzf = 32000;
  if (filter == kLzf) return "LZF";
  return *name != '\0' ? printable(name) : "number " + std::to_string(filter);
}

/// Throws Error for an array whose numbers are in other files, or packed as this program does not unpack.
void want_readable(const Array& array) {
  const Handle creation(H5Dget_create_plist(array.dataset.get()), H5Pclose);
  if (H5Pget_external_count(creation.get()) > 0 || H5Pget_layout(creation.get()) == H5D_VIRTUAL) {
    throw Error(array.place +
                ": want the numbers in this file, found that they are in others; copy them in, as `h5repack` "
                "or h5py can");
  }
  const int filters = H5Pget_nfilters(creation.get());
  for (int i = 0; i < filters; ++i) {
    unsigned flags = 0;
    unsigned config = 0;
    std::size_t values = 0;
    char name[64] = "";
    const H5Z_filter_t filter = H5Pget_filter2(creation.get(), static_cast<unsigned>(i), &flags, &values,
                                               nullptr, sizeof name, name, &config);
    name[sizeof name - 1] = '\0';
    if (H5Zfilter_avail(filter) > 0) continue;
    throw Error(array.place + ": want numbers packed by a filter that HDF5 brings, found " +
                filter_text(filter, name) + "; write them again with h5py and compression=\"gzip\"");
  }
}

/// Whether the bits of a number lie within its bytes: HDF5 converts damaged types without asking.
bool has_sound_bits(hid_t type) {
  const std::size_t size = H5Tget_size(type);
  if (H5Tget_class(type) == H5T_ENUM) {
    const Handle number(H5Tget_super(type), H5Tclose);
    return H5Tget_class(number.get()) == H5T_INTEGER && H5Tget_size(number.get()) == size &&
           has_sound_bits(number.get());
  }
  const std::size_t precision = H5Tget_precision(type);
  const int offset = H5Tget_offset(type);
  if (precision == 0 || offset < 0 || precision > 8 * size ||
      static_cast<std::size_t>(offset) > 8 * size - precision)
    return false;
  if (H5Tget_class(type) != H5T_FLOAT) return true;
  std::size_t sign = 0;
  std::size_t exponent = 0;
  std::size_t exponent_bits = 0;
  std::size_t mantissa = 0;
  std::size_t mantissa_bits = 0;
  H5Tget_fields(type, &sign, &exponent, &exponent_bits, &mantissa, &mantissa_bits);
  const auto fits = [&](std::size_t first, std::size_t bits) {
    return bits > 0 && bits <= precision && first <= precision - bits;
  };
  return fits(sign, 1) && fits(exponent, exponent_bits) && fits(mantissa, mantissa_bits);
}

/// Throws Error for anything but integers, floating-point numbers and bools of the usual sizes.
void want_numbers(const Array& array) {
  const Handle type(H5Dget_type(array.dataset.get()), H5Tclose);
  const H5T_class_t kind = H5Tget_class(type.get());
  const std::size_t size = H5Tget_size(type.get());
  if ((kind != H5T_INTEGER && kind != H5T_FLOAT && kind != H5T_ENUM) || size > 16) {
    throw Error(array.place + ": want numbers, found " +
                (kind == H5T_STRING ? "text" : "another type of data"));
  }
  if (!has_sound_bits(type.get()))
    throw Error(array.place +
                ": want numbers, found a type whose bits are not in its bytes: the file is damaged here");
  want_readable(array);
  array.want_possible();
}

}  // namespace

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
  const Rows entry(images.get(), index, 1);
  if (H5Dwrite(images.get(), memory_type(store), entry.memory.get(), entry.file.get(), H5P_DEFAULT, data) <
      0) {
    fail(place, "cannot be written");
  }
}

void Array::read_entry(Store store, std::size_t index, void* data) const {
  read_rows(store, index, 1, data);
}

void Array::read_rows(Store store, std::size_t first, std::size_t count, void* data) const {
  want_numbers(*this);
  const Rows rows(dataset.get(), first, count);
  if (H5Dread(dataset.get(), memory_type(store), rows.memory.get(), rows.file.get(), H5P_DEFAULT, data) < 0) {
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
  Handle dataset = checked(
      H5Dcreate2(parent.id, name.c_str(), type.get(), space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT),
      H5Dclose, parent.child(name), "cannot be written");
  const bool written =
      count == 0 || H5Dwrite(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, packed.data()) >= 0;
  if (!written || !dataset.reset()) fail(parent.child(name), "cannot be written");
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
  want_readable(*array);
  array->want_possible();
  if (H5Tis_variable_str(type.get()) > 0) {
    VlenStrings text(count);
    const Handle memory = vlen_memory_type(type.get());
    if (H5Dread(array->dataset.get(), memory.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, text.pointers.data()) <
        0) {
      fail(array->place, "cannot be read");
    }
    for (const char* pointer : text.pointers) names.push_back(printable(pointer ? pointer : ""));
    return names;
  }
  const std::size_t width = H5Tget_size(type.get());
  std::string packed(width * count, '\0');
  if (H5Dread(array->dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, packed.data()) < 0) {
    fail(array->place, "cannot be read");
  }
  for (std::size_t i = 0; i < count; ++i) {
    const std::string entry = packed.substr(i * width, width);
    names.push_back(printable(entry.substr(0, entry.find('\0'))));
  }
  return names;
}

std::optional<Array> open_array(const Place& parent, const std::string& name) {
  silence();
  want_own_link(parent, name);
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

void Array::want_possible() const {
  const Handle type(H5Dget_type(dataset.get()), H5Tclose);
  const std::uint64_t held = file_bytes(dataset.get());
  // What unpacks to more than the packing can yield is not in the file, whatever its shape says.
  const std::uint64_t most = held > UINT64_MAX / kBestPacking ? UINT64_MAX : held * kBestPacking;
  std::uint64_t bytes = H5Tget_size(type.get());
  for (const hsize_t size : shape) {
    if (size == 0) return;
    if (bytes > most / size) {
      throw Error(place + ": want an array that the file can hold, found " + shape_text() + " in a file of " +
                  std::to_string(held) + " bytes: the file is damaged here");
    }
    bytes *= size;
  }
  if (bytes <= kUnquestionedBytes || H5D_CHUNKED != layout()) return;
  if (bytes / kBestPacking > H5Dget_storage_size(dataset.get())) {
    throw Error(place + ": want an array " + shape_text() + ", found next to nothing of it in the file");
  }
}

H5D_layout_t Array::layout() const {
  const Handle creation(H5Dget_create_plist(dataset.get()), H5Pclose);
  return H5Pget_layout(creation.get());
}

void Array::read(Store store, void* data) const {
  want_numbers(*this);
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

}  // namespace understudy::hdf5
