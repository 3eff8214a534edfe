#include "datasets/storage/archive.h"

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
  if (!stream) throw Error(place_ + ": " + field_ + ": no state of a random generator; train again");
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

void Archive::finish() const {
  if (loading_ && position_ != bytes_.size()) {
    throw Error(place_ + ": " + std::to_string(bytes_.size() - position_) +
                " bytes too many; it was saved with other options or by another version: train again");
  }
}

void serialise_adam(Archive& archive, AdamState& adam) {
  archive("adam first", adam.first);
  archive("adam second", adam.second);
  archive("adam steps", adam.steps);
}

}  // namespace understudy
