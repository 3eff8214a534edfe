#include "tests/support/zip_file.h"

#include <zip.h>

#include "datasets/types/error.h"

namespace understudy {
namespace {

void want(bool well, const std::filesystem::path& file) {
  if (!well) throw Error(file.string() + ": libzip failed");
}

}  // namespace

std::vector<ZipContent> read_zip(const std::filesystem::path& file) {
  zip_t* archive = zip_open(file.c_str(), ZIP_RDONLY, nullptr);
  want(archive != nullptr, file);
  std::vector<ZipContent> records;
  for (zip_int64_t i = 0; i < zip_get_num_entries(archive, 0); ++i) {
    zip_stat_t stat;
    want(zip_stat_index(archive, static_cast<zip_uint64_t>(i), 0, &stat) == 0, file);
    ZipContent record{stat.name, std::string(stat.size, '\0'), stat.comp_method != ZIP_CM_STORE};
    zip_file_t* stream = zip_fopen_index(archive, static_cast<zip_uint64_t>(i), 0);
    want(stream != nullptr, file);
    want(zip_fread(stream, record.bytes.data(), stat.size) == static_cast<zip_int64_t>(stat.size), file);
    zip_fclose(stream);
    records.push_back(std::move(record));
  }
  zip_discard(archive);
  return records;
}

void write_zip(const std::filesystem::path& file, const std::vector<ZipContent>& records) {
  zip_t* archive = zip_open(file.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  want(archive != nullptr, file);
  for (const ZipContent& record : records) {
    zip_source_t* source = zip_source_buffer(archive, record.bytes.data(), record.bytes.size(), 0);
    const zip_int64_t index = zip_file_add(archive, record.name.c_str(), source, ZIP_FL_ENC_UTF_8);
    want(index >= 0, file);
    zip_set_file_compression(archive, static_cast<zip_uint64_t>(index),
                             record.compressed ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
  }
  want(zip_close(archive) == 0, file);
}

ZipContent& record_of(std::vector<ZipContent>& records, const std::string& ending) {
  for (ZipContent& record : records) {
    if (record.name.ends_with(ending)) return record;
  }
  throw Error("no record " + ending);
}

}  // namespace understudy
