#include "tools/media/video.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "datasets/types/error.h"

extern char** environ;

namespace understudy::tools {

namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kVideoEndings{".mp4", ".mkv", ".mov", ".webm", ".avi", ".gif"};

bool is_video(const fs::path& path) {
  return std::find(kVideoEndings.begin(), kVideoEndings.end(), path.extension()) != kVideoEndings.end();
}

bool on_path(const std::string& program) {
  const char* const folders = std::getenv("PATH");
  std::string rest = folders != nullptr ? folders : "";
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    if (access((rest.substr(0, end) + "/" + program).c_str(), X_OK) == 0) return true;
    rest.erase(0, end + 1);
  }
  return false;
}

std::string last_line(std::FILE* file) {
  std::rewind(file);
  std::string last;
  std::array<char, 512> line{};
  while (std::fgets(line.data(), static_cast<int>(line.size()), file) != nullptr) {
    const std::string text(line.data(), std::strcspn(line.data(), "\r\n"));
    if (!text.empty()) last = text;
  }
  return last;
}

class PngFolder : public FrameSink {
 public:
  explicit PngFolder(fs::path folder) : folder_(std::move(folder)) {
    std::error_code failure;
    created_ = fs::create_directory(folder_, failure);
    if (failure) throw Error(folder_.string() + ": cannot make the folder: " + failure.message());
    // A shorter sequence must not keep the end of a longer one.
    std::vector<fs::path> old;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_)) {
      const std::string name = entry.path().filename().string();
      if (name.rfind("frame_", 0) == 0 && entry.path().extension() == ".png") old.push_back(entry.path());
    }
    for (const fs::path& file : old) fs::remove(file);
  }
  ~PngFolder() override {
    if (finished_) return;
    std::error_code ignored;
    for (const fs::path& file : written_) fs::remove(file, ignored);
    if (created_) fs::remove(folder_, ignored);
  }

  void write(const Image& image) override {
    std::array<char, 32> name{};
    std::snprintf(name.data(), name.size(), "frame_%06zu.png", written_.size());
    written_.push_back(folder_ / name.data());
    write_png(written_.back(), image);
  }
  void finish() override { finished_ = true; }

 private:
  fs::path folder_;
  bool created_ = false;
  bool finished_ = false;
  std::vector<fs::path> written_;
};

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// Pipes raw pictures to ffmpeg, which writes beside the wanted file until all is well.
class Video : public FrameSink {
 public:
  Video(const fs::path& path, const FrameSinkOptions& options)
      : path_(path),
        part_(path.parent_path() / (path.stem().string() + ".part" + path.extension().string())),
        complaints_(std::tmpfile()) {
    want_ffmpeg(path.string());
    if (!complaints_) throw Error(std::string("cannot make a temporary file: ") + std::strerror(errno));
    // A dead ffmpeg is noticed by write(2).
    struct sigaction ignore = {};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &ignore, &before_);
    start(options);
  }
  ~Video() override {
    if (pipe_ >= 0) close(pipe_);
    if (child_ > 0) {
      kill(child_, SIGKILL);
      waitpid(child_, nullptr, 0);
    }
    if (!finished_) {
      std::error_code ignored;
      fs::remove(part_, ignored);
    }
    sigaction(SIGPIPE, &before_, nullptr);
  }

  void write(const Image& image) override {
    const char* next = reinterpret_cast<const char*>(image.rgb.data());
    std::size_t left = image.rgb.size();
    while (left > 0) {
      const ssize_t taken = ::write(pipe_, next, left);
      if (taken < 0 && errno == EINTR) continue;
      if (taken <= 0) {
        finish();  // throws with ffmpeg's own words
        throw Error(path_.string() + ": ffmpeg stopped reading");
      }
      next += taken;
      left -= static_cast<std::size_t>(taken);
    }
  }

  void finish() override {
    close(pipe_);
    pipe_ = -1;
    int status = 0;
    while (waitpid(child_, &status, 0) < 0 && errno == EINTR) {
    }
    child_ = -1;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
      const std::string words = last_line(complaints_.get());
      throw Error(path_.string() + ": ffmpeg failed: " + (words.empty() ? "it was killed" : words));
    }
    std::error_code failure;
    fs::rename(part_, path_, failure);
    if (failure) throw Error(path_.string() + ": cannot be written: " + failure.message());
    finished_ = true;
  }

 private:
  void start(const FrameSinkOptions& options) {
    std::vector<std::string> words{
        "ffmpeg",      "-y",
        "-loglevel",   "error",
        "-f",          "rawvideo",
        "-pix_fmt",    "rgb24",
        "-video_size", std::to_string(options.width) + "x" + std::to_string(options.height),
        "-framerate",  std::to_string(options.rate),
        "-i",          "-"};
    const std::string ending = path_.extension().string();
    if (ending != ".gif") {
      // Most players want half the colour resolution, and so even sizes.
      for (const char* word : {"-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-pix_fmt", "yuv420p"})
        words.emplace_back(word);
    }
    if (ending == ".mp4" || ending == ".mkv" || ending == ".mov") {
      for (const char* word : {"-c:v", "libx264", "-preset", "veryfast", "-crf", "20"})
        words.emplace_back(word);
    }
    words.push_back("file:" + part_.string());
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);

    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
      throw Error(std::string("cannot make a pipe: ") + std::strerror(errno));
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, ends[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, fileno(complaints_.get()), STDERR_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    // In a group of its own, Ctrl-C reaches this program only, which then tidies up.
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attributes, 0);
    const int failure = posix_spawnp(&child_, "ffmpeg", &files, &attributes, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    close(ends[0]);
    pipe_ = ends[1];
    if (failure != 0) {
      child_ = -1;
      close(pipe_);
      sigaction(SIGPIPE, &before_, nullptr);
      throw Error(std::string("ffmpeg cannot be started: ") + std::strerror(failure));
    }
  }

  fs::path path_;
  fs::path part_;
  std::unique_ptr<std::FILE, CloseFile> complaints_;
  struct sigaction before_ = {};
  pid_t child_ = -1;
  int pipe_ = -1;
  bool finished_ = false;
};

}  // namespace

void want_ffmpeg(const std::string& place) {
  if (on_path("ffmpeg")) return;
  throw Error(place +
              ": a video needs the program ffmpeg, which is not installed; install the package ffmpeg, or "
              "give a folder to get PNG files");
}

std::unique_ptr<FrameSink> make_frame_sink(const fs::path& path, const FrameSinkOptions& options) {
  if (path.extension() == ".png") {
    throw UsageError(path.string() +
                     ": want a folder for PNG files or a video's name (.mp4), not one picture");
  }
  const bool video = is_video(path);
  if (fs::exists(path)) {
    const bool folder = fs::is_directory(path);
    if (folder == video) {
      throw Error(path.string() + (video ? ": is a folder, not a video" : ": is a file, not a folder"));
    }
    if (!options.force && !(folder && fs::is_empty(path))) {
      throw Error(path.string() + ": exists already; give another name, or --force to replace it");
    }
  }
  const fs::path parent = path.parent_path();
  if (!parent.empty() && !fs::is_directory(parent)) {
    throw Error(parent.string() + ": no such folder; make it first");
  }
  if (video) return std::make_unique<Video>(path, options);
  return std::make_unique<PngFolder>(path);
}

}  // namespace understudy::tools
