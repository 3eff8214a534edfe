#include "bc/policies/policy_file.h"

#include <algorithm>
#include <bit>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "bc/policies/policy_json.h"
#include "bc/policies/policy_tensors.h"
#include "bc/policies/zip_records.h"
#include "datasets/storage/sha256.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are read as they stand in the file");

/// Bytes of understudy.json, and of any other record without numbers.
constexpr std::uint64_t kMostJson = std::uint64_t{1} << 20;
constexpr std::uint64_t kMostOther = std::uint64_t{4} << 20;
constexpr std::size_t kMostBuffers = 8;
constexpr const char* kJson = "extra/understudy.json";
constexpr const char* kCode = "code/__torch__.py";
/// LibTorch's own hash of the archive, understudy.json included: it cannot be part of a checksum that stands
/// there.
constexpr const char* kSerialisationId = ".data/serialization_id";
/// What LibTorch writes beside the tensors, in any version so far.
const std::vector<std::string> kOthers{"data.pkl",      kCode,           "code/__torch__.py.debug_pkl",
                                       "constants.pkl", "version",       ".data/version",
                                       "byteorder",     kSerialisationId};

/// The records of one file, and what has been read of them.
class PolicyRecords {
 public:
  explicit PolicyRecords(const ZipRecords& zip) : zip_(zip) {
    for (std::size_t i = 0; i < zip.records().size(); ++i) {
      const std::string& name = zip.records()[i].name;
      const auto slash = name.find('/');
      if (i == 0) folder_ = name.substr(0, slash == std::string::npos ? 0 : slash + 1);
      if (folder_.empty() || !name.starts_with(folder_)) foreign("a record " + name);
      indices_[name.substr(folder_.size())] = i;
    }
    if (!indices_.contains(kJson)) {
      throw Error(zip.place() +
                  ": want a policy written by `understudy train`, found a TorchScript archive without " +
                  kPolicyJson);
    }
    json_ = text(kJson, kMostJson);
  }

  std::string place() const { return zip_.place() + ":" + kPolicyJson; }
  const std::string& json() const { return json_; }

  /// Reads what is left: tensors of these shapes and what LibTorch adds. Throws Error when anything is
  /// missing or more.
  void read(std::vector<PolicyTensor> tensors) {
    tensors_ = std::move(tensors);
    for (std::size_t i = 0; i < tensors_.size(); ++i) read_tensor("data/" + std::to_string(i), tensors_[i]);
    for (const auto& [name, index] : indices_) {
      if (name == kJson || is_tensor(name)) continue;
      if (!is_buffer(name) && std::find(kOthers.begin(), kOthers.end(), name) == kOthers.end())
        foreign("a record " + name);
      others_[name] = text(name, kMostOther);
    }
    if (const auto order = others_.find("byteorder"); order != others_.end() && order->second != "little") {
      foreign("numbers of another byte order");
    }
    if (const auto code = others_.find(kCode);
        code != others_.end() && code->second.find("__setstate__") != std::string::npos) {
      foreign("code that would run when LibTorch loads it");
    }
  }

  std::vector<PolicyTensor>& tensors() { return tensors_; }

  /// The checksum of docs/policy-format.md, `json` in place of understudy.json.
  std::string sha256(const std::string& json) const {
    Sha256 hash;
    for (const auto& [name, index] : indices_) {  // in the order of their names
      if (name == kSerialisationId) continue;
      const auto add = [&, &record = name](const void* data, std::size_t size) {
        const std::string head = record + "\n" + std::to_string(size) + "\n";
        hash.add(head.data(), head.size());
        hash.add(data, size);
      };
      if (const auto tensor = tensor_of_.find(name); tensor != tensor_of_.end()) {
        const Vector& values = tensors_[tensor->second].values;
        add(values.data(), static_cast<std::size_t>(values.size()) * sizeof(float));
      } else {
        const std::string& bytes = name == kJson ? json : others_.at(name);
        add(bytes.data(), bytes.size());
      }
    }
    return hash.hex();
  }

 private:
  bool is_tensor(const std::string& name) const { return tensor_of_.contains(name); }

  /// What a script that remembers begins with: LibTorch numbers it after the tensors.
  bool is_buffer(const std::string& name) const {
    for (std::size_t i = 0; i < kMostBuffers; ++i) {
      if (name == "data/" + std::to_string(tensors_.size() + i)) return true;
    }
    return false;
  }

  [[noreturn]] void foreign(const std::string& what) const { foreign_archive(zip_.place(), what); }

  std::string text(const std::string& name, std::uint64_t most) const {
    const std::size_t index = indices_.at(name);
    const std::uint64_t size = zip_.records()[index].size;
    if (size > most) {
      throw Error(zip_.place() + ":" + name + ": want at most " + std::to_string(most) + " bytes, found " +
                  std::to_string(size) + "; train the policy again");
    }
    std::string bytes(size, '\0');
    zip_.read(index, bytes.data(), size);
    return bytes;
  }

  void read_tensor(const std::string& record, PolicyTensor& tensor) {
    const std::string place = zip_.place() + ":" + record + " (" + tensor.name + ")";
    const std::int64_t count = at_place(place, [&] { return entries(tensor); });
    const auto found = indices_.find(record);
    if (found == indices_.end()) throw Error(place + ": want numbers, found no such record");
    const ZipRecord& stored = zip_.records()[found->second];
    const std::uint64_t bytes = static_cast<std::uint64_t>(count) * sizeof(float);
    if (!stored.stored || stored.size != bytes) {
      throw Error(place + ": want " + std::to_string(bytes) + " bytes as they are, found " +
                  std::to_string(stored.size) + (stored.stored ? "" : " compressed ones") +
                  "; train the policy again");
    }
    tensor.values.resize(count);  // no more than the file holds
    zip_.read(found->second, tensor.values.data(), bytes);
    tensor_of_[record] = static_cast<std::size_t>(&tensor - tensors_.data());
  }

  const ZipRecords& zip_;
  std::string folder_;                          ///< that all records lie in, with its slash
  std::map<std::string, std::size_t> indices_;  ///< of records in the archive, by name below the folder
  std::string json_;
  std::vector<PolicyTensor> tensors_;
  std::map<std::string, std::size_t> tensor_of_;  ///< place among tensors_, by record
  std::map<std::string, std::string> others_;     ///< content, by record
};

/// Where in the text the checksum stands, if that is certain.
std::optional<std::size_t> place_of(const std::string& sha256, const std::string& json) {
  const std::size_t first = json.find(sha256);
  if (sha256.size() != blank_sha256().size() || first == std::string::npos) return std::nullopt;
  if (json.find(sha256, first + 1) != std::string::npos) return std::nullopt;
  return first;
}

Policy read_policy(const ZipRecords& zip) {
  PolicyRecords records(zip);
  PolicyDescription description = policy_from_json(records.json(), records.place());
  records.read(std::move(description.tensors));
  if (description.schema > 1) {
    std::string json = records.json();
    const auto stands = place_of(description.sha256, json);
    if (stands) json.replace(*stands, description.sha256.size(), blank_sha256());
    const std::string found = records.sha256(json);
    if (!stands || found != description.sha256) {
      throw Error(zip.place() + ": changed since it was written: want SHA-256 " + description.sha256 +
                  ", found " + found + "; copy it again or train again");
    }
  }
  return assembled_policy(std::move(description.frame), description.kind, description.network,
                          std::move(records.tensors()), zip.place());
}

}  // namespace

std::string blank_sha256() {
  return std::string(64, '0');
}

std::string policy_sha256(std::string_view bytes, const std::string& place) {
  const ZipRecords zip(bytes, place);
  PolicyRecords records(zip);
  records.read(policy_from_json(records.json(), records.place()).tensors);
  return records.sha256(records.json());
}

Policy policy_from_bytes(std::string_view bytes, const std::string& place) {
  return read_policy(ZipRecords(bytes, place));
}

Policy load_policy(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    throw Error(path.string() + ": no such policy file; `understudy train` writes RUN/policy.pt");
  }
  return read_policy(ZipRecords(path));
}

}  // namespace understudy
