#include "bc/policies/zip_records.h"

#include <zip.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <utility>

#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

/// More records than any policy has tensors.
constexpr zip_int64_t kMostRecords = 10'000;
constexpr std::size_t kMostNameCharacters = 200;

[[noreturn]] void damaged(const std::string& place) {
  throw Error(place + ": damaged or truncated TorchScript archive; copy it again or train again");
}

bool plain(const std::string& name) {
  return name.size() <= kMostNameCharacters && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                  c == '/' || c == '_' || c == '-';
         });
}

/// Takes `source`, whatever happens.
zip_t* open(zip_source_t* source, bool looks_like_zip, const std::string& place) {
  zip_error_t error;
  zip_error_init(&error);
  zip_t* archive =
      source == nullptr ? nullptr : zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
  const std::string refusal = zip_error_system_type(&error) == ZIP_ET_SYS ? zip_error_strerror(&error) : "";
  zip_error_fini(&error);
  if (archive != nullptr) return archive;
  if (source != nullptr) zip_source_free(source);
  if (!refusal.empty()) throw Error(place + ": cannot be read: " + refusal);
  if (looks_like_zip) damaged(place);
  throw Error(place + ": want a TorchScript archive (policy.pt), found another kind of file");
}

bool begins_like_zip(std::string_view bytes) {
  return bytes.substr(0, 2) == "PK";
}

std::string first_bytes(const std::filesystem::path& file) {
  char magic[2] = {};
  std::ifstream stream(file, std::ios::binary);
  stream.read(magic, sizeof magic);
  return {magic, static_cast<std::size_t>(stream.gcount())};
}

}  // namespace

void foreign_archive(const std::string& place, const std::string& what) {
  throw Error(place + ": want a policy written by `understudy train`, found an archive with " + what +
              "; train the policy again");
}

void ZipRecords::Discard::operator()(zip* archive) const {
  zip_discard(archive);
}

ZipRecords::ZipRecords(const std::filesystem::path& file) : place_(file.string()) {
  want_regular_file(file);
  archive_.reset(
      open(zip_source_file_create(file.c_str(), 0, 0, nullptr), begins_like_zip(first_bytes(file)), place_));
  list(std::filesystem::file_size(file));
}

ZipRecords::ZipRecords(std::string_view bytes, std::string place) : place_(std::move(place)) {
  archive_.reset(
      open(zip_source_buffer_create(bytes.data(), bytes.size(), 0, nullptr), begins_like_zip(bytes), place_));
  list(bytes.size());
}

ZipRecords::~ZipRecords() = default;

void ZipRecords::list(std::uint64_t bytes) {
  const zip_int64_t count = zip_get_num_entries(archive_.get(), 0);
  if (count < 0) damaged(place_);
  if (count > kMostRecords) foreign_archive(place_, std::to_string(count) + " records");
  std::set<std::string> names;
  for (zip_int64_t i = 0; i < count; ++i) {
    zip_stat_t stat;
    zip_stat_init(&stat);
    constexpr zip_uint64_t kWanted = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE |
                                     ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
    if (zip_stat_index(archive_.get(), static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW, &stat) != 0 ||
        (stat.valid & kWanted) != kWanted) {
      damaged(place_);
    }
    const std::string name = stat.name;
    if (!plain(name)) foreign_archive(place_, "a record whose name is not one of a policy's");
    if (!names.insert(name).second) foreign_archive(place_, "two records " + name);
    if (stat.encryption_method != ZIP_EM_NONE) foreign_archive(place_, "an encrypted record " + name);
    const bool stored = stat.comp_method == ZIP_CM_STORE;
    if (!stored && stat.comp_method != ZIP_CM_DEFLATE) {
      foreign_archive(place_, "a record " + name + " compressed in another way");
    }
    if (stat.comp_size > bytes || (stored && stat.size != stat.comp_size)) damaged(place_);
    records_.push_back({name, stat.size, stored});
  }
}

void ZipRecords::read(std::size_t index, void* to, std::uint64_t size) const {
  const std::string place = place_ + ":" + records_[index].name;
  const std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> file(zip_fopen_index(archive_.get(), index, 0),
                                                               zip_fclose);
  if (file == nullptr) damaged(place);
  auto* next = static_cast<char*>(to);
  for (std::uint64_t left = size; left > 0;) {
    const zip_int64_t got = zip_fread(file.get(), next, left);
    if (got <= 0) damaged(place);
    next += got;
    left -= static_cast<std::uint64_t>(got);
  }
  // libzip compares the checksum when it meets the end.
  char more = 0;
  if (zip_fread(file.get(), &more, 1) != 0) damaged(place);
}

}  // namespace understudy
