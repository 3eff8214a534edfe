#pragma once
/// \file Private to the hdf5_*.cpp sources: checked handles, and the types that they store.

#include <cstdint>
#include <string>
#include <vector>

#include "datasets/storage/hdf5_file.h"

namespace understudy::hdf5 {

/// Stops HDF5 from printing its errors. The error stack, and so whether it is printed, is the thread's own in
/// thread-safe builds of HDF5.
void silence();

/// Throws Error with HDF5's own reason, where it gives one.
[[noreturn]] void fail(const std::string& place, const std::string& what);

/// Throws that Error when `id` is none.
Handle checked(hid_t id, Handle::Close close, const std::string& place, const std::string& what);

/// Throws Error when the name leads to another file.
void want_own_link(const Place& parent, const std::string& name);

/// Bytes of the file that an open object is in.
std::uint64_t file_bytes(hid_t object);

/// A property list of that class, for creating something that carries no time stamps.
Handle timeless(hid_t property_class);

/// numpy's bool as h5py stores it.
Handle bool_type();
/// Text of `size` bytes; H5T_VARIABLE: of any length.
Handle text_type(std::size_t size);
/// Text of any length in memory, with the character set of the `stored` type.
Handle vlen_memory_type(hid_t stored);

/// Frees what HDF5 allocated for variable-length strings when it goes out of scope.
struct VlenStrings {
  explicit VlenStrings(std::size_t count) : pointers(count, nullptr) {}
  ~VlenStrings() {
    for (char* pointer : pointers) {
      if (pointer) H5free_memory(pointer);
    }
  }
  VlenStrings(const VlenStrings&) = delete;
  VlenStrings& operator=(const VlenStrings&) = delete;
  std::vector<char*> pointers;
};

}  // namespace understudy::hdf5
