#pragma once
/// \file The records of a zip archive that somebody else may have made, so that nothing it says of itself is
/// trusted: who reads gets the bytes asked for, or an Error.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct zip;

namespace understudy {

struct ZipRecord {
  std::string name;        ///< of letters, digits and ./_- only; no two records have the same
  std::uint64_t size = 0;  ///< bytes, as the archive says; of a stored record never more than the file's
  bool stored = true;      ///< not compressed
};

/// Throws Error of an archive that holds `what`, which no policy does.
[[noreturn]] void foreign_archive(const std::string& place, const std::string& what);

class ZipRecords {
 public:
  /// Throws Error naming the file unless it is a zip archive whose directory agrees with its records, with
  /// plain names and neither encryption nor unusual compression.
  explicit ZipRecords(const std::filesystem::path& file);
  /// The same of an archive in memory, which must outlive this. `place` begins the messages.
  ZipRecords(std::string_view bytes, std::string place);
  ~ZipRecords();
  ZipRecords(const ZipRecords&) = delete;
  ZipRecords& operator=(const ZipRecords&) = delete;

  const std::string& place() const { return place_; }
  /// In the archive's order.
  const std::vector<ZipRecord>& records() const { return records_; }

  /// Writes records()[index] into `to`, which has room for `size` bytes. Throws Error unless the record has
  /// exactly so many and their checksum is right.
  void read(std::size_t index, void* to, std::uint64_t size) const;

 private:
  void list(std::uint64_t bytes);

  struct Discard {
    void operator()(zip* archive) const;
  };
  std::string place_;
  std::unique_ptr<zip, Discard> archive_;
  std::vector<ZipRecord> records_;
};

}  // namespace understudy
