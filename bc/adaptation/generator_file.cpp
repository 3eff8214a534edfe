#include "bc/adaptation/generator_file.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "bc/adaptation/adaptation_frames.h"
#include "bc/networks/libtorch.h"
#include "bc/policies/zip_records.h"
#include "datasets/storage/durable_file.h"
#include "datasets/storage/sha256.h"
#include "datasets/types/error.h"
#include "datasets/types/json_text.h"
#include "datasets/types/version.h"

namespace understudy {
namespace {

constexpr std::uint64_t kMostJson = 1 << 16;  // bytes
constexpr const char* kKind = "understudy generator 1";

std::string sha256_of(const Vector& numbers) {
  Sha256 hash;
  hash.add(numbers.data(), static_cast<std::size_t>(numbers.size()) * sizeof(float));
  return hash.hex();
}

std::string forward_of() {
  return "def forward(self, x: Tensor) -> Tensor:\n    return self.g(x)[:, :3]\n";
}

GeneratorFile from_json(const std::string& text, const std::string& place) {
  try {
    const auto json = parsed_json(text);
    if (json.at("kind") != kKind) throw Error(place + ": want a generator, found another kind of file");
    return {.channels = json.at("channels").get<int>(),
            .width = json.at("width").get<int>(),
            .height = json.at("height").get<int>(),
            .camera = json.at("camera").get<std::string>(),
            .method = json.at("method").get<std::string>(),
            .sha256 = json.at("sha256").get<std::string>()};
  } catch (const nlohmann::json::exception& error) {
    throw Error(place + ": want a generator's description, found something else (" + reason_of(error) + ")");
  }
}

}  // namespace

void save_generator(const GeneratorFile& generator, const std::filesystem::path& path) {
  const AdaptationPart part = generator_part("g", generator.channels);
  const nlohmann::ordered_json json{{"kind", kKind},
                                    {"method", generator.method},
                                    {"channels", generator.channels},
                                    {"width", generator.width},
                                    {"height", generator.height},
                                    {"camera", generator.camera},
                                    {"sha256", sha256_of(generator.numbers)},
                                    {"program_version", program_version()}};
  std::string archive;
  libtorch_function<decltype(understudy_libtorch_generator)>("understudy_libtorch_generator")(
      tensors_in(part, generator.numbers), part.source + forward_of(), json.dump(), archive);
  durable_write(std::filesystem::absolute(path), archive);
}

GeneratorFile load_generator(const std::filesystem::path& path) {
  std::error_code missing;
  if (!std::filesystem::is_regular_file(path, missing))
    throw Error(path.string() +
                ": no such generator; `understudy adapt train` writes RUN/seed_N/generator.pt");
  const ZipRecords zip(path);
  std::map<std::string, std::size_t> indices;
  for (std::size_t i = 0; i < zip.records().size(); ++i) {
    const std::string& name = zip.records()[i].name;
    indices[name.substr(name.find('/') + 1)] = i;
  }
  const auto record = [&](const std::string& name) {
    const auto found = indices.find(name);
    if (found == indices.end()) {
      throw Error(path.string() + ": want a generator that `understudy adapt train` wrote, found no " + name +
                  " in it; train it again");
    }
    return found->second;
  };
  const std::size_t description = record("extra/understudy.json");
  std::string json(std::min(zip.records()[description].size, kMostJson), '\0');
  zip.read(description, json.data(), json.size());
  GeneratorFile generator = from_json(json, path.string() + ":understudy.json");
  if (generator.channels != 3 && generator.channels != 4)
    throw Error(path.string() + ": want 3 or 4 channels, found " + std::to_string(generator.channels));
  const AdaptationPart part = generator_part("g", generator.channels);
  generator.numbers.resize(part.size());
  float* at = generator.numbers.data();
  for (std::size_t i = 0; i < part.tensors.size(); ++i) {
    std::uint64_t count = 1;
    for (const std::int64_t side : part.tensors[i].shape) count *= static_cast<std::uint64_t>(side);
    zip.read(record("data/" + std::to_string(i)), at, count * sizeof(float));
    at += count;
  }
  if (sha256_of(generator.numbers) != generator.sha256 || !generator.numbers.allFinite()) {
    throw Error(path.string() + ": changed since it was written: want numbers of SHA-256 " +
                generator.sha256 + ", found others; copy it again or train it again");
  }
  return generator;
}

Generator::Generator(GeneratorFile file)
    : file_(std::move(file)),
      part_(generator_part("g", file_.channels)),
      network_(make_script_network("generator",
                                   part_.source + "def plan(self, x: Tensor) -> Tuple[Tensor, Tensor]:\n"
                                                  "    return self.g(x)[:, :3], x[:1, :1, 0, 0]\n",
                                   tensors_in(part_, file_.numbers), {})) {}

Generator::~Generator() = default;

void Generator::adapt(const std::vector<std::uint8_t>& pictures, std::vector<std::uint8_t>& adapted) const {
  const std::size_t pixels = static_cast<std::size_t>(file_.width) * static_cast<std::size_t>(file_.height);
  const std::size_t count = pictures.size() / (3 * pixels);
  std::vector<float> from(pictures.size()), to(pictures.size()), none(1);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t c = 0; c < 3; ++c)
      for (std::size_t p = 0; p < pixels; ++p)
        from[(i * 3 + c) * pixels + p] = static_cast<float>(pictures[(i * pixels + p) * 3 + c]) / 127.5F - 1;
  network_->plan(
      {{.shape = {static_cast<std::int64_t>(count), 3, file_.height, file_.width}, .values = from.data()}},
      to, none);
  adapted.resize(pictures.size());
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t c = 0; c < 3; ++c)
      for (std::size_t p = 0; p < pixels; ++p)
        adapted[(i * pixels + p) * 3 + c] = picture_byte(to[(i * 3 + c) * pixels + p]);
}

}  // namespace understudy
