#include "datasets/foreign/array_columns.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "datasets/types/error.h"

namespace understudy {
namespace {

using hdf5::Array;
using hdf5::Place;

/// Groups within groups; hostile files have circles.
constexpr int kMostDepth = 8;
constexpr std::size_t kMostArrays = 2'000;

/// Entries of a row; 0 for what is no list of numbers.
std::size_t columns_of(const Array& array) {
  const H5T_class_t type = array.type_class();
  if (array.shape.empty() || (type != H5T_INTEGER && type != H5T_FLOAT && type != H5T_ENUM)) return 0;
  const bool image =
      array.shape.size() > 3 || (array.shape.size() > 2 && array.is_stored_as(hdf5::Store::kUint8));
  if (image) return 0;
  std::size_t columns = 1;
  for (std::size_t i = 1; i < array.shape.size(); ++i) {
    if (array.shape[i] == 0 || array.shape[i] > kMostColumns / columns) return 0;
    columns *= static_cast<std::size_t>(array.shape[i]);
  }
  return columns;
}

/// The number of "_index_<n>", Minari's entry of a tuple.
std::optional<int> tuple_index(const std::string& name) {
  constexpr std::string_view kPrefix = "_index_";
  int number = 0;
  const char* const end = name.data() + name.size();
  if (!name.starts_with(kPrefix)) return std::nullopt;
  const auto [rest, error] = std::from_chars(name.data() + kPrefix.size(), end, number);
  return error == std::errc() && rest == end ? std::optional(number) : std::nullopt;
}

/// The array at "outer/inner", each step of the way in this file. Throws Error when it is not there.
Array open_at(const Place& parent, const std::string& path) {
  const std::size_t slash = path.find('/');
  if (slash == std::string::npos) {
    auto array = hdf5::open_array(parent, path);
    if (!array) throw Error(parent.child(path) + ": want an array as in the first episode, found none");
    return std::move(*array);
  }
  const std::string outer = path.substr(0, slash);
  const auto group = hdf5::open_group(parent, outer);
  if (!group) throw Error(parent.child(outer) + ": want a group as in the first episode, found none");
  return open_at({group->get(), parent.child(outer)}, path.substr(slash + 1));
}

}  // namespace

ArrayColumns::ArrayColumns(const Place& parent, const std::string& name) : name_(name) {
  if (const auto array = hdf5::open_array(parent, name)) {
    single_ = true;
    add(*array, name);
    if (fields_.empty())
      throw Error(array->place + ": want numbers [rows, entries], found " + array->shape_text() +
                  " of another kind");
    return;
  }
  if (!hdf5::open_group(parent, name))
    throw Error(parent.child(name) + ": want an array or a group, found none");
  list(parent, name, "", 0);
  if (fields_.empty())
    throw Error(parent.child(name) + ": want arrays of numbers [rows, entries], found none");
}

void ArrayColumns::add(const Array& array, const std::string& path) {
  const std::size_t columns = columns_of(array);
  if (columns == 0 || fields_.size() >= kMostArrays ||
      columns + static_cast<std::size_t>(size_) > kMostColumns) {
    if (left_out_.size() < kMostArrays) left_out_.push_back(path);
    return;
  }
  fields_.push_back({path, static_cast<int>(columns)});
  size_ += static_cast<int>(columns);
}

void ArrayColumns::list(const Place& parent, const std::string& name, const std::string& path, int depth) {
  const auto opened = hdf5::open_group(parent, name);
  const Place group{opened->get(), parent.child(name)};
  std::vector<std::string> names = hdf5::link_names(group);
  std::stable_sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
    const auto one = tuple_index(a);
    const auto other = tuple_index(b);
    return one && other ? *one < *other : a < b;
  });
  if (names.size() > kMostArrays) throw Error(group.name + ": want at most 2000 arrays, found more");
  for (const std::string& child : names) {
    const std::string below = path.empty() ? child : path + "/" + child;
    std::optional<Array> array;
    bool inner = false;
    try {
      array = hdf5::open_array(group, child);
      inner = !array && depth < kMostDepth && hdf5::open_group(group, child).has_value();
    } catch (const Error&) {  // in another file, or damaged: left out like what is no list of numbers
      array.reset();
    }
    if (inner && fields_.size() + left_out_.size() < kMostArrays) {
      list(group, child, below, depth + 1);
    } else if (array) {
      add(*array, below);
    } else if (left_out_.size() < kMostArrays) {
      left_out_.push_back(below);
    }
  }
}

std::size_t ArrayColumns::rows(const Place& parent) const {
  const std::string path = single_ ? name_ : name_ + "/" + fields_.front().name;
  const Array array = open_at(parent, path);
  return array.shape.empty() ? 0 : static_cast<std::size_t>(array.shape[0]);
}

StateMatrix ArrayColumns::read(const Place& parent, std::size_t rows, std::size_t first,
                               std::size_t count) const {
  return read_in(parent, name_, rows, first, count);
}

StateMatrix ArrayColumns::read_in(const Place& parent, const std::string& group, std::size_t rows,
                                  std::size_t first, std::size_t count) const {
  // All shapes are looked at before memory is set aside for any.
  std::vector<Array> arrays;
  for (const ForeignField& field : fields_) {
    arrays.push_back(open_at(parent, single_ ? group : group + "/" + field.name));
    const Array& array = arrays.back();
    if (columns_of(array) != static_cast<std::size_t>(field.size) || array.shape[0] != rows) {
      throw Error(array.place + ": want " + std::to_string(rows) + " rows of " + std::to_string(field.size) +
                  " numbers, found " + array.shape_text());
    }
    array.want_possible();
  }
  StateMatrix values(static_cast<Eigen::Index>(count), size_);
  Eigen::Index offset = 0;
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    StateMatrix columns(static_cast<Eigen::Index>(count), fields_[i].size);
    if (columns.size() > 0) arrays[i].read_rows(hdf5::Store::kFloat64, first, count, columns.data());
    values.middleCols(offset, columns.cols()) = columns;
    offset += columns.cols();
  }
  return values;
}

std::vector<double> read_numbers(const Place& parent, const std::string& name, std::size_t rows) {
  const auto array = hdf5::open_array(parent, name);
  if (!array) return {};
  if (columns_of(*array) != 1 || array->shape[0] != rows) {
    throw Error(array->place + ": want " + std::to_string(rows) + " numbers, one a step, found " +
                array->shape_text());
  }
  array->want_possible();
  std::vector<double> values(rows);
  if (rows > 0) array->read(hdf5::Store::kFloat64, values.data());
  return values;
}

void say_left_out(std::vector<std::string>& words, const std::vector<std::string>& arrays) {
  if (arrays.empty()) return;
  constexpr std::size_t kNamed = 8;
  std::string list;
  for (std::size_t i = 0; i < std::min(kNamed, arrays.size()); ++i) list += (i > 0 ? ", " : "") + arrays[i];
  if (arrays.size() > kNamed) list += " and " + std::to_string(arrays.size() - kNamed) + " more";
  words.push_back("left out, as they are no lists of numbers (pictures, text): " + list);
}

std::vector<std::string> numbered_groups(const Place& group, const std::string& prefix) {
  std::map<int, std::string> numbered;
  for (const std::string& name : hdf5::link_names(group)) {
    if (!name.starts_with(prefix)) continue;
    int number = 0;
    const char* const end = name.data() + name.size();
    const auto [rest, error] = std::from_chars(name.data() + prefix.size(), end, number);
    if (error == std::errc() && rest == end && number >= 0) numbered[number] = name;
  }
  std::vector<std::string> names;
  for (auto& [number, name] : numbered) names.push_back(std::move(name));
  return names;
}

}  // namespace understudy
