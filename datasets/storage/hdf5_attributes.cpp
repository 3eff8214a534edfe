// Attributes of a dataset file's objects.

#include <algorithm>

#include "datasets/storage/hdf5_detail.h"
#include "datasets/types/printable.h"

namespace understudy::hdf5 {
namespace {

void write_scalar(const Place& object, const std::string& attribute, hid_t stored, hid_t memory,
                  const void* data) {
  const std::string what = "attribute " + attribute + " cannot be written";
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  const Handle handle =
      checked(H5Acreate2(object.id, attribute.c_str(), stored, space.get(), H5P_DEFAULT, H5P_DEFAULT),
              H5Aclose, object.name, what);
  if (H5Awrite(handle.get(), memory, data) < 0) fail(object.name, what);
}

std::optional<Handle> open_attribute(const Place& object, const std::string& attribute) {
  silence();
  Handle handle(H5Aopen(object.id, attribute.c_str(), H5P_DEFAULT), H5Aclose);
  const Handle space(handle ? H5Aget_space(handle.get()) : H5I_INVALID_HID, H5Sclose);
  if (!space || H5Sget_simple_extent_npoints(space.get()) != 1) return std::nullopt;
  return handle;
}

template <class Value>
std::optional<Value> read_number(const Place& object, const std::string& attribute, hid_t memory) {
  const auto handle = open_attribute(object, attribute);
  if (!handle) return std::nullopt;
  Value value{};
  if (H5Aread(handle->get(), memory, &value) < 0) return std::nullopt;
  return value;
}

}  // namespace

void write_text(const Place& object, const std::string& attribute, const std::string& text) {
  const Handle type = text_type(H5T_VARIABLE);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  const char* pointer = text.c_str();
  write_scalar(object, attribute, type.get(), type.get(), &pointer);
}

void write_integer(const Place& object, const std::string& attribute, std::int64_t value) {
  write_scalar(object, attribute, H5T_STD_I64LE, H5T_NATIVE_INT64, &value);
}

void write_unsigned(const Place& object, const std::string& attribute, std::uint64_t value) {
  write_scalar(object, attribute, H5T_STD_U64LE, H5T_NATIVE_UINT64, &value);
}

void write_real(const Place& object, const std::string& attribute, double value) {
  write_scalar(object, attribute, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value);
}

void write_bool(const Place& object, const std::string& attribute, bool value) {
  const Handle type = bool_type();
  const std::int8_t entry = value ? 1 : 0;
  write_scalar(object, attribute, type.get(), type.get(), &entry);
}

std::optional<std::string> read_text(const Place& object, const std::string& attribute) {
  const auto handle = open_attribute(object, attribute);
  if (!handle) return std::nullopt;
  const Handle type(H5Aget_type(handle->get()), H5Tclose);
  if (H5Tget_class(type.get()) != H5T_STRING) return std::nullopt;
  if (H5Tis_variable_str(type.get()) > 0) {
    VlenStrings text(1);
    const Handle memory = vlen_memory_type(type.get());
    if (H5Aread(handle->get(), memory.get(), text.pointers.data()) < 0) return std::nullopt;
    return printable(text.pointers[0] ? text.pointers[0] : "");
  }
  const std::size_t size = H5Tget_size(type.get());
  if (size > file_bytes(handle->get())) return std::nullopt;
  std::string text(size, '\0');
  if (H5Aread(handle->get(), type.get(), text.data()) < 0) return std::nullopt;
  text.resize(std::min(text.find('\0'), text.size()));
  return printable(std::move(text));
}

std::optional<std::int64_t> read_integer(const Place& object, const std::string& attribute) {
  return read_number<std::int64_t>(object, attribute, H5T_NATIVE_INT64);
}

std::optional<std::uint64_t> read_unsigned(const Place& object, const std::string& attribute) {
  return read_number<std::uint64_t>(object, attribute, H5T_NATIVE_UINT64);
}

std::optional<double> read_real(const Place& object, const std::string& attribute) {
  return read_number<double>(object, attribute, H5T_NATIVE_DOUBLE);
}

std::optional<bool> read_bool(const Place& object, const std::string& attribute) {
  const auto value = read_integer(object, attribute);
  if (!value) return std::nullopt;
  return *value != 0;
}

}  // namespace understudy::hdf5
