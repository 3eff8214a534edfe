#pragma once
/// \file What becomes of a thing that the hand is to carry, in a word.

#include <string_view>

namespace understudy {

/// Of one episode. A thing is carried once the hand has gripped it clear of what it stood on.
class Carry {
 public:
  /// To be called after every step. `clear` [m]: how far the thing's centre is above where it stands on the table;
  /// `upright` [-]: cosine of its tilt. "dropped" for one that was carried and is in the hand no more, "knocked over"
  /// for one that lies before it was; else "".
  std::string_view after(bool gripped, double clear, double upright = 1) {
    constexpr double kClear = 0.005, kLies = 0.7;
    carried_ = carried_ || (gripped && clear > kClear);
    if (gripped) return {};
    return carried_ ? "dropped" : upright < kLies ? "knocked over" : "";
  }

 private:
  bool carried_ = false;
};

}  // namespace understudy
