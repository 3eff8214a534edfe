#pragma once
/// \file Saving and restoring bit for bit, both by one function of each part: `void serialise(Archive&)`
/// names every field once, and the archive either takes the values or fills them in.

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/types/matrix.h"
#include "datasets/types/rng.h"

namespace understudy {

class Archive {
 public:
  /// For saving.
  Archive() = default;
  /// For loading what `bytes` of an earlier archive hold. `place` begins the message of every Error.
  Archive(std::string bytes, std::string place);

  bool loading() const { return loading_; }
  /// Empty for saving.
  const std::string& place() const { return place_; }
  /// What was saved.
  const std::string& bytes() const { return bytes_; }

  /// Fields must come in the order in which they were saved. Loading throws Error naming place and field when
  /// the name differs or the bytes are too few; fixed-size vectors also when the size differs.
  void operator()(std::string_view name, Vector& value);
  void operator()(std::string_view name, Matrix& value);
  void operator()(std::string_view name, std::string& value);
  void operator()(std::string_view name, Rng& value);
  void operator()(std::string_view name, double& value);
  void operator()(std::string_view name, bool& value);
  void operator()(std::string_view name, int& value);
  void operator()(std::string_view name, std::uint64_t& value);
  void operator()(std::string_view name, std::vector<int>& value);
  void operator()(std::string_view name, std::vector<double>& value);
  void operator()(std::string_view name, std::vector<std::uint8_t>& value);
  /// Loading: throws Error unless the saved number equals `value`. For sizes that options fix.
  void expect(std::string_view name, std::int64_t value);

  /// Throws Error, after loading, unless the field that was named last lies in [low, high]. For what serves
  /// as an index, a size or a count: a checksum says that a file is whole, not that it makes sense.
  void want_range(std::int64_t value, std::int64_t low, std::int64_t high) const;
  /// Throws the Error for a value of the field that was named last.
  [[noreturn]] void refuse(const std::string& want, const std::string& found) const;

  /// Throws Error, after loading, unless the entries of the field that was named last are finite, and at least `least`.
  void want_finite(ConstVectorRef values, double least = -std::numeric_limits<double>::infinity()) const;
  void want_finite(double value, double least = -std::numeric_limits<double>::infinity()) const;
  /// Throws Error, after loading, for a count that nothing has ever reached: more than 2^53.
  void want_count(std::uint64_t value) const;
  /// Throws Error, after loading, unless a matrix has this shape, or flags have this number and are 0 or 1.
  void want_shape(const Matrix& value, std::int64_t rows, std::int64_t columns) const;
  void want_flags(const std::vector<std::uint8_t>& flags, std::int64_t count) const;

  /// Loading: throws Error when something is left over.
  void finish() const;

 private:
  void begin(std::string_view name);
  void raw(void* data, std::size_t size);
  template <class T>
  void plain(std::string_view name, T& value);
  template <class T>
  void list(std::string_view name, std::vector<T>& value);

  std::string bytes_;
  std::string place_;
  std::string field_;
  std::size_t position_ = 0;
  bool loading_ = false;
};

}  // namespace understudy
