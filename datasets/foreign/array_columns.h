#pragma once
/// \file The arrays of numbers below a group of an HDF5 file, side by side as the columns of one. Included by sources
/// of this folder only.

#include <cstddef>
#include <string>
#include <vector>

#include "datasets/foreign/episode_source.h"
#include "datasets/storage/hdf5_file.h"

namespace understudy {

/// Entries of one row of all arrays; what has more is no list of numbers to learn from.
inline constexpr std::size_t kMostColumns = 100'000;

/// Which columns there are. Arrays in groups within the group count too ("outer/inner"); names in alphabetical order,
/// `_index_2` before `_index_10`. Arrays of more than two dimensions are laid flat, row-major.
class ArrayColumns {
 public:
  ArrayColumns() = default;
  /// Of `name` below `parent`: a group, or an array by itself. Throws Error when there is no such thing.
  ArrayColumns(const hdf5::Place& parent, const std::string& name);

  const std::vector<ForeignField>& fields() const { return fields_; }
  /// Arrays left out: images, text, and what is in other files.
  const std::vector<std::string>& left_out() const { return left_out_; }
  int size() const { return size_; }

  /// Rows that the first array has. Throws Error when it is missing.
  std::size_t rows(const hdf5::Place& parent) const;
  /// [count, size] from row `first` on, below another `parent` that has the same arrays. Throws Error naming an array
  /// that is missing, has another width, or not `rows` rows.
  StateMatrix read(const hdf5::Place& parent, std::size_t rows, std::size_t first, std::size_t count) const;
  /// The same, of arrays below `group` instead of the one that was listed.
  StateMatrix read_in(const hdf5::Place& parent, const std::string& group, std::size_t rows,
                      std::size_t first, std::size_t count) const;

 private:
  void list(const hdf5::Place& parent, const std::string& name, const std::string& path, int depth);
  void add(const hdf5::Array& array, const std::string& path);

  std::string name_;
  bool single_ = false;  ///< an array by itself
  std::vector<ForeignField> fields_;
  std::vector<std::string> left_out_;
  int size_ = 0;
};

/// All of an array [rows] or [rows, 1] as numbers; empty when there is none. Throws Error when it has other rows than
/// `rows`.
std::vector<double> read_numbers(const hdf5::Place& parent, const std::string& name, std::size_t rows);

/// What to say of arrays that are left out; nothing for none.
void say_left_out(std::vector<std::string>& words, const std::vector<std::string>& arrays);

/// Names "<prefix><number>" among the links of `group`, by number. Other links are passed over.
std::vector<std::string> numbered_groups(const hdf5::Place& group, const std::string& prefix);

}  // namespace understudy
