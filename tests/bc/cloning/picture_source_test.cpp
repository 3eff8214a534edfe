// Pictures in a bounded memory: whatever fits, what is read is what the file holds.

#include "bc/cloning/picture_source.h"

#include <chrono>
#include <set>
#include <thread>

#include "datasets/format/demonstration_reader.h"
#include "datasets/types/error.h"
#include "datasets/types/rng.h"
#include "tests/support/catch.h"
#include "tests/support/squares_data.h"
#include "tests/support/temporary_directory.h"

namespace understudy {
using namespace tests;
namespace {

constexpr int kEpisodes = 4, kSteps = 9;
constexpr std::size_t kStep = 24 * 20 * 3 + 16 * 16 * 3;

struct Squares {
  Squares() { write_squares(folder / "squares.h5", kEpisodes, kSteps, 1); }

  std::vector<PicturePlace> places() const {
    std::vector<PicturePlace> all;
    for (int episode = 0; episode < kEpisodes; ++episode) {
      for (int row = 0; row < kSteps; ++row) all.push_back({episode, row});
    }
    return all;
  }
  /// What the file holds, read otherwise.
  std::vector<std::vector<std::uint8_t>> wanted() const {
    const DemonstrationReader reader(file);
    std::vector<std::vector<std::uint8_t>> all;
    for (const PicturePlace& place : places()) {
      std::vector<std::uint8_t> pictures(kStep);
      const auto& fields = reader.header().images.fields;
      reader.read_image(place.episode, fields[0], place.row, pictures.data());
      reader.read_image(place.episode, fields[1], place.row, pictures.data() + fields[0].bytes());
      all.push_back(std::move(pictures));
    }
    return all;
  }

  TemporaryDirectory folder;
  std::string file = folder / "squares.h5";
};

TEST_CASE("pictures are the file's, in any order and memory, expected or not") {
  const Squares squares;
  const auto wanted = squares.wanted();
  CHECK(std::set(wanted.begin(), wanted.end()).size() == wanted.size());
  const std::size_t steps = GENERATE(std::size_t{2}, std::size_t{3}, std::size_t{10}, std::size_t{1000});
  const int foresight = GENERATE(0, 1, 7, 60);  // 60: more than fit, and some twice
  CAPTURE(steps, foresight);
  PictureSource source(squares.file, cameras_of(squares.file, {"eye", "other"}), squares.places(),
                       steps * kStep + 5);
  CHECK(source.memory() <= steps * kStep + 5);
  Rng rng(steps + static_cast<std::size_t>(foresight));
  std::vector<std::uint8_t> pictures(kStep);
  for (int round = 0; round < 20; ++round) {
    std::vector<int> order;
    for (int i = 0; i < 12; ++i) order.push_back(static_cast<int>(rng.below(wanted.size())));
    std::vector<int> said = order;
    // Also something that does not come true.
    while (static_cast<int>(said.size()) < foresight)
      said.push_back(static_cast<int>(rng.below(wanted.size())));
    if (foresight > 0) source.expect({said.begin(), said.begin() + std::min<std::ptrdiff_t>(foresight, 12)});
    for (const int place : order) {
      source.read(place, pictures.data());
      REQUIRE(pictures == wanted[static_cast<std::size_t>(place)]);
    }
  }
}

TEST_CASE("what is expected is read ahead, and with room for all of them nothing is read twice") {
  const Squares squares;
  PictureSource source(squares.file, cameras_of(squares.file, {"eye", "other"}), squares.places(),
                       1000 * kStep);
  source.expect({3, 5, 3, 8});
  for (int i = 0; i < 1000 && source.loads() < 3; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  CHECK(source.loads() == 3);
  std::vector<std::uint8_t> pictures(kStep);
  for (int round = 0; round < 3; ++round) {
    for (int place = 0; place < kEpisodes * kSteps; ++place) source.read(place, pictures.data());
  }
  CHECK(source.loads() == kEpisodes * kSteps);
}

TEST_CASE("memory for less than two steps, and pictures that are not there, are named in one line") {
  const Squares squares;
  const auto cameras = cameras_of(squares.file, {"eye", "other"});
  CHECK_THROWS_WITH(
      PictureSource(squares.file, cameras, squares.places(), 2 * kStep - 1),
      ContainsSubstring("squares.h5: want memory for the pictures of two steps, 4416 bytes, found 4415"));
  PictureSource source(squares.file, cameras, {{0, 0}, {0, kSteps + 1}}, 100 * kStep);
  std::vector<std::uint8_t> pictures(kStep);
  CHECK_NOTHROW(source.read(0, pictures.data()));
  CHECK_THROWS_WITH(source.read(1, pictures.data()), ContainsSubstring("squares.h5"));
  CHECK_THROWS_WITH(source.read(1, pictures.data()), ContainsSubstring("squares.h5"));
}

TEST_CASE("cameras are the data set's, and another or another size says how to render it") {
  const Squares squares;
  const auto cameras = cameras_of(squares.file, {"other", "eye:24x20"});
  REQUIRE(cameras.size() == 2);
  CHECK(cameras[0] == SightCamera{"other", 16, 16});
  CHECK(cameras[1] == SightCamera{"eye", 24, 20});
  CHECK_THROWS_WITH(
      cameras_of(squares.file, {"wrist"}),
      ContainsSubstring("squares.h5: want pictures of wrist, found eye_image 24x20, other_image 16x16; "
                        "render them: understudy data images FILE --camera wrist"));
  CHECK_THROWS_WITH(cameras_of(squares.file, {"eye:84x84"}),
                    ContainsSubstring("want pictures of eye:84x84, found eye_image 24x20"));
  CHECK_THROWS_WITH(cameras_of(squares.file, {"eye", "eye"}), ContainsSubstring("found 'eye' twice"));
  CHECK_THROWS_AS(cameras_of(squares.file, {"eye", ""}), UsageError);
}

}  // namespace
}  // namespace understudy
