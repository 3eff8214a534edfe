#include "datasets/types/toml.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

#include "datasets/types/error.h"
#include "datasets/types/rng.h"
#include "tests/support/catch.h"

namespace understudy::tests {
namespace {

using Kind = TomlValue::Kind;

std::vector<TomlValue> parse(std::string_view text) {
  return parse_toml(text, "my.toml");
}

/// The only value of a document, written as `key = value`.
TomlValue value_of(const std::string& written) {
  const auto values = parse("key = " + written + "\n");
  REQUIRE(values.size() == 1);
  return values.front();
}

TEST_CASE("values come in file order, each with kind, text and place") {
  const auto values = parse(
      "# a comment\nseed = 0x1F\n\n  rate = 1e-07 # trailing\r\nname = 'C:\\runs'\n"
      "json = true\nwidths = [ 64,\n  32, ]\nshare = 2.0\n");
  struct Want {
    const char *key, *text, *place, *key_place;
    Kind kind;
  };
  const Want want[] = {{"seed", "31", "my.toml:2:8", "my.toml:2:1", Kind::kInteger},
                       {"rate", "1e-07", "my.toml:4:10", "my.toml:4:3", Kind::kFloat},
                       {"name", "C:\\runs", "my.toml:5:8", "my.toml:5:1", Kind::kString},
                       {"json", "true", "my.toml:6:8", "my.toml:6:1", Kind::kBoolean},
                       {"widths", "", "my.toml:7:10", "my.toml:7:1", Kind::kArray},
                       {"share", "2.0", "my.toml:9:9", "my.toml:9:1", Kind::kFloat}};
  REQUIRE(values.size() == std::size(want));
  for (std::size_t i = 0; i < values.size(); ++i) {
    CAPTURE(want[i].key);
    CHECK(values[i].key == want[i].key);
    CHECK(values[i].path == want[i].key);
    CHECK(values[i].text == want[i].text);
    CHECK(values[i].place == want[i].place);
    CHECK(values[i].key_place == want[i].key_place);
    CHECK(values[i].kind == want[i].kind);
  }
  REQUIRE(values[4].items.size() == 2);
  CHECK(values[4].items[1].text == "32");
  CHECK(values[4].items[1].place == "my.toml:8:3");
}

TEST_CASE("sections, dotted keys and inline tables give the same tree") {
  for (const char* text : {"[physics]\nmass = { uniform = [1, 2] }", "physics.mass.uniform = [1, 2]",
                           "[physics.mass]\nuniform = [1, 2]", "physics = { mass.uniform = [1, 2] }"}) {
    CAPTURE(text);
    const auto values = parse(text);
    REQUIRE(values.size() == 1);
    CHECK(values[0].kind == Kind::kTable);
    const TomlValue& mass = values.at(0).items.at(0);
    CHECK(mass.key == "mass");
    CHECK(mass.path == "physics.mass");
    const TomlValue& uniform = mass.items.at(0);
    CHECK(uniform.path == "physics.mass.uniform");
    CHECK(uniform.items.size() == 2);
    CHECK(find_value(values, "physics.mass.uniform") == &uniform);
    CHECK(find_value(values, "mass") == nullptr);
  }
}

TEST_CASE("what is not TOML, or nothing here takes, is refused with line and column") {
  struct Case {
    std::string text;
    const char *place, *complaint;
  };
  const Case c = GENERATE(values<Case>({
      {"env = Drive", "my.toml:1:7: ", "found 'Drive'"},
      {"seed = 1\nseed = 2", "my.toml:2:", "every key and table once"},
      {"[a]\nx = 1\n[a]\ny = 2", "my.toml:3:1: ", "every key and table once"},
      {"seed = 18446744073709551615", "my.toml:1:", "whole numbers beyond 64 bits stand in quotes"},
      {"a = 1\nb = [1, 2\nc = 3", "my.toml:3:1: ", "found 'c = 3'"},
      {"a = 1 2", "my.toml:1:7: ", "found '2'"},
      {"a = \"\xc3\xa4\", b", "my.toml:1:8: ", "found ', b'"},
      {"a = 'x\n", "my.toml:1:7: ", "not TOML"},
      {"a =", "my.toml:1:4: ", "not TOML"},
      {"a = \xff\n", "my.toml:1:", "not TOML"},
      {std::string("a = \0", 5), "my.toml:1:5: ", "not TOML"},
      {"json", "my.toml:1:5: ", "not TOML"},
      {"day = 2026-01-31", "my.toml:1:7: ", "day: want text, a number, true or false, found a date or time"},
      {"a = [1, [2]]", "my.toml:1:9: ", "a: want a list of texts or numbers, found a list in it"},
      {"[[a]]\nb = 1", "my.toml:1:1: ", "a: want a list of texts or numbers, found a table in it"},
  }));
  CAPTURE(c.text);
  try {
    parse(c.text);
    FAIL("was read");
  } catch (const Error& error) {
    const std::string line = error.what();
    CHECK(line.starts_with(c.place));
    CHECK_THAT(line, ContainsSubstring(c.complaint));
    CHECK(line.find('\n') == std::string::npos);
  }
}

TEST_CASE("a float reads back bit for bit, and as a float") {
  Rng rng(5);
  std::vector<double> numbers{0.0,
                              -0.0,
                              1,
                              -3,
                              1e22,
                              1e-7,
                              0.1,
                              2.2250738585072014e-308,
                              5e-324,
                              std::numeric_limits<double>::max(),
                              std::numeric_limits<double>::infinity()};
  for (int i = 0; i < 2000; ++i) {
    const double any = std::bit_cast<double>(rng.bits());
    if (!std::isnan(any)) numbers.push_back(any);
  }
  for (const double number : numbers) {
    const TomlValue value = value_of(toml_text(number));
    CAPTURE(value.text);
    CHECK(value.kind == Kind::kFloat);
    double back = 0;
    std::from_chars(value.text.data(), value.text.data() + value.text.size(), back);
    CHECK(std::bit_cast<std::uint64_t>(back) == std::bit_cast<std::uint64_t>(number));
  }
}

TEST_CASE("strings, whole numbers, booleans and lists read back as they were") {
  for (const std::string text :
       {"", "Drive", "a \"b\" 'c' \\ d", "line\nbreak\ttab\x7f\x01", "\xc3\xa4 # no comment"}) {
    CHECK(value_of(toml_text(text)).text == text);
    CHECK(value_of(toml_text(text)).kind == Kind::kString);
  }
  CHECK(value_of(toml_text(std::numeric_limits<std::int64_t>::min())).text == "-9223372036854775808");
  CHECK(value_of(toml_text(std::uint64_t{9223372036854775807})).kind == Kind::kInteger);
  CHECK(value_of(toml_text(std::uint64_t{18446744073709551615U})).text == "18446744073709551615");
  CHECK(value_of(toml_text(false)).text == "false");
  CHECK(value_of(toml_text("literal")).kind == Kind::kString);
  const TomlValue list = value_of(toml_text(std::vector<std::string>{"a, b", "c"}));
  REQUIRE(list.items.size() == 2);
  CHECK(list.items[0].text == "a, b");
  CHECK(value_of(toml_text(std::vector<int>{})).items.empty());
}

TEST_CASE("a document is written in the order of the calls and reads back with the same names") {
  TomlWriter writer;
  writer.comment("understudy train sac");
  writer.add("steps", 1000);
  writer.add("learning-rate", 0.00031);
  writer.table("keys.of mine");
  writer.add("'", "camera");
  CHECK(writer.text() ==
        "# understudy train sac\nsteps = 1000\nlearning-rate = 0.00031\n[\"keys.of mine\"]\n\"'\" = "
        "\"camera\"\n");
  const auto values = parse(writer.text());
  REQUIRE(values.size() == 3);
  CHECK(values[2].key == "keys.of mine");
  CHECK(values[2].items.at(0).key == "'");
}

TEST_CASE("what was found is named by its kind") {
  CHECK(value_of("'fast'").found() == "the text 'fast'");
  CHECK(value_of("0.50").found() == "the number 0.5");
  CHECK(value_of("true").found() == "true");
  CHECK(value_of("[1]").found() == "a list");
  CHECK(value_of("{ a = 1 }").found() == "a table");
}

}  // namespace
}  // namespace understudy::tests
