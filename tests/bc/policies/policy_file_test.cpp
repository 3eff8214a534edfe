// Policy files that are old, spoilt by accident, or made to do harm.

#include "bc/policies/policy_file.h"

#include <cstring>
#include <nlohmann/json.hpp>

#include "bc/policies/mlp_policy.h"
#include "bc/policies/policy_archive.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/policy_files.h"
#include "tests/support/random_policy.h"
#include "tests/support/script_file.h"
#include "tests/support/temporary_directory.h"

namespace understudy {

using namespace tests;

namespace {

using nlohmann::ordered_json;

/// A small policy's file.
std::filesystem::path small_file(const TemporaryDirectory& scratch) {
  save_policy(random_policy(Likelihood::kMse, true, Activation::kTanh, {3}, 1), scratch / "policy.pt");
  return scratch / "policy.pt";
}

/// A file of the first schema, as this program's ancestors wrote them.
std::filesystem::path old_file(const TemporaryDirectory& scratch) {
  std::filesystem::copy_file(UNDERSTUDY_EXPERTS "/Reacher/policy.pt", scratch / "old.pt");
  return scratch / "old.pt";
}

/// With another description, checksums right.
void describe(const std::filesystem::path& file, const std::function<void(ordered_json&)>& change) {
  forge(file, [&](std::vector<ZipContent>& records) {
    std::string& text = record_of(records, "/understudy.json").bytes;
    auto document = ordered_json::parse(text);
    change(document);
    text = document.dump(2);
  });
}

/// Overwrites `count` bytes of the file.
void overwrite(std::string& bytes, std::size_t at, std::uint64_t value, std::size_t count) {
  REQUIRE(at + count <= bytes.size());
  std::memcpy(bytes.data() + at, &value, count);
}

}  // namespace

TEST_CASE("policies written by the first version load, and act like their TorchScript", "[bc]") {
  const auto task = GENERATE(std::string("Ant"), std::string("Dog"), std::string("Humanoid"),
                             std::string("InvertedPendulumSwingup"), std::string("Reacher"));
  const std::filesystem::path file = std::filesystem::path(UNDERSTUDY_EXPERTS) / task / "policy.pt";
  const Policy policy = load_policy(file);
  CHECK(policy.environment_id == task);
  CHECK(policy.network->kind() == "mlp");
  Rng rng(1);
  Matrix observations(20, policy.observation.size());
  for (float& value : observations.reshaped()) value = static_cast<float>(rng.normal());
  Matrix ours(20, policy.action.size());
  Matrix scripted(20, policy.action.size());
  policy_actor(policy)->act(observations, ours);
  script_in_file(file)->act(observations, scripted);
  CHECK((ours - scripted).cwiseAbs().maxCoeff() < 1e-4F);  // some scales are 100
  CHECK(ours.cwiseAbs().maxCoeff() > 0.1F);
}

TEST_CASE("a policy of the first version is saved in the present one with the same numbers", "[bc]") {
  const TemporaryDirectory scratch;
  const Policy old = load_policy(old_file(scratch));
  save_policy(old, scratch / "new.pt");
  const Policy back = load_policy(scratch / "new.pt");
  CHECK(mlp_of(back).parameters == mlp_of(old).parameters);
  CHECK(back.normaliser.scale == old.normaliser.scale);
  CHECK(back.config == old.config);
}

TEST_CASE("the checksum in a policy is the documented one", "[bc]") {
  const TemporaryDirectory scratch;
  const auto records = read_zip(small_file(scratch));
  auto copy = records;
  const auto named =
      nlohmann::json::parse(record_of(copy, "/understudy.json").bytes).at("sha256").get<std::string>();
  CHECK(named == documented_sha256(records, named));
}

TEST_CASE("a policy's file does not say where it was written", "[bc]") {
  const TemporaryDirectory scratch;
  for (const ZipContent& record : read_zip(small_file(scratch))) {
    CAPTURE(record.name);
    CHECK(record.bytes.find(scratch.path().string()) == std::string::npos);
  }
}

TEST_CASE("a flipped bit in a weight is refused, with a stale checksum of the record and with a right one",
          "[bc]") {
  const TemporaryDirectory scratch;
  const auto file = small_file(scratch);
  auto records = read_zip(file);
  const std::string weight = record_of(records, "/data/2").bytes;
  std::string bytes = content(file);
  const std::size_t at = bytes.find(weight);
  REQUIRE(at != std::string::npos);
  bytes[at + 5] = static_cast<char>(bytes[at + 5] ^ 4);
  write_content(scratch / "stale.pt", bytes);
  CHECK_THAT(refusal(scratch / "stale.pt"), ContainsSubstring("damaged or truncated"));

  record_of(records, "/data/2").bytes[5] = static_cast<char>(weight[5] ^ 4);
  write_zip(scratch / "right.pt", records);
  CHECK_THAT(refusal(scratch / "right.pt"), ContainsSubstring("changed since it was written: want SHA-256"));
}

TEST_CASE("any record that is changed is refused", "[bc]") {
  const TemporaryDirectory scratch;
  const auto records = read_zip(small_file(scratch));
  for (std::size_t i = 0; i < records.size(); ++i) {
    CAPTURE(records[i].name);
    auto changed = records;
    std::string& bytes = changed[i].bytes;
    if (const std::size_t config = bytes.find("seed = 1"); config != std::string::npos) {
      bytes[config + 7] = '2';
    } else {
      bytes.back() = static_cast<char>(bytes.back() ^ 1);
    }
    if (records[i].name.ends_with("serialization_id")) continue;
    write_zip(scratch / "changed.pt", changed);
    CHECK_NOTHROW(refusal(scratch / "changed.pt"));
  }
}

TEST_CASE("a file cut anywhere is refused in one line", "[bc]") {
  const TemporaryDirectory scratch;
  const auto file = GENERATE(&small_file, &old_file)(scratch);
  const std::string whole = content(file);
  for (std::size_t size = 0; size < whole.size(); size += 256) {
    CAPTURE(size);
    write_content(scratch / "cut.pt", whole.substr(0, size));
    CHECK_NOTHROW(refusal(scratch / "cut.pt"));
  }
  for (std::size_t size = whole.size() - 200; size < whole.size(); ++size) {
    CAPTURE(size);
    write_content(scratch / "cut.pt", whole.substr(0, size));
    CHECK_NOTHROW(refusal(scratch / "cut.pt"));
  }
}

TEST_CASE("a file of which one bit is spoilt is refused or gives the same policy", "[bc]") {
  const TemporaryDirectory scratch;
  const std::string whole = content(small_file(scratch));
  const auto all_of = [](Policy policy) {
    Archive archive;
    serialise_policy(archive, policy);
    return archive.bytes();
  };
  const std::string policy = all_of(load_policy(scratch / "policy.pt"));
  int loaded = 0;
  int refused = 0;
  for (std::size_t at = 0; at < whole.size(); at += 3) {
    CAPTURE(at);
    std::string spoilt = whole;
    spoilt[at] = static_cast<char>(spoilt[at] ^ (1 << at % 8));
    write_content(scratch / "spoilt.pt", spoilt);
    try {
      const Policy found = load_policy(scratch / "spoilt.pt");
      ++loaded;
      if (all_of(found) != policy) FAIL("another policy");
    } catch (const Error&) {
      ++refused;
    }
  }
  CHECK(loaded > 0);  // padding between records
  CHECK(refused > loaded);
}

TEST_CASE("shapes that the numbers do not have are refused", "[bc]") {
  const TemporaryDirectory scratch;
  const auto file = GENERATE(&small_file, &old_file)(scratch);
  const std::string good = content(file);
  const auto refused = [&](const std::string& message, auto change) {
    write_content(file, good);
    describe(file, change);
    CHECK_THAT(refusal(file), ContainsSubstring(message));
  };
  const auto hidden = [](ordered_json widths) {
    return [widths](ordered_json& document) { document["network"]["hidden"] = widths; };
  };
  refused("", hidden({4}));
  refused("want a list of widths", hidden(5));
  refused("", hidden({30000, 30000}));
  refused("fewer than 2^31 weights", hidden({2147483647, 2147483647}));
  refused("layers of at least 1 unit, found -3", hidden({-3}));
  refused("layers of at least 1 unit, found 0", hidden({0}));
  refused("", hidden({4294967299}));
  refused("", hidden({3.5e300}));
  refused("at most 1000 layers", hidden(std::vector<int>(5000, 1)));
  refused("field size: want a whole number",
          [](ordered_json& document) { document["observation"][0]["size"] = 2'000'000'000; });
  refused("field size: want a whole number",
          [](ordered_json& document) { document["observation"][0]["size"] = -1; });
  refused("", [](ordered_json& document) { document["observation"][0]["size"] = 1000; });
}

TEST_CASE("a list of tensors other than the network's is refused", "[bc]") {
  const TemporaryDirectory scratch;
  const auto file = small_file(scratch);
  const std::string good = content(file);
  const auto refused = [&](auto change) {
    write_content(file, good);
    describe(file, [&](ordered_json& document) { change(document["tensors"]); });
    CHECK_THAT(refusal(file), ContainsSubstring("tensors: want"));
  };
  refused([](ordered_json& tensors) { tensors[2]["shape"] = {-3, -17}; });
  refused([](ordered_json& tensors) { tensors[2]["shape"] = {1099511627776, 1099511627776}; });
  refused([](ordered_json& tensors) { tensors[2]["record"] = "data/3"; });
  refused([](ordered_json& tensors) { tensors[2]["record"] = "../../etc/passwd"; });
  refused([](ordered_json& tensors) { tensors[2]["dtype"] = "f64"; });
  refused([](ordered_json& tensors) { tensors[2]["name"] = "weight_7"; });
  refused([](ordered_json& tensors) { tensors.erase(5); });
  refused([](ordered_json& tensors) { tensors.push_back(tensors[0]); });
  refused([](ordered_json& tensors) { tensors = 7; });
}

TEST_CASE("80,000 levels of nesting are refused, not followed", "[bc]") {
  const TemporaryDirectory scratch;
  const auto file = GENERATE(&small_file, &old_file)(scratch);
  const std::string opening = GENERATE(std::string("["), std::string("{\"a\":"));
  forge(file, [&](std::vector<ZipContent>& records) {
    std::string deep;
    for (int level = 0; level < 80'000; ++level) deep += opening;
    std::string& text = record_of(records, "/understudy.json").bytes;
    text.insert(text.find('{') + 1, "\"config\": " + deep + ", ");
  });
  CHECK_THAT(refusal(file), ContainsSubstring("want at most 32 levels, found more"));
}

TEST_CASE("a file's text cannot steer the terminal that shows it", "[bc]") {
  const TemporaryDirectory scratch;
  const auto file = small_file(scratch);
  const std::string good = content(file);
  for (const char* text : {"\x1b[2J", "a\nb", "\x7f", "\xc2\x9b"}) {
    for (const char* member : {"environment", "learner", "program_version", "dataset_sha256"}) {
      CAPTURE(text, member);
      write_content(file, good);
      describe(file, [&](ordered_json& document) { document[member] = text; });
      CHECK_THAT(refusal(file), ContainsSubstring("without control characters"));
    }
    write_content(file, good);
    describe(file, [&](ordered_json& document) { document["network"]["activation"] = text; });
    CHECK_THAT(refusal(file), ContainsSubstring("without control characters"));
    write_content(file, good);
    describe(file, [&](ordered_json& document) { document[text] = 1; });
    CHECK_THAT(refusal(file), ContainsSubstring("without control characters"));
  }
  write_content(file, good);
  forge(file, [](std::vector<ZipContent>& records) { records.push_back({"archive/name", "x"}); });
  std::string named = content(file);
  for (std::size_t at = named.find("archive/name"); at != std::string::npos;
       at = named.find("archive/name")) {
    named.replace(at, 12, "archive/\x1b[2J");
  }
  write_content(file, named);
  CHECK_THAT(refusal(file), ContainsSubstring("a record whose name is not one of a policy's"));
  // What is never shown may hold anything, line ends first of all.
  write_content(file, good);
  describe(file, [](ordered_json& document) { document["config"] = "a = \"\x1b[2J\"\n"; });
  CHECK(load_policy(file).config == "a = \"\x1b[2J\"\n");
}

TEST_CASE("records that a policy does not have, or has otherwise, are refused", "[bc]") {
  const TemporaryDirectory scratch;
  const auto file = GENERATE(&small_file, &old_file)(scratch);
  const std::string good = content(file);
  const auto refused = [&](const std::string& message, auto change) {
    write_content(file, good);
    forge(file, change);
    CHECK_THAT(refusal(file), ContainsSubstring(message));
  };
  using Records = std::vector<ZipContent>;
  refused("a record code/__torch__/more.py", [](Records& records) {
    records.push_back({"archive/code/__torch__/more.py", "x = 1"});
  });
  refused("a record data/99", [](Records& records) { records.push_back({"archive/data/99", "abcd"}); });
  refused("a record elsewhere/version", [](Records& records) {
    records.push_back({"elsewhere/version", "3"});
  });
  refused("found no such record", [](Records& records) {
    std::erase_if(records, [](const ZipContent& record) { return record.name.ends_with("/data/3"); });
  });
  refused("compressed", [](Records& records) {
    record_of(records, "/data/2").bytes.assign(record_of(records, "/data/2").bytes.size(), '\0');
    record_of(records, "/data/2").compressed = true;
  });
  refused("bytes as they are, found",
          [](Records& records) { record_of(records, "/data/2").bytes += "abcd"; });
  refused("want at most 1048576 bytes", [](Records& records) {
    record_of(records, "/understudy.json").bytes += std::string(1 << 21, ' ');
    record_of(records, "/understudy.json").compressed = true;
  });
  refused("want at most 4194304 bytes", [](Records& records) {
    record_of(records, "/constants.pkl").bytes = std::string(64 << 20, ' ');
    record_of(records, "/constants.pkl").compressed = true;
  });
  refused("code that would run", [](Records& records) {
    record_of(records, "/code/__torch__.py").bytes +=
        "  def __setstate__(self, state: int) -> NoneType:\n    return None\n";
  });
  refused("data/0 (mean): want numbers, found no such record", [](Records& records) {
    records = {{"archive/extra/understudy.json", record_of(records, "/understudy.json").bytes}};
  });
}

TEST_CASE("offsets, sizes and counts of the archive are not trusted", "[bc]") {
  const TemporaryDirectory scratch;
  const auto file = GENERATE(&small_file, &old_file)(scratch);
  const std::string good = content(file);
  const std::size_t end = good.rfind("PK\x06\x06");  // LibTorch writes the record of large archives always
  const std::size_t locator = good.rfind("PK\x06\x07");
  REQUIRE(locator != std::string::npos);
  const auto refused = [&](std::size_t at, std::uint64_t value, std::size_t count) {
    CAPTURE(at, value);
    std::string bytes = good;
    overwrite(bytes, at, value, count);
    write_content(file, bytes);
    CHECK_NOTHROW(refusal(file));
  };
  for (std::size_t entry = good.find("PK\x01\x02"); entry != std::string::npos;
       entry = good.find("PK\x01\x02", entry + 1)) {
    for (const std::uint64_t value :
         {0x7FFFFFF0ULL, 0xFFFFFFFFULL, static_cast<unsigned long long>(good.size())}) {
      refused(entry + 20, value, 4);           // compressed size
      refused(entry + 24, value, 4);           // size
      refused(entry + 42, value, 4);           // offset
      refused(entry + 28, value & 0xFFFF, 2);  // length of the name
      refused(entry + 30, value & 0xFFFF, 2);  // of the extra field
    }
  }
  for (const std::uint64_t value : {std::uint64_t{0xFFFF}, std::uint64_t{1} << 40, ~std::uint64_t{0}}) {
    refused(end + 24, value, 8);  // number of entries
    refused(end + 32, value, 8);
    refused(end + 40, value, 8);     // size of the directory
    refused(end + 48, value, 8);     // where it begins
    refused(locator + 8, value, 8);  // where this record is
  }
}

TEST_CASE("other versions and other kinds of policies are refused by name", "[bc]") {
  const TemporaryDirectory scratch;
  const auto file = small_file(scratch);
  const std::string good = content(file);
  const auto refused = [&](const std::string& message, auto change) {
    write_content(file, good);
    describe(file, change);
    CHECK_THAT(refusal(file), ContainsSubstring(message));
  };
  refused("schema: want 1 or 2, found 3; it was written by another version: update this program",
          [](ordered_json& document) { document["schema"] = 3; });
  refused("schema: want a whole number", [](ordered_json& document) { document["schema"] = "new"; });
  refused("unknown kind of policy 'perceptron'",
          [](ordered_json& document) { document["network"]["kind"] = "perceptron"; });
  refused("unknown activation 'gelu'",
          [](ordered_json& document) { document["network"]["activation"] = "gelu"; });
  refused("key 'learner' not found", [](ordered_json& document) { document.erase("learner"); });
  refused("observation_history: want a whole number from 1",
          [](ordered_json& document) { document["observation_history"] = 0; });
  refused("observation_history: want 1 with an MLP, found 4",
          [](ordered_json& document) { document["observation_history"] = 4; });
  write_content(file, good);
  forge(file, [](std::vector<ZipContent>& records) { record_of(records, "/understudy.json").bytes = "{]"; });
  CHECK_THAT(refusal(file), ContainsSubstring("cannot be read as JSON"));
  write_zip(file, {{"archive/version", "3\n"}});
  CHECK_THAT(refusal(file), ContainsSubstring("a TorchScript archive without understudy.json"));
}

}  // namespace understudy
