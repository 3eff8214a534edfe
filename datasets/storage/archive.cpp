#include "datasets/storage/archive.h"

#include <cmath>
#include <cstring>
#include <sstream>

#include "datasets/types/error.h"

namespace understudy {

Archive::Archive(std::string bytes, std::string place)
    : bytes_(std::move(bytes)), place_(std::move(place)), loading_(true) {}

void Archive::raw(void* data, std::size_t size) {
  if (!loading_) {
    bytes_.append(static_cast<const char*>(data), size);
    return;
  }
  if (size > bytes_.size() - position_) {
    throw Error(place_ + ": " + field_ + ": ends too soon; use another checkpoint or train again");
  }
  if (size > 0) std::memcpy(data, bytes_.data() + position_, size);
  position_ += size;
}

// A field is its name's length, its name, and its value.
void Archive::begin(std::string_view name) {
  field_ = name;
  auto length = static_cast<std::uint64_t>(name.size());
  raw(&length, sizeof length);
  std::string found(name);
  if (loading_) {
    if (length > bytes_.size() - position_) length = bytes_.size() - position_;
    found.resize(length);
  }
  raw(found.data(), found.size());
  if (found != name) {
    throw Error(place_ + ": want " + std::string(name) + ", found " + found +
                "; it was saved with other options or by another version: train again");
  }
}

template <class T>
void Archive::plain(std::string_view name, T& value) {
  begin(name);
  raw(&value, sizeof value);
}

template <class T>
void Archive::list(std::string_view name, std::vector<T>& value) {
  begin(name);
  auto size = static_cast<std::uint64_t>(value.size());
  raw(&size, sizeof size);
  if (loading_) {
    if (size > (bytes_.size() - position_) / sizeof(T)) {
      throw Error(place_ + ": " + field_ + ": ends too soon; use another checkpoint or train again");
    }
    value.resize(size);
  }
  raw(value.data(), value.size() * sizeof(T));
}

void Archive::operator()(std::string_view name, Vector& value) {
  expect(name, value.size());
  raw(value.data(), static_cast<std::size_t>(value.size()) * sizeof(float));
}

void Archive::operator()(std::string_view name, Matrix& value) {
  begin(name);
  std::int64_t rows = value.rows();
  std::int64_t columns = value.cols();
  raw(&rows, sizeof rows);
  raw(&columns, sizeof columns);
  if (loading_) {
    const auto most = static_cast<std::int64_t>((bytes_.size() - position_) / sizeof(float));
    if (rows < 0 || columns < 0 || (columns > 0 && rows > most / columns)) {
      throw Error(place_ + ": " + field_ + ": ends too soon; use another checkpoint or train again");
    }
    value.resize(rows, columns);
  }
  raw(value.data(), static_cast<std::size_t>(value.size()) * sizeof(float));
}

void Archive::operator()(std::string_view name, std::string& value) {
  std::vector<std::uint8_t> text(value.begin(), value.end());
  list(name, text);
  value.assign(text.begin(), text.end());
}

void Archive::operator()(std::string_view name, Rng& value) {
  std::string text;
  if (!loading_) {
    std::ostringstream stream;
    stream << value.engine();
    text = stream.str();
  }
  (*this)(name, text);
  if (!loading_) return;
  std::istringstream stream(text);
  stream >> value.engine();
  std::ostringstream again;  // what was read, the whole of it and nothing else
  again << value.engine();
  if (!stream || again.str() != text) refuse("the state of a random generator", "something else");
}

void Archive::operator()(std::string_view name, double& value) {
  plain(name, value);
}
void Archive::operator()(std::string_view name, bool& value) {
  std::uint8_t byte = value ? 1 : 0;
  plain(name, byte);
  want_range(byte, 0, 1);
  value = byte != 0;
}
void Archive::operator()(std::string_view name, int& value) {
  plain(name, value);
}
void Archive::operator()(std::string_view name, std::uint64_t& value) {
  plain(name, value);
}
void Archive::operator()(std::string_view name, std::vector<int>& value) {
  list(name, value);
}
void Archive::operator()(std::string_view name, std::vector<double>& value) {
  list(name, value);
}
void Archive::operator()(std::string_view name, std::vector<std::uint8_t>& value) {
  list(name, value);
}

void Archive::expect(std::string_view name, std::int64_t value) {
  std::int64_t found = value;
  plain(name, found);
  if (found != value) {
    throw Error(place_ + ": " + field_ + ": want " + std::to_string(value) + ", found " +
                std::to_string(found) + "; it was saved with other options: train again");
  }
}

void Archive::want_range(std::int64_t value, std::int64_t low, std::int64_t high) const {
  if (loading_ && (value < low || value > high))
    refuse("a number from " + std::to_string(low) + " to " + std::to_string(high), std::to_string(value));
}

void Archive::refuse(const std::string& want, const std::string& found) const {
  throw Error(place_ + ": " + field_ + ": want " + want + ", found " + found + "; train again");
}

void Archive::want_count(std::uint64_t value) const {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 53U;
  if (loading_ && value > kMost) refuse("at most " + std::to_string(kMost), std::to_string(value));
}

void Archive::want_finite(ConstVectorRef values, double least) const {
  if (!loading_) return;
  for (const float value : values) want_finite(static_cast<double>(value), least);
}

void Archive::want_finite(double value, double least) const {
  if (!loading_ || (std::isfinite(value) && value >= least)) return;
  refuse(std::isfinite(least) ? "numbers of at least " + std::to_string(least) : "finite numbers",
         std::to_string(value));
}

void Archive::want_shape(const Matrix& value, std::int64_t rows, std::int64_t columns) const {
  if (!loading_ || (value.rows() == rows && value.cols() == columns)) return;
  const auto shape = [](std::int64_t r, std::int64_t c) {
    return "[" + std::to_string(r) + ", " + std::to_string(c) + "]";
  };
  refuse(shape(rows, columns), shape(value.rows(), value.cols()));
}

void Archive::want_flags(const std::vector<std::uint8_t>& flags, std::int64_t count) const {
  if (!loading_) return;
  if (static_cast<std::int64_t>(flags.size()) != count) {
    refuse(std::to_string(count) + " flags", std::to_string(flags.size()));
  }
  for (const std::uint8_t flag : flags) want_range(flag, 0, 1);
}

void Archive::finish() const {
  if (loading_ && position_ != bytes_.size()) {
    throw Error(place_ + ": " + std::to_string(bytes_.size() - position_) +
                " bytes too many; it was saved with other options or by another version: train again");
  }
}

}  // namespace understudy
