#pragma once
/// \file HDF5 behind RAII handles and a handful of calls that speak our conventions: no time stamps, gzip and
/// shuffle, vlen UTF-8 text attributes, bool as h5py's enum. Included by sources of this folder only.
/// HDF5's own printing of errors is switched off for good on each thread that comes by
/// here: failures are Errors.

#include <hdf5.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace understudy::hdf5 {

/// Owns one HDF5 identifier.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Handle() = default;
  Handle(hid_t id, Close close) : id_(id), close_(close) {}
  ~Handle() { reset(); }
  Handle(Handle&& other) noexcept : id_(other.id_), close_(other.close_) { other.id_ = H5I_INVALID_HID; }
  Handle& operator=(Handle&& other) noexcept {
    if (this != &other) {
      reset();
      id_ = other.id_;
      close_ = other.close_;
      other.id_ = H5I_INVALID_HID;
    }
    return *this;
  }

  hid_t get() const { return id_; }
  explicit operator bool() const { return id_ >= 0; }
  /// False when HDF5 reports that closing, and so writing what was buffered, failed.
  bool reset() {
    const bool closed = id_ < 0 || close_(id_) >= 0;
    id_ = H5I_INVALID_HID;
    return closed;
  }

 private:
  hid_t id_ = H5I_INVALID_HID;
  Close close_ = nullptr;
};

/// The innermost message on HDF5's error stack, e.g. "truncated file: eof = 100, ..."; "" when there is none.
std::string last_error();

/// An object and how to name it in messages: `demo.h5:/data/demo_3`.
struct Place {
  hid_t id;
  std::string name;
  std::string child(std::string_view what) const { return name + "/" + std::string(what); }
};

/// How entries of an array are stored. Memory has float, double, std::int64_t, std::int16_t or
/// std::uint8_t respectively.
enum class Store { kFloat32, kFloat64, kInt64, kInt16, kBool, kUint8 };

/// A new file with the oldest format that will do, so that every HDF5 since 1.8 reads it. Throws Error.
Handle create_file(const std::filesystem::path& file);
/// Opens a file of `create_file` for writing.
Handle open_file_to_fill(const std::filesystem::path& file);
/// Makes `file` anew, with `room` bytes set aside while `fill` writes into it and `check` reads it again; cut to its
/// length and synced. HDF5 survives neither every failing disk nor a full one well: it writes in a child process.
/// Throws SystemError when the file is not whole, also where `check` says no.
void write_file(const std::filesystem::path& file, std::uintmax_t room,
                const std::function<void(const Place&)>& fill,
                const std::function<bool(const Place&)>& check);
/// A new file that exists in memory only; `file_image` gives its bytes.
Handle create_memory_file();
std::vector<char> file_image(hid_t file);
/// Opens for reading. Throws Error that tells missing, empty, not HDF5 and truncated files apart, and for one that
/// HDF5 does not survive.
Handle open_file(const std::filesystem::path& file);

Handle create_group(const Place& parent, const std::string& name);
/// nullopt when `parent` has no group of that name.
std::optional<Handle> open_group(const Place& parent, const std::string& name);
bool has_link(const Place& parent, const std::string& name);
/// Names of the links in a group, in alphabetical order.
std::vector<std::string> link_names(const Place& group);

void write_text(const Place& object, const std::string& attribute, const std::string& text);
void write_integer(const Place& object, const std::string& attribute, std::int64_t value);
void write_unsigned(const Place& object, const std::string& attribute, std::uint64_t value);
void write_real(const Place& object, const std::string& attribute, double value);
void write_bool(const Place& object, const std::string& attribute, bool value);
/// nullopt when there is no such attribute or it is not of that kind. Fixed and
/// variable-length text are read.
std::optional<std::string> read_text(const Place& object, const std::string& attribute);
std::optional<std::int64_t> read_integer(const Place& object, const std::string& attribute);
std::optional<std::uint64_t> read_unsigned(const Place& object, const std::string& attribute);
std::optional<double> read_real(const Place& object, const std::string& attribute);
/// Integers, bools and one-element arrays of them.
std::optional<bool> read_bool(const Place& object, const std::string& attribute);

/// [rows, columns], or [rows] when `columns` is 0. gzip 4 and shuffle in chunks of at most 256 rows.
void write_array(const Place& parent, const std::string& name, Store store, std::size_t rows,
                 std::size_t columns, const void* data);
/// A new array [images, height, width, channels], to be filled by `write_image`: a chunk is one image,
/// compressed with gzip (and shuffle where an entry has several bytes).
Handle create_images(const Place& parent, const std::string& name, Store store,
                     const std::array<std::size_t, 4>& shape);
/// Writes image `index` of an array of `create_images`; `place` names it in messages.
void write_image(const Handle& images, const std::string& place, Store store, std::size_t index,
                 const void* data);
/// [names] fixed-length strings, as h5py and robomimic want masks.
void write_names(const Place& parent, const std::string& name, const std::vector<std::string>& names);
/// Fixed or variable-length strings. Throws Error when it is something else.
std::vector<std::string> read_names(const Place& parent, const std::string& name);

/// An open array of numbers.
struct Array {
  Handle dataset;
  std::vector<hsize_t> shape;
  std::string place;

  /// Reads everything, converted to the memory type that belongs to `store`. Throws Error, also when the numbers are
  /// in other files, or packed by a filter that HDF5 does not bring.
  void read(Store store, void* data) const;
  /// Reads entry `index` along the first dimension, all the others whole. Throws Error.
  void read_entry(Store store, std::size_t index, void* data) const;
  /// Reads `count` entries along the first dimension from `first` on. Throws Error.
  void read_rows(Store store, std::size_t first, std::size_t count, void* data) const;
  /// Throws Error when the file cannot hold what the shape says. To be called before memory is set aside for it;
  /// read() and read_entry() do so too.
  void want_possible() const;
  H5T_class_t type_class() const;
  H5D_layout_t layout() const;
  bool is_stored_as(Store store) const;
  /// Why h5py-only readers or old HDF5 libraries could stumble over chunks or filters; "" when they do not.
  std::string layout_problem() const;
  /// Entries along the first dimension in a chunk; 0 when the array is not chunked.
  std::size_t chunk_rows() const;
  /// e.g. "[119, 2]"
  std::string shape_text() const;
};
/// nullopt when `parent` has no dataset of that name. Throws Error, as open_group does, when the name leads to
/// another file.
std::optional<Array> open_array(const Place& parent, const std::string& name);

/// Copies an object with all below it, compressed chunks as they are.
void copy_object(const Place& from, const std::string& from_name, const Place& to,
                 const std::string& to_name);
/// Whether both names lead to one object.
bool is_same_object(const Place& a, const std::string& a_name, const Place& b, const std::string& b_name);
/// Takes a name away; the object goes with its last one.
void remove_link(const Place& parent, const std::string& name);
/// A second name for the same object.
void hard_link(const Place& from, const std::string& from_name, const Place& to, const std::string& to_name);

}  // namespace understudy::hdf5
