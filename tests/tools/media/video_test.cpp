#include <stb_image.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"
#include "tools/media/video.h"

using namespace understudy;
using namespace understudy::tests;
using namespace understudy::tools;
namespace fs = std::filesystem;

namespace {

/// One colour all over.
Image plain(int width, int height, std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
  Image image{.width = width, .height = height, .rgb = {}};
  for (int i = 0; i < width * height; ++i) image.rgb.insert(image.rgb.end(), {red, green, blue});
  return image;
}

void write_frames(const fs::path& path, int count, bool force = false) {
  const auto sink = make_frame_sink(path, {.width = 64, .height = 48, .rate = 30, .force = force});
  for (int i = 0; i < count; ++i) sink->write(plain(64, 48, static_cast<std::uint8_t>(20 * i), 100, 50));
  sink->finish();
}

}  // namespace

TEST_CASE("a folder of pictures holds one numbered file a frame") {
  const TemporaryDirectory scratch;
  write_frames(scratch / "run", 3);
  CHECK(fs::exists(scratch / "run" / "frame_000000.png"));
  int width = 0;
  int height = 0;
  int channels = 0;
  const std::string last = scratch / "run" / "frame_000002.png";
  unsigned char* const bytes = stbi_load(last.c_str(), &width, &height, &channels, 3);
  REQUIRE(bytes != nullptr);
  CHECK(width == 64);
  CHECK(bytes[0] == 40);
  stbi_image_free(bytes);
  CHECK_FALSE(fs::exists(scratch / "run" / "frame_000003.png"));
}

TEST_CASE("what exists is refused without force, and a longer sequence leaves no tail with it") {
  const TemporaryDirectory scratch;
  write_frames(scratch / "run", 3);
  CHECK_THROWS_WITH(write_frames(scratch / "run", 1), ContainsSubstring("exists already"));
  CHECK(fs::exists(scratch / "run" / "frame_000002.png"));
  write_frames(scratch / "run", 1, true);
  CHECK(fs::exists(scratch / "run" / "frame_000000.png"));
  CHECK_FALSE(fs::exists(scratch / "run" / "frame_000002.png"));
  std::ofstream(scratch / "run.mp4") << "something";
  CHECK_THROWS_WITH(write_frames(scratch / "run.mp4", 1), ContainsSubstring("exists already"));
  CHECK(fs::file_size(scratch / "run.mp4") == 9);
}

TEST_CASE("an output that cannot be is refused before anything is drawn") {
  const TemporaryDirectory scratch;
  CHECK_THROWS_WITH(make_frame_sink(scratch / "none" / "a.mp4", {}), ContainsSubstring("no such folder"));
  CHECK_THROWS_AS(make_frame_sink(scratch / "a.png", {}), UsageError);
  std::ofstream(scratch / "file") << "x";
  CHECK_THROWS_WITH(make_frame_sink(scratch / "file", {.force = true}), ContainsSubstring("is a file"));
  fs::create_directory(scratch / "folder.mp4");
  CHECK_THROWS_WITH(make_frame_sink(scratch / "folder.mp4", {.force = true}),
                    ContainsSubstring("is a folder"));
}

TEST_CASE("an unfinished output leaves nothing behind") {
  const TemporaryDirectory scratch;
  const std::string name = GENERATE("run", "run.mp4");
  CAPTURE(name);
  {
    const auto sink = make_frame_sink(scratch / name, {.width = 64, .height = 48});
    sink->write(plain(64, 48, 1, 2, 3));
  }
  CHECK(fs::is_empty(scratch.path()));
}

TEST_CASE("a video plays back with the frames, the colours and the rate that went in") {
  const TemporaryDirectory scratch;
  const fs::path video = scratch / "run's.mp4";
  const int width = 65;  // odd: the file gets one column more
  {
    const auto sink = make_frame_sink(video, {.width = width, .height = 48, .rate = 30});
    for (int i = 0; i < 12; ++i)
      sink->write(i < 6 ? plain(width, 48, 200, 30, 30) : plain(width, 48, 30, 30, 200));
    sink->finish();
  }
  // Read back by the program's own decoder.
  const std::string command =
      "ffmpeg -loglevel error -i \"" + video.string() + "\" -f rawvideo -pix_fmt rgb24 - ";
  std::FILE* const decoded = popen(command.c_str(), "r");
  REQUIRE(decoded != nullptr);
  std::vector<unsigned char> bytes(1 << 20);
  bytes.resize(std::fread(bytes.data(), 1, bytes.size(), decoded));
  REQUIRE(pclose(decoded) == 0);
  const std::size_t frame = 66 * 48 * 3;
  REQUIRE(bytes.size() == 12 * frame);
  const unsigned char* const first = bytes.data() + frame / 2;
  const unsigned char* const last = bytes.data() + 11 * frame + frame / 2;
  CHECK(first[0] == Approx(200).margin(8));
  CHECK(first[2] == Approx(30).margin(8));
  CHECK(last[0] == Approx(30).margin(8));
  CHECK(last[2] == Approx(200).margin(8));
  const std::string probe =
      "test \"$(ffprobe -v error -select_streams v -show_entries stream=r_frame_rate -of csv=p=0 \"" +
      video.string() + "\")\" = 30/1";
  CHECK(std::system(probe.c_str()) == 0);
}

TEST_CASE("without ffmpeg the message names the package") {
  const TemporaryDirectory scratch;
  const std::string before = std::getenv("PATH");
  setenv("PATH", scratch.path().c_str(), 1);
  CHECK_THROWS_WITH(make_frame_sink(scratch / "run.mp4", {}),
                    ContainsSubstring("ffmpeg") && ContainsSubstring("install"));
  setenv("PATH", before.c_str(), 1);
}

TEST_CASE("a video that ffmpeg cannot write is reported in ffmpeg's words") {
  const TemporaryDirectory scratch(fs::temp_directory_path());  // programs need not run from memory
  const std::string before = std::getenv("PATH");
  // Stands in for a full disk: complains and stops.
  std::ofstream(scratch / "ffmpeg")
      << "#!/bin/sh\necho 'av_interleaved_write_frame(): No space left' >&2\nexit 1\n";
  fs::permissions(scratch / "ffmpeg", fs::perms::owner_all);
  setenv("PATH", (scratch.path().string() + ":" + before).c_str(), 1);
  const auto write = [&] {
    const auto sink = make_frame_sink(scratch / "run.mp4", {.width = 640, .height = 480});
    for (int i = 0; i < 50; ++i) sink->write(plain(640, 480, 1, 2, 3));
    sink->finish();
  };
  CHECK_THROWS_WITH(write(), ContainsSubstring("run.mp4") && ContainsSubstring("No space left"));
  setenv("PATH", before.c_str(), 1);
  CHECK_FALSE(fs::exists(scratch / "run.mp4"));
}
