#pragma once
/// \file Named fields of a flat vector: what an observation or an action consists of.

#include <string>
#include <string_view>
#include <vector>

namespace understudy {

/// `size` consecutive entries that belong together. On disk each observation field is its own array.
struct Field {
  std::string name;     ///< snake_case, unique within its space; becomes `obs/<name>`
  int size = 1;         ///< entries
  std::string unit;     ///< SI unit, or "-" when dimensionless
  double low = -1e30;   ///< lowest value of any entry, in `unit`
  double high = 1e30;   ///< highest value of any entry, in `unit`
  std::string meaning;  ///< one line for people: frame, sign, order of the entries

  bool operator==(const Field&) const = default;
};

/// An ordered list of fields. Immutable once built.
class Space {
 public:
  Space() = default;
  /// Throws Error when a name is empty, repeated or not snake_case, a size is not positive, or low >= high.
  explicit Space(std::vector<Field> fields);

  const std::vector<Field>& fields() const { return fields_; }
  /// Total number of entries.
  int size() const { return size_; }
  /// First entry of the field called `name`; throws Error naming the known fields if there is none.
  int offset(std::string_view name) const;

  bool operator==(const Space&) const = default;

 private:
  std::vector<Field> fields_;
  int size_ = 0;
};

/// Why `found` cannot stand in for `want` (names, sizes, order), as one line; empty when it can.
std::string space_mismatch(const Space& want, const Space& found);

}  // namespace understudy
