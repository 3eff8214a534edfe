// The text form of a Randomisation: the part of TOML that it needs, read strictly and line by line.

#include <cctype>
#include <charconv>
#include <cstdio>

#include "datasets/types/error.h"
#include "envs/contract/environment.h"
#include "envs/randomisation/randomisation.h"

namespace understudy {
namespace {

using Kind = Distribution::Kind;

/// Reads one line from left to right; every failure says what was wanted and what stands there.
class LineReader {
 public:
  explicit LineReader(std::string_view line) : rest_(line) {}

  bool at_end() {
    skip_space();
    return rest_.empty() || rest_.front() == '#';
  }
  bool take(char c) {
    skip_space();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void want(char c, const char* where) {
    if (!take(c)) fail(std::string("want '") + c + "' " + where);
  }
  void want_end() {
    if (!at_end()) fail("want the end of the line");
  }

  /// Bare words with dots between them.
  std::string key(const char* what) {
    skip_space();
    std::size_t length = 0;
    while (length < rest_.size() && (std::isalnum(static_cast<unsigned char>(rest_[length])) != 0 ||
                                     rest_[length] == '_' || rest_[length] == '.')) {
      ++length;
    }
    const std::string word(rest_.substr(0, length));
    if (word.empty() || word.front() == '.' || word.back() == '.' || word.find("..") != std::string::npos) {
      fail(std::string("want ") + what);
    }
    rest_.remove_prefix(length);
    return word;
  }

  double number() {
    skip_space();
    const bool plus = !rest_.empty() && rest_.front() == '+';
    double value = 0;
    const char* const begin = rest_.data() + (plus ? 1 : 0);
    const char* const end = rest_.data() + rest_.size();
    const auto [after, error] = std::from_chars(begin, end, value);
    const bool digit =
        begin != end && (std::isdigit(static_cast<unsigned char>(*begin)) != 0 || *begin == '-');
    if (error != std::errc() || !digit) fail("want a number");
    rest_.remove_prefix(static_cast<std::size_t>(after - rest_.data()));
    return value;
  }

  std::vector<double> numbers() {
    want('[', "before the numbers");
    std::vector<double> values;
    while (!take(']')) {
      if (!values.empty()) {
        want(',', "or ']' after a number");
        if (take(']')) break;
      }
      values.push_back(number());
    }
    return values;
  }

  Distribution distribution() {
    if (!take('{')) return {.kind = Kind::kConstant, .values = {number()}};
    Distribution read;
    bool has_kind = false;
    do {
      const std::string word = key("a distribution: uniform, log_uniform, normal, integer or choice");
      want('=', ("after " + word).c_str());
      if (word == "low" || word == "high") {
        auto& bound = word == "low" ? read.low : read.high;
        if (bound) throw UsageError("'" + word + "' is there twice");
        bound = number();
        continue;
      }
      if (has_kind) throw UsageError("want one distribution, found '" + word + "' as a second");
      has_kind = true;
      read.kind = kind(word);
      read.values = numbers();
    } while (take(','));
    want('}', "after the distribution");
    if (!has_kind) throw UsageError("want a distribution beside low and high, e.g. normal = [0, 1]");
    return read;
  }

 private:
  static Kind kind(const std::string& word) {
    constexpr std::pair<const char*, Kind> kKinds[] = {{"uniform", Kind::kUniform},
                                                       {"log_uniform", Kind::kLogUniform},
                                                       {"normal", Kind::kNormal},
                                                       {"integer", Kind::kInteger},
                                                       {"choice", Kind::kChoice}};
    std::vector<std::string> known;
    for (const auto& [name, value] : kKinds) {
      if (word == name) return value;
      known.emplace_back(name);
    }
    throw UsageError(unknown_name("distribution", word, known));
  }

  void skip_space() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t' || rest_.front() == '\r')) {
      rest_.remove_prefix(1);
    }
  }
  [[noreturn]] void fail(const std::string& expectation) const {
    throw UsageError(expectation + ", found " +
                     (rest_.empty() ? std::string("the end of the line") : "'" + std::string(rest_) + "'"));
  }

  std::string_view rest_;
};

void read_line(std::string_view line, std::string& section, Randomisation& randomisation) {
  LineReader reader(line);
  if (reader.at_end()) return;
  if (reader.take('[')) {
    section = reader.key("the name of a section, e.g. [physics]") + ".";
    reader.want(']', "after the name of a section");
    reader.want_end();
    return;
  }
  const std::string key = section + reader.key("'key = distribution' or a [section]");
  find_quantity(key);
  reader.want('=', "after the key");
  Distribution distribution;
  try {
    distribution = reader.distribution();
    reader.want_end();
  } catch (const UsageError& error) {
    throw UsageError(key + ": " + error.what());
  }
  randomisation.set(key, std::move(distribution));
}

std::string section_of(const std::string& key) {
  return key.substr(0, key.rfind('.'));
}
std::string name_in_section(const std::string& key) {
  return key.substr(key.rfind('.') + 1);
}

}  // namespace

Randomisation parse_randomisation(std::string_view text, const std::string& place) {
  Randomisation randomisation;
  std::string section;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    try {
      read_line(text.substr(0, end), section, randomisation);
    } catch (const UsageError& error) {
      throw UsageError(place + ":" + std::to_string(number) + ": " + error.what());
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return randomisation;
}

std::string to_toml(const Randomisation& randomisation) {
  std::string text, section;
  for (const auto& [key, distribution] : randomisation.distributions()) {
    if (section_of(key) != section) {
      section = section_of(key);
      text += "[" + section + "]\n";
    }
    text += name_in_section(key) + " = " + to_text(distribution) + "\n";
  }
  return text;
}

std::string example_randomisation(const EnvironmentSpec& spec) {
  std::string text = "# What episodes of " + spec.id +
                     " can be varied by. Remove what shall stay as it is; a plain number is fixed.\n"
                     "# Distributions: { uniform = [low, high] }, { log_uniform = [low, high] }, "
                     "{ integer = [low, high] },\n"
                     "# { normal = [mean, deviation], low = ..., high = ... }, { choice = [a, b, ...] }\n";
  std::string section;
  for (const Quantity& quantity : quantities_of(spec)) {
    if (section_of(quantity.key) != section) {
      section = section_of(quantity.key);
      text += "\n[" + section + "]\n";
    }
    char line[200];
    std::snprintf(line, sizeof line, "%-50s # %s, %g to %g; %s\n",
                  (name_in_section(quantity.key) + " = " + quantity.example).c_str(), quantity.unit.c_str(),
                  quantity.low, quantity.high, quantity.meaning.c_str());
    text += line;
  }
  return text;
}

}  // namespace understudy
