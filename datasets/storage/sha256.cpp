#include "datasets/storage/sha256.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <memory>
#include <vector>

#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

static_assert(std::endian::native == std::endian::little, "checksums and journals are little-endian");

/// Adds arrays with their shapes.
class ArraySha256 : public Sha256 {
 public:
  using Sha256::add;

  void add_array(Eigen::Index rows, Eigen::Index columns, const void* data, std::size_t entry_bytes) {
    const std::array<std::int64_t, 2> shape{rows, columns};
    add(shape.data(), sizeof shape);
    add(data, static_cast<std::size_t>(rows * columns) * entry_bytes);
  }
  template <class Derived>
  void add(const Eigen::PlainObjectBase<Derived>& matrix) {
    add_array(matrix.rows(), matrix.cols(), matrix.data(), sizeof(typename Derived::Scalar));
  }
  template <class Entry>
  void add(const std::vector<Entry>& values) {
    add_array(static_cast<Eigen::Index>(values.size()), 1, values.data(), sizeof(Entry));
  }
};

}  // namespace

struct Sha256::Context {
  Context() : digest(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    if (!digest || EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr) != 1) {
      throw Error("SHA-256 is not available from OpenSSL's libcrypto");
    }
  }
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> digest;
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {}
Sha256::~Sha256() = default;

void Sha256::add(const void* data, std::size_t bytes) {
  EVP_DigestUpdate(context_->digest.get(), data, bytes);
}

std::string Sha256::hex() {
  std::array<unsigned char, 32> digest{};
  EVP_DigestFinal_ex(context_->digest.get(), digest.data(), nullptr);
  std::string text;
  for (const unsigned char byte : digest) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

std::string file_sha256(const std::filesystem::path& file) {
  want_regular_file(file);
  const FileDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!descriptor) throw_errno(file, "cannot be opened", errno);
  Sha256 sha;
  std::vector<char> block(1 << 18);
  for (;;) {
    const ssize_t count = ::read(descriptor.get(), block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno(file, "cannot be read", errno);
    if (count == 0) return sha.hex();
    sha.add(block.data(), static_cast<std::size_t>(count));
  }
}

std::string text_sha256(const std::string& text) {
  Sha256 sha;
  sha.add(text.data(), text.size());
  return sha.hex();
}

std::string episode_sha256(const Episode& episode) {
  ArraySha256 sha;
  sha.add(episode.observations);
  sha.add(episode.actions);
  sha.add(episode.rewards);
  sha.add(episode.states);
  sha.add(episode.info.timestamp);
  sha.add(episode.info.input_age);
  sha.add(episode.info.overrun);
  sha.add(episode.info.intervention);
  sha.add(episode.info.axes);
  sha.add(episode.info.buttons);
  sha.add(&episode.seed, sizeof episode.seed);
  const std::array<unsigned char, 3> flags{episode.terminated, episode.truncated, episode.success};
  sha.add(flags.data(), flags.size());
  sha.add(episode.operator_name.data(), episode.operator_name.size());
  if (!episode.variation.empty()) {
    sha.add("\0", 1);  // no operator's name holds one
    sha.add(episode.variation.data(), episode.variation.size());
  }
  if (!episode.info.doubt.empty()) sha.add(episode.info.doubt);
  return sha.hex();
}

}  // namespace understudy
