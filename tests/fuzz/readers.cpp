#include "tests/fuzz/readers.h"

#include <algorithm>
#include <chrono>
#include <exception>

#include "capture/input/binding_file.h"
#include "datasets/format/demonstration_reader.h"
#include "datasets/recording/demonstration_writer.h"
#include "datasets/recording/journal.h"
#include "datasets/storage/archive.h"
#include "datasets/storage/sha256.h"
#include "datasets/types/error.h"
#include "datasets/types/printable.h"
#include "datasets/types/toml.h"
#include "envs/contract/variation.h"
#include "envs/randomisation/randomisation.h"
#include "envs/robots/mesh_file.h"
#include "envs/robots/models.h"
#include "envs/robots/urdf.h"
#include "envs/tasks/registry.h"
#include "tests/support/file_content.h"
#include "tests/support/sample_data.h"
#include "tests/support/temporary_directory.h"
#ifdef UNDERSTUDY_FUZZ_POLICIES
#include "bc/policies/mlp_policy.h"
#include "bc/policies/policy.h"
#include "bc/runs/checkpoint.h"
#include "bc/runs/run_result.h"
#include "tests/support/random_policy.h"
#endif

namespace understudy::tests {
namespace fs = std::filesystem;
namespace {

std::vector<std::string> models() {
  std::vector<std::string> texts;
  for (const char* name : {"arm", "hopper", "ant", "inverted_pendulum"}) texts.emplace_back(model_file(name));
  return texts;
}

std::string mesh_of(const fs::path& file) {
  read_mesh(file);
  return "";
}

std::vector<std::string> sample_stl() {
  std::string binary(80, ' ');
  const std::uint32_t triangles = 2;
  binary.append(reinterpret_cast<const char*>(&triangles), sizeof triangles);
  for (int i = 0; i < 24; ++i) {
    const float value = 0.1F * static_cast<float>(i % 7);
    binary.append(reinterpret_cast<const char*>(&value), sizeof value);
    if (i == 11 || i == 23) binary.append(2, '\0');
  }
  return {binary,
          "solid a\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\nendloop\n"
          "endfacet\nendsolid a\n"};
}

std::string sample_dae() {
  return R"(<?xml version="1.0"?>
<COLLADA xmlns="http://www.collada.org/2005/11/COLLADASchema" version="1.4.1">
<asset><unit name="meter" meter="0.1"/><up_axis>Z_UP</up_axis></asset>
<library_geometries><geometry id="g"><mesh>
<source id="p"><float_array id="pa" count="9">0 0 0 1 0 0 0 1 0</float_array><technique_common>
<accessor source="#pa" count="3" stride="3"><param name="X" type="float"/><param name="Y" type="float"/>
<param name="Z" type="float"/></accessor></technique_common></source>
<vertices id="v"><input semantic="POSITION" source="#p"/></vertices>
<triangles count="1"><input semantic="VERTEX" source="#v" offset="0"/><p>0 1 2</p></triangles>
</mesh></geometry></library_geometries>
<library_visual_scenes><visual_scene id="s"><node id="n"><translate>1 0 0</translate>
<instance_geometry url="#g"/></node></visual_scene></library_visual_scenes>
<scene><instance_visual_scene url="#s"/></scene></COLLADA>
)";
}

std::string sample_dataset(const fs::path& folder) {
  const fs::path file = folder / "sample.h5";
  DemonstrationWriter writer(file, sample_header());
  Rng rng(1);
  for (int i = 0; i < 2; ++i) record(writer, good_episode(sample_header(), 6, rng));
  writer.pack();
  std::string bytes = content(file);
  fs::remove(file);
  return bytes;
}

std::string sample_journal(const fs::path& folder) {
  DemonstrationWriter writer(folder / "live.h5", sample_header());
  Rng rng(2);
  append(writer, good_episode(sample_header(), 6, rng));
  std::string bytes;
  for (const auto& entry : fs::directory_iterator(folder / "live.h5.parts")) {
    if (entry.path().extension() == ".journal") bytes = content(entry.path());
  }
  writer.discard_episode();
  return bytes;
}

#ifdef UNDERSTUDY_FUZZ_POLICIES
std::string sample_policy(const fs::path& folder) {
  const fs::path file = folder / "sample.pt";
  save_policy(plain_policy(), file);
  std::string bytes = content(file);
  fs::remove(file);
  return bytes;
}

std::string sample_checkpoint() {
  Archive archive;
  RunResult result;
  result.distance = 2;
  serialise_result(archive, result);
  std::vector<double> list{1, 2, 3};
  Matrix matrix = Matrix::Ones(3, 4);
  Rng rng(3);
  archive("list", list);
  archive("matrix", matrix);
  archive("rng", rng);
  return archive.bytes();
}
#endif

std::vector<Reader> own_readers() {
  return {
      {"urdf", true, ".urdf", [](const fs::path&) { return models(); },
       [](const fs::path& file) {
         read_urdf(file);
         return std::string();
       }},
      {"robot", true, ".urdf",
       [](const fs::path&) { return std::vector<std::string>{std::string(model_file("arm"))}; },
       [](const fs::path& file) {
         make_environment("JointControl:" + file.string());
         return std::string();
       }},
      {"stl", false, ".stl", [](const fs::path&) { return sample_stl(); }, mesh_of},
      {"obj", true, ".obj",
       [](const fs::path&) {
         return std::vector<std::string>{"v 0 0 0\nv 1 0 0\nv 0 1 0\nvn 0 0 1\nf 1//1 2//1 3//1\n"};
       },
       mesh_of},
      {"dae", true, ".dae", [](const fs::path&) { return std::vector<std::string>{sample_dae()}; }, mesh_of},
      {"toml", true, ".toml",
       [](const fs::path&) {
         return std::vector<std::string>{
             "env = \"Drive\"\nsteps = 1000\nlearning-rate = 3e-4\nhidden = [64, 64]\nplugin = [\"a.so\"]\n",
             example_randomisation(make_environment("Drive")->spec())};
       },
       [](const fs::path& file) {
         parse_toml(content(file), file.string());
         return std::string();
       }},
      {"randomisation", true, ".toml",
       [](const fs::path&) {
         return std::vector<std::string>{example_randomisation(make_environment("Drive")->spec()),
                                         example_randomisation(make_environment("Lift")->spec())};
       },
       [](const fs::path& file) {
         parse_randomisation(content(file), file.string());
         return std::string();
       }},
      {"binding", true, ".toml",
       [](const fs::path&) {
         const EnvironmentSpec spec = make_environment("Drive")->spec();
         return std::vector<std::string>{to_text(make_binding(spec.layout, spec.action)),
                                         to_text(make_binding("default", spec.action))};
       },
       [](const fs::path& file) {
         load_binding(file, make_environment("Drive")->spec().action, "drive");
         return std::string();
       }},
      {"variation", true, ".json",
       [](const fs::path&) {
         Variation variation;
         for (const Quantity& quantity : quantities().first(5)) set_quantity(variation, quantity.key, 1);
         return std::vector<std::string>{to_json(variation)};
       },
       [](const fs::path& file) {
         variation_from_json(content(file), file.string());
         return std::string();
       }},
#ifdef UNDERSTUDY_FUZZ_POLICIES
      {"policy", false, ".pt",
       [](const fs::path& folder) { return std::vector<std::string>{sample_policy(folder)}; },
       [](const fs::path& file) {
         const Policy policy = load_policy(file);
         const auto* const mlp = dynamic_cast<const MlpPolicy*>(policy.network.get());
         if (mlp == nullptr) return std::string();
         const Vector& numbers = mlp_of(policy).parameters;
         return text_sha256(std::string(reinterpret_cast<const char*>(numbers.data()),
                                        static_cast<std::size_t>(numbers.size()) * sizeof(float)));
       }},
      {"checkpoint", false, ".ckpt",
       [](const fs::path&) { return std::vector<std::string>{sample_checkpoint()}; },
       [](const fs::path& file) {
         // The damage is to what the checksum covers, as an adversary would do it.
         const std::string bytes = checkpoint_bytes(content(file));
         Archive archive(checkpoint_archive(bytes, file.string()), file.string());
         RunResult result;
         serialise_result(archive, result);
         std::vector<double> numbers;
         Matrix matrix;
         Rng rng(0);
         archive("list", numbers);
         archive("matrix", matrix);
         archive("rng", rng);
         archive.finish();
         return std::string();
       }},
#endif
      {"journal", false, ".journal",
       [](const fs::path& folder) { return std::vector<std::string>{sample_journal(folder)}; },
       [](const fs::path& file) {
         read_journal(file);
         return std::string();
       }},
      {"dataset", false, ".h5",
       [](const fs::path& folder) { return std::vector<std::string>{sample_dataset(folder)}; },
       [](const fs::path& file) {
         const DemonstrationReader reader(file);
         reader.all_masks();
         // Numbers that pass their checksum are those that were recorded, unless both were made to fit.
         for (int i = 0; i < reader.size(); ++i) reader.read_verified(i);
         return std::string();
       }},
  };
}

/// What is wrong with a message of ours; empty: nothing.
std::string fault_of(const std::string& line) {
  if (line.empty()) return "says nothing";
  if (line.find('\n') != std::string::npos && printable(line).find('\n') != std::string::npos &&
      line.find('\n') + 1 < line.size())
    return "";  // what it quotes has line ends, which the program's one line has not
  for (const char* internal : {"c10::", "json.exception", "std::", "Exception raised from", "basic_string"}) {
    if (line.find(internal) != std::string::npos) return std::string("names ") + internal;
  }
  return "";
}

}  // namespace

const std::vector<Reader>& readers() {
  static const std::vector<Reader> list = [] {
    std::vector<Reader> all = own_readers();
    for (Reader& reader : foreign_readers()) all.push_back(std::move(reader));
    return all;
  }();
  return list;
}

std::string try_reader(const Reader& reader, const fs::path& file, const std::vector<std::string>& sound) {
  const auto start = std::chrono::steady_clock::now();
  std::string fault;
  try {
    const std::string kept = reader.read(file);
    if (!kept.empty() && std::find(sound.begin(), sound.end(), kept) == sound.end())
      fault = "changed numbers, unnoticed";
  } catch (const Error& error) {
    const std::string why = fault_of(error.what());
    if (!why.empty()) fault = "the line " + why + ": " + printable(error.what());
  } catch (const std::exception& error) {
    fault = std::string("another exception: ") + printable(error.what());
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (seconds > 10) fault += " took " + std::to_string(seconds) + " s";
  return fault;
}

std::vector<std::string> corpus(const Reader& reader) {
  std::vector<fs::path> files;
  const fs::path folder = fs::path(UNDERSTUDY_FUZZ_CORPUS) / reader.name;
  if (fs::exists(folder)) {
    for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> list;
  for (const fs::path& file : files) list.push_back(content(file));
  return list;
}

}  // namespace understudy::tests
