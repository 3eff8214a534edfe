#include "bc/cloning/picture_source.h"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "datasets/format/demonstration_reader.h"
#include "datasets/types/error.h"
#include "datasets/types/start_thread.h"

namespace understudy {
namespace {

constexpr int kNone = -1;

std::vector<ImageField> fields_of(const std::vector<SightCamera>& cameras) {
  std::vector<ImageField> fields;
  for (const SightCamera& camera : cameras)
    fields.push_back(
        {.camera = camera.name, .kind = ImageKind::kColour, .width = camera.width, .height = camera.height});
  return fields;
}

}  // namespace

struct PictureSource::Parts {
  Parts(const std::filesystem::path& file, std::vector<SightCamera> wanted_cameras,
        std::vector<PicturePlace> all, std::size_t memory)
      : reader(file),
        fields(fields_of(wanted_cameras)),
        places(std::move(all)),
        step(step_bytes(wanted_cameras)),
        slot_of(places.size(), kNone) {
    const std::size_t most = memory / step;
    if (most < 2) {
      throw Error(file.string() + ": want memory for the pictures of two steps, " + std::to_string(2 * step) +
                  " bytes, found " + std::to_string(memory) + "; raise --image-memory");
    }
    const std::size_t count = std::min(most, std::max<std::size_t>(places.size(), 2));
    pictures.resize(count * step);
    place_in.assign(count, kNone);
  }

  std::uint8_t* slot(int index) { return pictures.data() + static_cast<std::size_t>(index) * step; }

  /// The place to load next; kNone when there is nothing to do. What is asked for goes before what is expected, of which
  /// no more is loaded ahead than leaves a slot free.
  int next_place() {
    if (asked != kNone && slot_of[index(asked)] == kNone) return asked;
    for (; ahead < expected.size() && ahead + 1 < place_in.size(); ++ahead) {
      if (slot_of[index(expected[ahead])] == kNone) return expected[ahead];
    }
    return kNone;
  }

  /// The slot that was filled longest ago, those left out that are still to be read.
  int free_slot() {
    const std::size_t end = std::min(ahead, expected.size());
    while (true) {
      const int candidate = hand;
      hand = (hand + 1) % static_cast<int>(place_in.size());
      const int held = place_in[index(candidate)];
      if (held == kNone) return candidate;
      const auto begin = expected.begin();
      if (held != asked && std::find(begin, begin + static_cast<std::ptrdiff_t>(end), held) ==
                               begin + static_cast<std::ptrdiff_t>(end))
        return candidate;
    }
  }

  void work() {
    std::unique_lock lock(mutex);
    while (!over) {
      const int place = next_place();
      if (place == kNone) {
        changed.wait(lock);
        continue;
      }
      const int into = free_slot();
      int& held = place_in[index(into)];
      if (held != kNone) slot_of[index(held)] = kNone;
      held = kNone;
      lock.unlock();
      std::exception_ptr error;
      try {
        load(places[index(place)], slot(into));
      } catch (...) {
        error = std::current_exception();
      }
      lock.lock();
      if (error) {
        failure = error;
        over = true;
      } else {
        held = place;
        slot_of[index(place)] = into;
        ++loads;
      }
      loaded.notify_all();
    }
  }

  void load(const PicturePlace& place, std::uint8_t* to) const {
    for (const ImageField& field : fields) {
      reader.read_image(place.episode, field, place.row, to);
      to += field.bytes();
    }
  }

  static std::size_t index(int number) { return static_cast<std::size_t>(number); }

  DemonstrationReader reader;  // the thread's, once it runs
  std::vector<ImageField> fields;
  std::vector<PicturePlace> places;
  std::size_t step;
  std::vector<std::uint8_t> pictures;

  std::mutex mutex;  // guards all that follows
  std::condition_variable changed, loaded;
  std::vector<int> slot_of;   // of a place
  std::vector<int> place_in;  // of a slot
  std::deque<int> expected;
  std::size_t ahead = 0;  // of them, those that are there
  int asked = kNone;
  int hand = 0;  // the slot to fill next
  bool over = false;
  std::exception_ptr failure;
  std::int64_t loads = 0;
  std::thread thread;
};

std::size_t PictureSource::step_bytes(const std::vector<SightCamera>& cameras) {
  std::size_t bytes = 0;
  for (const SightCamera& camera : cameras) bytes += static_cast<std::size_t>(camera.size());
  return bytes;
}

PictureSource::PictureSource(const std::filesystem::path& file, std::vector<SightCamera> cameras,
                             std::vector<PicturePlace> places, std::size_t memory)
    : parts_(std::make_unique<Parts>(file, std::move(cameras), std::move(places), memory)) {
  parts_->thread = start_thread("reading pictures", [parts = parts_.get()] { parts->work(); });
}

PictureSource::~PictureSource() {
  {
    const std::lock_guard lock(parts_->mutex);
    parts_->over = true;
  }
  parts_->changed.notify_all();
  parts_->thread.join();
}

void PictureSource::expect(std::vector<int> places) {
  const std::lock_guard lock(parts_->mutex);
  parts_->expected.assign(places.begin(), places.end());
  parts_->ahead = 0;
  parts_->changed.notify_all();
}

void PictureSource::read(int place, std::uint8_t* pictures) {
  Parts& p = *parts_;
  std::unique_lock lock(p.mutex);
  int& slot = p.slot_of[Parts::index(place)];
  if (slot == kNone) {
    p.asked = place;
    p.changed.notify_all();
    p.loaded.wait(lock, [&] { return slot != kNone || p.over; });
    p.asked = kNone;
    if (slot == kNone) std::rethrow_exception(p.failure);
  }
  std::memcpy(pictures, p.slot(slot), p.step);
  if (!p.expected.empty() && p.expected.front() == place) {
    p.expected.pop_front();
    if (p.ahead > 0) --p.ahead;
    p.changed.notify_all();
  }
}

std::int64_t PictureSource::loads() const {
  const std::lock_guard lock(parts_->mutex);
  return parts_->loads;
}

std::size_t PictureSource::memory() const {
  return parts_->pictures.size();
}

std::vector<SightCamera> cameras_of(const std::filesystem::path& file,
                                    const std::vector<std::string>& names) {
  const std::vector<ImageField> fields = DemonstrationReader(file).header().images.fields;
  std::vector<SightCamera> cameras;
  for (const std::string& text : names) {
    const std::string name = text.substr(0, text.find(':'));
    const auto camera = [&](const ImageField& field) {
      return field.kind == ImageKind::kColour && field.camera == name;
    };
    const auto found = std::find_if(fields.begin(), fields.end(), camera);
    const bool there = found != fields.end();
    const SightCamera seen = there ? SightCamera{name, found->width, found->height} : SightCamera{name};
    const bool size = there && (text == name || text == name + ":" + seen.text().substr(name.size() + 1));
    if (name.empty())
      throw UsageError("--cameras: want names of cameras with commas between, found '" + text + "'");
    if (!there || !size) {
      throw Error(file.string() + ": want pictures of " + text + ", found " + images_text(fields) +
                  "; render them: understudy data images FILE --camera " + text);
    }
    if (std::find(cameras.begin(), cameras.end(), seen) != cameras.end())
      throw UsageError("--cameras: want each camera once, found '" + name + "' twice");
    cameras.push_back(seen);
  }
  return cameras;
}

}  // namespace understudy
