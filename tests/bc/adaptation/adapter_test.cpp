#include "bc/adaptation/adapter.h"

#include <algorithm>
#include <cmath>
#include <fstream>

#include "bc/adaptation/adaptation_run.h"
#include "bc/adaptation/generator_file.h"
#include "datasets/storage/archive.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/temporary_directory.h"

using namespace understudy;
using namespace understudy::tests;

namespace {

constexpr int kSide = 32;

/// A bright square of 8 pixels somewhere on plain (or, where `tinted`, coloured and rough) ground.
AdaptationFrames squares(int count, bool tinted) {
  AdaptationFrames frames{.width = kSide, .height = kSide};
  frames.places.resize(count, 2);
  frames.actions.resize(count, 2);
  Rng rng(tinted ? 2 : 1);
  for (int i = 0; i < count; ++i) {
    const int left = static_cast<int>(rng.below(kSide - 8)), top = static_cast<int>(rng.below(kSide - 8));
    frames.places.row(i) << static_cast<float>(left) + 4, static_cast<float>(top) + 4;
    frames.actions.row(i) = frames.places.row(i) / kSide;
    for (int y = 0; y < kSide; ++y)
      for (int x = 0; x < kSide; ++x) {
        const bool inside = x >= left && x < left + 8 && y >= top && y < top + 8;
        frames.masks.push_back(inside ? 1 : 0);
        for (int c = 0; c < 3; ++c) {
          int value = inside ? 220 : 40;
          if (tinted) value = (c == 1 ? 3 * value / 4 + 40 : value / 2) + static_cast<int>(rng.below(20));
          frames.pictures.push_back(static_cast<std::uint8_t>(value));
        }
      }
  }
  return frames;
}

struct World {
  AdaptationFrames sim = squares(24, false), real = squares(24, true);
  Detector detector{1, kSide, kSide, 1};
};

AdaptationConfig small(AdaptationMethod method) {
  AdaptationConfig config = default_adaptation(method);
  config.steps = 6;
  config.batch = 2;
  config.pool = 3;
  config.every = 2;
  config.detector_steps = 3;
  return config;
}

std::string bytes_of(Adapter& adapter) {
  Archive archive;
  adapter.serialise(archive);
  return archive.bytes();
}

const std::vector<AdaptationMethod> kAll{AdaptationMethod::kCycleGan, AdaptationMethod::kRetinaGan,
                                         AdaptationMethod::kGraspGan};

}  // namespace

TEST_CASE("a generator has the 346 371 numbers of its layers and gives pictures of the size it is given") {
  // c7s1-16 2368, d32 4640, d64 18 496, 4 x 2 x 36 928, u32 18 464, u16 4624, c7s1-3 2355.
  CHECK(generator_part("g").size() == 346371);
  World world;
  const Adapter adapter(small(AdaptationMethod::kCycleGan), world.sim, world.real, world.detector, 1);
  std::vector<float> picture(3 * kSide * kSide, 0.25F);
  const std::vector<float> adapted = adapter.adapted(picture);
  CHECK(adapted.size() == picture.size());
  CHECK(std::all_of(adapted.begin(), adapted.end(), [](float value) { return std::abs(value) <= 1; }));
}

TEST_CASE("the same seed gives the same bits with every method, and another seed others") {
  World world;
  for (const AdaptationMethod method : kAll) {
    CAPTURE(static_cast<int>(method));
    Adapter a(small(method), world.sim, world.real, world.detector, 1);
    Adapter b(small(method), world.sim, world.real, world.detector, 1);
    Adapter c(small(method), world.sim, world.real, world.detector, 2);
    for (int i = 0; i < 4; ++i) {
      CHECK(a.step() == b.step());
      c.step();
    }
    CHECK(bytes_of(a) == bytes_of(b));
    CHECK(bytes_of(a) != bytes_of(c));
  }
}

TEST_CASE("an adapter that was saved and restored goes on to the bits of one that was not") {
  World world;
  for (const AdaptationMethod method : kAll) {
    Adapter straight(small(method), world.sim, world.real, world.detector, 1);
    for (int i = 0; i < 3; ++i) straight.step();
    Archive loading(bytes_of(straight), "state");
    Adapter restored(small(method), world.sim, world.real, world.detector, 9);
    restored.serialise(loading);
    loading.finish();
    for (int i = 0; i < 3; ++i) CHECK(straight.step() == restored.step());
    CHECK(bytes_of(straight) == bytes_of(restored));
  }
}

TEST_CASE("the detector's consistency moves the generators, and not a bit of the detector") {
  World world;
  for (int i = 0; i < 5; ++i) world.detector.step(world.sim);
  const Vector before = world.detector.numbers();
  AdaptationConfig with = small(AdaptationMethod::kRetinaGan), without = with;
  without.perception = 0;
  Adapter a(with, world.sim, world.real, world.detector, 1),
      b(without, world.sim, world.real, world.detector, 1);
  const std::vector<double> losses = a.step();
  b.step();
  CHECK(losses.back() > 0);
  CHECK(a.generator_numbers() != b.generator_numbers());
  for (int i = 0; i < 3; ++i) a.step();
  CHECK(world.detector.numbers() == before);
}

TEST_CASE("a detector that has learnt squares finds those it has not seen within two pixels") {
  World world;
  const AdaptationFrames train = squares(400, false);
  for (int i = 0; i < 400; ++i) world.detector.step(train);
  const AdaptationFrames other = squares(500, false);
  double error = 0;
  for (int i = 400; i < 500; ++i) {
    std::vector<float> picture(3 * kSide * kSide);
    other.write(i, picture.data());
    error += double{(world.detector.find(picture).row(0) - other.places.row(i)).norm()} / 100;
  }
  CHECK(error < 2);
}

TEST_CASE("a pool of fakes fills first, then half of what comes is exchanged for what it holds") {
  FakePool pool(2);
  Rng rng(1);
  int old = 0;
  for (int i = 0; i < 1002; ++i) {
    auto picture = static_cast<float>(i);
    pool.exchange(&picture, 1, rng);
    if (i < 2) CHECK(picture == static_cast<float>(i));
    if (picture != static_cast<float>(i)) ++old;
  }
  CHECK(old > 440);  // binomial, 1000 of 1/2: sd 16
  CHECK(old < 560);
}

TEST_CASE("a generator's file reads back bit for bit, adapts alike, and is refused once it was changed") {
  World world;
  Adapter adapter(small(AdaptationMethod::kGraspGan), world.sim, world.real, world.detector, 1);
  adapter.step();
  const TemporaryDirectory folder;
  const std::filesystem::path file = folder / "generator.pt";
  save_generator({.channels = 4,
                  .width = kSide,
                  .height = kSide,
                  .camera = "front",
                  .method = "graspgan",
                  .numbers = adapter.generator_numbers()},
                 file);
  const Generator generator(load_generator(file));
  CHECK(generator.file().numbers == adapter.generator_numbers());
  const std::vector<std::uint8_t> picture(world.sim.pictures.begin(),
                                          world.sim.pictures.begin() + 3 * kSide * kSide);
  std::vector<std::uint8_t> adapted;
  generator.adapt(picture, adapted);
  std::vector<float> values(picture.size());
  world.sim.write(0, values.data());
  const std::vector<float> expected = adapter.adapted(values);
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t p = 0; p < kSide * kSide; ++p)
      CHECK(adapted[3 * p + c] == picture_byte(expected[c * kSide * kSide + p]));

  std::string bytes = content(file);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  std::ofstream(file, std::ios::binary) << bytes;
  CHECK_THROWS_AS(load_generator(file), Error);
}

TEST_CASE("a run that was stopped again and again ends with the files of one that was not") {
  World world;
  const TemporaryDirectory folder;
  AdaptationPlan plan{
      .config = small(AdaptationMethod::kRetinaGan), .camera = "front", .objects = {"square"}};
  plan.seeds = {1, 2};
  const auto none = [](const std::filesystem::path&, int, int, std::vector<std::uint8_t>) {};
  const std::filesystem::path straight = folder / "straight", stopped = folder / "stopped";
  begin_adaptation(straight, plan);
  begin_adaptation(stopped, plan);
  REQUIRE(train_adaptation(straight, plan, world.sim, world.real, {.picture = none}));
  int times = 0;
  for (; times < 100; ++times) {
    int asked = 0;
    // Twice longer than the detector's three steps, which begin anew.
    if (train_adaptation(stopped, read_adaptation(stopped), world.sim, world.real,
                         {.stop = [&] { return ++asked > 5; }, .picture = none}))
      break;
  }
  CHECK(times >= 2);
  for (const char* file : {"detector.ckpt", "seed_1/losses.csv", "seed_1/state.ckpt", "seed_2/losses.csv",
                           "seed_2/state.ckpt"}) {
    CAPTURE(file);
    CHECK(content(straight / file) == content(stopped / file));
  }
  CHECK(load_generator(straight / "seed_2/generator.pt").sha256 ==
        load_generator(stopped / "seed_2/generator.pt").sha256);
  CHECK_THROWS_WITH(begin_adaptation(stopped, plan), ContainsSubstring("understudy adapt resume"));
}
