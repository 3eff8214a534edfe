#pragma once
/// \file Saving and restoring bit for bit, both by one function of each part: `void serialise(Archive&)`
/// names every field once, and the archive either takes the values or fills them in.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bc/networks/adam.h"
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

/// Moments and step count.
void serialise_adam(Archive& archive, AdamState& adam);

}  // namespace understudy
