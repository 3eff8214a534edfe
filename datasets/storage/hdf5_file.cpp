#include "datasets/storage/hdf5_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <set>
#include <system_error>
#include <tuple>
#include <type_traits>

#include "datasets/storage/durable_file.h"
#include "datasets/storage/guarded.h"
#include "datasets/storage/hdf5_detail.h"
#include "datasets/types/error.h"

namespace understudy::hdf5 {
namespace fs = std::filesystem;
namespace {

hid_t follow_nowhere(const char*, hid_t, const void*, size_t, hid_t, hid_t) {
  return H5I_INVALID_HID;
}

/// Names that lead to other files are followed nowhere: what they lead to is none of this file's business, nor can
/// anybody copy such a dataset as one file.
void refuse_external_links() {
  static const H5L_class_t kNowhere = [] {
    H5L_class_t nowhere{};
    nowhere.version = H5L_LINK_CLASS_T_VERS;
    nowhere.id = H5L_TYPE_EXTERNAL;
    nowhere.comment = "external";
    nowhere.trav_func = follow_nowhere;
    return nowhere;
  }();
  static const bool refused = H5Lregister(&kNowhere) >= 0;
  static_cast<void>(refused);
}

Handle access_properties() {
  silence();
  refuse_external_links();
  Handle properties(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_libver_bounds(properties.get(), H5F_LIBVER_EARLIEST, H5F_LIBVER_LATEST);
  H5Pset_fclose_degree(properties.get(), H5F_CLOSE_STRONG);
  return properties;
}

/// Whether the reason is the operating system's, whose number HDF5 then says.
bool is_systems(const std::string& reason) {
  return reason.find("errno = ") != std::string::npos || reason.find("unable to lock") != std::string::npos;
}

herr_t object_info(const Place& parent, const std::string& name, H5O_info_t& info) {
#if H5_VERSION_GE(1, 12, 0)
  return H5Oget_info_by_name3(parent.id, name.c_str(), &info, H5O_INFO_BASIC, H5P_DEFAULT);
#else
  return H5Oget_info_by_name2(parent.id, name.c_str(), &info, H5O_INFO_BASIC, H5P_DEFAULT);
#endif
}

/// Reads what HDF5 keeps about an object, its text, which it keeps in lists of its own, and its numbers, as long as
/// all that is read stays within `left` bytes: it trusts damaged chunks to be as long as they should.
void touch(hid_t object, std::uint64_t& left) {
  const auto attribute = [](hid_t owner, const char* name, const H5A_info_t*, void*) -> herr_t {
    read_text({owner, ""}, name);
    return 0;
  };
  H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, attribute, nullptr);
  if (H5Iget_type(object) != H5I_DATASET) return;
  H5Dget_storage_size(object);
  const Handle space(H5Dget_space(object), H5Sclose);
  const Handle type(H5Dget_type(object), H5Tclose);
  const hssize_t count = H5Sget_simple_extent_npoints(space.get());
  if (count <= 0) return;
  if (const H5T_class_t kind = H5Tget_class(type.get());
      kind == H5T_INTEGER || kind == H5T_FLOAT || kind == H5T_ENUM) {
    const std::size_t size = std::max<std::size_t>(1, H5Tget_size(type.get()));
    if (static_cast<std::uint64_t>(count) > left / size) return;
    left -= static_cast<std::uint64_t>(count) * size;
    std::vector<char> numbers(static_cast<std::size_t>(count) * size);
    H5Dread(object, type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers.data());
    return;
  }
  if (H5Tis_variable_str(type.get()) <= 0) return;
  if (static_cast<std::uint64_t>(count) > file_bytes(object)) return;
  VlenStrings text(static_cast<std::size_t>(count));
  const Handle memory = vlen_memory_type(type.get());
  H5Dread(object, memory.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, text.pointers.data());
}

/// Of a file's numbers, read to see whether the library survives them. Larger files are images.
constexpr std::uint64_t kMostRehearsed = std::uint64_t{256} << 20;  // bytes

/// Whether the library survives the file: tried in a child process, once for every state that a file is in.
void rehearse(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return;
  const auto state =
      std::tuple(status.st_dev, status.st_ino, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
  static std::mutex mutex;
  static std::set<std::remove_const_t<decltype(state)>> known;
  const std::lock_guard lock(mutex);
  if (known.contains(state)) return;
  // What any file gets, and a tenth of a second for every megabyte.
  const auto megabytes = static_cast<int>(std::min<off_t>(status.st_size >> 20, 1 << 20));
  const GuardLimits limits{.seconds = 8 + megabytes / 10};
  std::uint64_t left = kMostRehearsed;
  const auto walk = [&] {
    const Handle access = access_properties();
    const Handle handle(H5Fopen(file.c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose);
    if (!handle) return std::string("not opened");
#if H5_VERSION_GE(1, 12, 0)
    const auto visit = [](hid_t root, const char* name, const H5O_info2_t*, void* bytes) -> herr_t {
#else
    const auto visit = [](hid_t root, const char* name, const H5O_info_t*, void* bytes) -> herr_t {
#endif
      if (const Handle object(H5Oopen(root, name, H5P_DEFAULT), H5Oclose); object)
        touch(object.get(), *static_cast<std::uint64_t*>(bytes));
      return 0;
    };
#if H5_VERSION_GE(1, 12, 0)
    H5Ovisit3(handle.get(), H5_INDEX_NAME, H5_ITER_NATIVE, visit, &left, H5O_INFO_BASIC);
#else
    H5Ovisit2(handle.get(), H5_INDEX_NAME, H5_ITER_NATIVE, visit, &left, H5O_INFO_BASIC);
#endif
    return std::string();
  };
  // What cannot be opened now is said by who opens it, and tried again when it can.
  if (read_guarded(file.string(), walk, limits).empty()) known.insert(state);
}

}  // namespace

void silence() {
  thread_local const bool silent = H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr) >= 0;
  static_cast<void>(silent);
}

void fail(const std::string& place, const std::string& what) {
  const std::string reason = last_error();
  const std::string line = place + ": " + what + (reason.empty() ? "" : " (HDF5: " + reason + ")");
  if (is_systems(reason)) throw SystemError(line);
  throw Error(line);
}

Handle checked(hid_t id, Handle::Close close, const std::string& place, const std::string& what) {
  if (id < 0) fail(place, what);
  return Handle(id, close);
}

void want_own_link(const Place& parent, const std::string& name) {
  H5L_info_t info;
  silence();
  if (H5Lget_info(parent.id, name.c_str(), &info, H5P_DEFAULT) < 0) {
    H5Eclear2(H5E_DEFAULT);
    return;
  }
  if (info.type == H5L_TYPE_EXTERNAL) {
    throw Error(
        parent.child(name) +
        ": want data in this file, found a link to another file; copy it in, as `h5copy` or h5py can");
  }
}

std::uint64_t file_bytes(hid_t object) {
  const Handle file(H5Iget_file_id(object), H5Fclose);
  hsize_t bytes = 0;
  if (!file || H5Fget_filesize(file.get(), &bytes) < 0) return 0;
  return bytes;
}

Handle timeless(hid_t property_class) {
  Handle properties(H5Pcreate(property_class), H5Pclose);
  H5Pset_obj_track_times(properties.get(), false);
  return properties;
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

void write_file(const fs::path& file, std::uintmax_t room, const std::function<void(const Place&)>& fill,
                const std::function<bool(const Place&)>& check) {
  const auto unwritten = [&] {
    return SystemError(
        file.string() +
        ": cannot be written; what was saved is safe: check the disk and run the same command again");
  };
  const auto in_child = [&](const std::function<bool()>& work) {
    std::string answer;
    const GuardEnd end = run_guarded(file.string(), [&] { return std::string(work() ? "written" : ""); },
                                     answer, {.seconds = 0, .bytes = 0});
    if (end != GuardEnd::kDone || answer.empty()) throw unwritten();
  };
  try {
    in_child([&] { return create_file(file).reset(); });
    const FileDescriptor descriptor(::open(file.c_str(), O_RDWR | O_CLOEXEC));
    if (!descriptor) throw_errno(file, "cannot be opened", errno);
    reserve_space(descriptor, file, room);
    in_child([&] {
      const std::string name = file.string() + ":";
      Handle filled = open_file_to_fill(file);
      fill({filled.get(), name});
      const bool flushed = H5Fflush(filled.get(), H5F_SCOPE_GLOBAL) >= 0;
      if (!filled.reset() || !flushed) return false;
      const Handle written = open_file(file);
      return check({written.get(), name});
    });
    // Gives back what was set aside and not needed.
    if (::ftruncate(descriptor.get(), static_cast<off_t>(fs::file_size(file))) != 0)
      throw_errno(file, "cannot be cut to its length", errno);
    if (::fsync(descriptor.get()) != 0) throw_errno(file, "cannot be synced to disk", errno);
  } catch (...) {
    ::unlink(file.c_str());
    throw;
  }
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
  if (status.type() == fs::file_type::not_found)
    throw Error(file.string() + ": no such file; check the path");
  if (error) throw SystemError(file.string() + ": cannot be opened: " + error.message());
  if (fs::is_directory(status)) throw Error(file.string() + ": want an HDF5 file, found a directory");
  if (!fs::is_regular_file(status)) {
    throw Error(file.string() + ": want an HDF5 file, found a pipe or a device; copy its content to a file");
  }
  if (fs::file_size(file, error) == 0 && !error) {
    throw Error(file.string() + ": want an HDF5 file, found an empty file");
  }
  if (const FileDescriptor readable(::open(file.c_str(), O_RDONLY | O_CLOEXEC)); !readable)
    throw_errno(file, "cannot be opened", errno);
  rehearse(file);
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
  if (reason.find("unable to lock") != std::string::npos) {
    throw SystemError(file.string() +
                      ": cannot be opened: another program has it open for writing; close it there");
  }
  if (is_systems(reason)) throw SystemError(file.string() + ": cannot be opened (HDF5: " + reason + ")");
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
  want_own_link(parent, name);
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
