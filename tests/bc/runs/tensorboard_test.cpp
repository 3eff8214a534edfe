#include "bc/runs/tensorboard.h"

#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "datasets/storage/crc32c.h"
#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/temporary_directory.h"

namespace understudy {
using namespace tests;
namespace {

std::uint64_t little_endian(const std::string& bytes, std::size_t at, int size) {
  std::uint64_t value = 0;
  for (int i = size - 1; i >= 0; --i)
    value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<unsigned>(i)]);
  return value;
}

/// The records of a TFRecord file, every checksum verified.
std::vector<std::string> records(const std::string& bytes) {
  std::vector<std::string> found;
  for (std::size_t at = 0; at < bytes.size();) {
    REQUIRE(at + 12 <= bytes.size());
    const auto length = static_cast<std::size_t>(little_endian(bytes, at, 8));
    REQUIRE(little_endian(bytes, at + 8, 4) == masked_crc32c(bytes.substr(at, 8)));
    REQUIRE(at + 16 + length <= bytes.size());
    found.push_back(bytes.substr(at + 12, length));
    REQUIRE(little_endian(bytes, at + 12 + length, 4) == masked_crc32c(found.back()));
    at += 16 + length;
  }
  return found;
}

/// A protobuf message's fields by number, raw: the last one of each number.
std::map<int, std::string> fields(const std::string& message) {
  std::map<int, std::string> found;
  std::size_t at = 0;
  const auto varint = [&] {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      REQUIRE(at < message.size());
      const auto byte = static_cast<unsigned char>(message[at++]);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.size()) {
    const std::uint64_t key = varint();
    std::size_t size = 0;
    std::string number;
    switch (key & 7) {
      case 0:
        number = std::to_string(static_cast<std::int64_t>(varint()));
        break;
      case 1:
        size = 8;
        break;
      case 2:
        size = static_cast<std::size_t>(varint());
        break;
      case 5:
        size = 4;
        break;
      default:
        FAIL("unknown wire type");
    }
    REQUIRE(at + size <= message.size());
    found[static_cast<int>(key >> 3)] = number.empty() ? message.substr(at, size) : number;
    at += size;
  }
  return found;
}

template <class Number>
Number number(const std::string& bytes) {
  Number value;
  REQUIRE(bytes.size() == sizeof value);
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

}  // namespace

TEST_CASE("CRC-32C has its published values", "[bc]") {
  CHECK(crc32c("") == 0);
  CHECK(crc32c("123456789") == 0xe3069283U);
  CHECK(crc32c(std::string(32, '\0')) == 0x8a9136aaU);  // RFC 3720, appendix B.4
  CHECK(crc32c(std::string(32, '\xff')) == 0x62a8ab43U);
  std::string ascending;
  for (int i = 0; i < 32; ++i) ascending += static_cast<char>(i);
  CHECK(crc32c(ascending) == 0x46dd794eU);
}

TEST_CASE("scalars are read back from the event file with their steps and tags", "[bc]") {
  const TemporaryDirectory scratch;
  EventWriter writer(scratch / "", 7);
  writer.scalar("train/loss", 8, 0.25F);
  writer.scalar("rollout/success_rate", 300, 1.0F);
  const auto found = records(content(writer.path()));
  REQUIRE(found.size() == 4);
  CHECK(fields(found[0]).at(3) == "brain.Event:2");
  // 1.7e9 s is November 2023: wall time is in seconds since 1970.
  CHECK(number<double>(fields(found[0]).at(1)) > 1.7e9);
  const auto start = fields(found[1]);
  CHECK(start.at(2) == "7");
  CHECK(fields(start.at(7)).at(1) == "1");
  const auto scalar = [](const std::string& event) {
    const auto value = fields(fields(fields(event).at(5)).at(1));
    return std::pair(value.at(1), number<float>(value.at(2)));
  };
  CHECK(fields(found[2]).at(2) == "8");
  CHECK(scalar(found[2]) == std::pair<std::string, float>("train/loss", 0.25F));
  CHECK(fields(found[3]).at(2) == "300");
  CHECK(scalar(found[3]) == std::pair<std::string, float>("rollout/success_rate", 1.0F));
}

TEST_CASE("hyperparameters are read back from the event file with their kinds, the empty ones left out",
          "[bc]") {
  const TemporaryDirectory scratch;
  EventWriter writer(scratch / "", 1);
  writer.begin_session({{"learning-rate", 0.25}});
  writer.begin_session({{"mask", ""}, {"linear", true}});
  writer.begin_session({{"policy", "rnn"}});
  writer.end_session();
  const auto found = records(content(writer.path()));
  REQUIRE(found.size() == 6);
  const auto plugin_data = [](const std::string& event, const std::string& tag) {
    const auto value = fields(fields(fields(event).at(5)).at(1));
    CHECK(value.at(1) == tag);
    const auto plugin = fields(fields(value.at(9)).at(1));
    CHECK(plugin.at(1) == "hparams");
    return fields(plugin.at(2));
  };
  const auto parameter = [&](int record) {
    const auto data = plugin_data(found[static_cast<std::size_t>(record)], "_hparams_/session_start_info");
    const auto entry = fields(fields(data.at(3)).at(1));
    return std::pair(entry.at(1), fields(entry.at(2)));
  };
  CHECK(parameter(2).first == "learning-rate");
  CHECK(number<double>(parameter(2).second.at(2)) == 0.25);
  CHECK(parameter(3).first == "linear");
  CHECK(parameter(3).second.at(4) == "1");
  CHECK(parameter(4).first == "policy");
  CHECK(parameter(4).second.at(3) == "rnn");
  const auto end = fields(plugin_data(found[5], "_hparams_/session_end_info").at(4));
  CHECK(end.at(1) == "1");
  CHECK(number<double>(end.at(2)) > 1.7e9);
}

TEST_CASE("a resumed run opens another event file in the same directory", "[bc]") {
  const TemporaryDirectory scratch;
  const EventWriter first(scratch / "", 0);
  const EventWriter second(scratch / "", 5);
  CHECK(first.path() != second.path());
  CHECK(first.path().parent_path() == second.path().parent_path());
}

TEST_CASE("an event file that cannot be made is reported with its path", "[bc]") {
  CHECK_THROWS_WITH(EventWriter("/no-such-directory", 0), ContainsSubstring("/no-such-directory"));
}

}  // namespace understudy
