#include <cstdlib>

#include "capture/view/hud.h"
#include "envs/rendering/offscreen.h"
#include "tests/support/catch.h"
#include "tests/support/scenes.h"

using namespace understudy;
using namespace understudy::tests;

namespace {

/// Draws HUDs over one and the same grey wall.
class HudPictures {
 public:
  HudPictures(int width, int height)
      : width_(width),
        height_(height),
        renderer_({.width = width, .height = height, .samples = 1, .renderer = {}}) {
    renderer_.with_context([&] { hud_ = std::make_unique<Hud>(); });
  }
  ~HudPictures() {
    renderer_.with_context([&] { hud_.reset(); });
  }
  HudPictures(const HudPictures&) = delete;
  HudPictures& operator=(const HudPictures&) = delete;

  Image draw(const HudState& state) {
    return renderer_.render(scene_, from_front(4, 0.5F), [&] { hud_->draw(state, width_, height_); });
  }
  Hud::Column help_column(const HudState& state) {
    Hud::Column result;
    renderer_.with_context([&] { result = hud_->help_column(state, width_, height_); });
    return result;
  }
  Image bare() { return renderer_.render(scene_, from_front(4, 0.5F)); }

 private:
  int width_;
  int height_;
  OffscreenRenderer renderer_;
  std::unique_ptr<Hud> hud_;
  Scene scene_ = lone(shape(ShapeKind::kBox, {5, 0.1F, 5}, {0, 0, 0}, kGrey));
};

/// Where two pictures differ.
Region difference(const Image& a, const Image& b) {
  return find(a, [&](const std::uint8_t* rgb) {
    const std::uint8_t* const other = b.rgb.data() + (rgb - a.rgb.data());
    return std::abs(brightness(rgb) - brightness(other)) > 12;
  });
}

}  // namespace

TEST_CASE("the phase badge is red while recording and blue when ready") {
  HudPictures pictures(1280, 720);
  const Image recording = pictures.draw({.phase = "recording"});
  CHECK(is_red(recording.pixel(20, 30)));
  CHECK(brightness(recording.pixel(38, 32)) > 700);  // the white dot
  const Image ready = pictures.draw({.phase = "ready"});
  CHECK(ready.pixel(20, 30)[2] > 2 * ready.pixel(20, 30)[0]);
}

TEST_CASE("the badge stands at the same share of a picture of twice the size") {
  HudPictures pictures(2560, 1440);
  const Image recording = pictures.draw({.phase = "recording"});
  CHECK(is_red(recording.pixel(40, 60)));
  CHECK(brightness(recording.pixel(76, 64)) > 700);
}

TEST_CASE("the middle of the picture stays free") {
  HudPictures pictures(1280, 720);
  HudState state{.task = "Drive", .phase = "recording", .saved = 3, .wanted = 20};
  state.rate = state.wanted_rate = 30;
  state.device = "pad";
  state.controls = {{"Y", "save"}, {"A", "fail"}};
  state.action = {0.5F, -0.5F};
  state.message = "saved";
  const Image with = pictures.draw(state);
  const Image without = pictures.bare();
  CHECK(difference(with, without).count > 10000);
  for (int row = 100; row < 600; ++row) {
    for (int column = 300; column < 900; ++column) {
      REQUIRE(brightness(with.pixel(column, row)) == brightness(without.pixel(column, row)));
    }
  }
}

TEST_CASE("every part of the state shows in its own place") {
  HudPictures pictures(1280, 720);
  const HudState plain{.task = "Drive", .phase = "recording"};
  const Image before = pictures.draw(plain);
  HudState state = plain;
  const auto changed = [&] { return difference(pictures.draw(state), before); };
  SECTION("time and episodes: top middle") {
    state.episode_seconds = 75.3;
    state.saved = 4;
    const Region where = changed();
    CHECK(where.count > 100);
    CHECK(where.bottom < 64);
    CHECK(where.left > 400);
    CHECK(where.right < 880);
  }
  SECTION("rate: top right, green when kept, amber when not") {
    state.rate = 30;
    state.wanted_rate = 30;
    const Region where = changed();
    CHECK(where.count > 100);
    CHECK(where.left > 1000);
    CHECK(where.bottom < 64);
    const auto green = [](const std::uint8_t* rgb) { return rgb[1] > 200 && rgb[0] < 150; };
    const auto amber = [](const std::uint8_t* rgb) { return rgb[0] > 230 && rgb[2] < 110; };
    const Image kept = pictures.draw(state);
    CHECK(find(kept, green).count > 50);
    CHECK(find(kept, amber).count == 0);
    state.overruns = 2;
    CHECK(find(pictures.draw(state), amber).count > 50);
  }
  SECTION("device: top right, cut to fit") {
    state.device = std::string(300, 'W');
    const Region where = changed();
    CHECK(where.left > 860);
    CHECK(where.right < 1270);
    CHECK(where.bottom < 64);
  }
  SECTION("controls: below the rate, one row each") {
    state.controls = {{"Y", "end and save as success"}};
    const Region one = changed();
    state.controls.emplace_back("A", "end and save as failure");
    const Region two = changed();
    CHECK(one.left > 900);
    CHECK(two.bottom - one.bottom == 27);
  }
  SECTION("action: bottom left, bars to the side of the sign") {
    const auto blue = [](const std::uint8_t* rgb) { return rgb[2] > 230 && rgb[0] < 120; };
    state.action = {1};
    const Region right = find(pictures.draw(state), blue);
    state.action = {-1};
    const Region left = find(pictures.draw(state), blue);
    CHECK(right.count > 300);
    CHECK(left.right <= right.left);
    CHECK(left.width() == Approx(70).margin(2));
    state.action = {-0.5F};
    CHECK(find(pictures.draw(state), blue).width() == Approx(35).margin(2));
    state.action = {std::nanf("")};
    CHECK(find(pictures.draw(state), blue).count == 0);
  }
  SECTION("figures: below the bar to the left, green where the task is done, amber where not") {
    const auto green = [](const std::uint8_t* rgb) { return rgb[1] > 200 && rgb[0] < 150; };
    const auto amber = [](const std::uint8_t* rgb) { return rgb[0] > 230 && rgb[2] < 110; };
    state.figures = {{.name = "coverage", .value = 40, .unit = "%", .low = 90}};
    const Region where = changed();
    CHECK(where.left < 20);
    CHECK(where.right < 320);
    CHECK(where.top >= 64);
    CHECK(find(pictures.draw(state), amber).count > 50);
    state.figures[0].value = 95;
    CHECK(find(pictures.draw(state), green).count > 50);
    CHECK(find(pictures.draw(state), amber).count == 0);
  }
  SECTION("coverage: a green bar as long as the share") {
    const auto green = [](const std::uint8_t* rgb) { return rgb[1] > 200 && rgb[0] < 150; };
    state.coverage = HudCoverage{.share = 0.5, .here = "this start: the first"};
    CHECK(find(pictures.draw(state), green).width() == Approx(100).margin(2));
  }
  SECTION("moves: two words, and the bar to the side of the sign") {
    const auto blue = [](const std::uint8_t* rgb) { return rgb[2] > 230 && rgb[0] < 120; };
    state.action = {1};
    state.moves = {{.left = "back", .right = "forward", .value = -0.5F}};
    const Region bar = find(pictures.draw(state), blue);
    CHECK(bar.width() == Approx(35).margin(2));
    const Region all = changed();
    CHECK(all.left < bar.left - 70);
    CHECK(all.right > bar.right + 70 + 40);
  }
  SECTION("time left: under the time, amber when it is short") {
    const auto amber = [](const std::uint8_t* rgb) { return rgb[0] > 230 && rgb[2] < 110; };
    state.seconds_left = 42;
    CHECK(changed().bottom < 64);
    CHECK(find(pictures.draw(state), amber).count == 0);
    state.seconds_left = 6.2;
    CHECK(find(pictures.draw(state), amber).count > 30);
  }
  SECTION("a message beside a long panel of the action does not cover it") {
    state.controls = {{"Y", std::string(60, 'w')}};  // leaves half of the picture
    state.moves = {{.left = "turn left", .right = "turn right", .value = 0}};
    const Image without = pictures.draw(state);
    state.message = "put the can into the bin and let go of it";
    const Region message = difference(pictures.draw(state), without);
    state.message.clear();
    state.moves.clear();
    const Region moves = difference(without, pictures.draw(state));
    CHECK(message.count > 1000);
    CHECK(message.left > moves.right);
    CHECK(message.right < 1280 - pictures.help_column(state).width);
  }
  SECTION("why it is over: above the message") {
    state.message = "save or discard it";
    const Region message = changed();
    state.ended = "time is up";
    const Region both = changed();
    CHECK(both.top < message.top - 30);
    CHECK(both.bottom == message.bottom);
  }
  SECTION("help folds away to a line that says how to bring it back") {
    state.controls = {{"Y", "end and save as success"}, {"A", "end and save as failure"}};
    state.help_key = "H";
    const Region open = changed();
    CHECK(pictures.help_column(state).width >= 1280 - open.left);
    CHECK(pictures.help_column(state).bottom >= open.bottom);
    state.help_folded = true;
    const Region folded = changed();
    CHECK(pictures.help_column(state).width == 0);
    CHECK(folded.count > 100);
    CHECK(folded.height() < 32);
    CHECK(folded.width() < 100);
  }
  SECTION("figures stand under an open help, where they hide nothing of the picture") {
    state.controls = {{"Y", "end and save as success"}};
    const Hud::Column help = pictures.help_column(state);
    state.figures = {{.name = "coverage", .value = 40, .unit = "%", .low = 90}};
    state.coverage = HudCoverage{.share = 0.5, .here = "this start: the first"};
    CHECK(changed().left >= 1280 - help.width);
    CHECK(pictures.help_column(state).bottom >= changed().bottom);
  }
  SECTION("a help of forty lines still ends above the lower edge") {
    for (int i = 0; i < 40; ++i) state.controls.emplace_back("Left stick up / down", "forward / back");
    CHECK(changed().bottom < 710);
  }
  SECTION("message: bottom middle, amber when it is a warning") {
    state.message = "controller lost: press Start when it is back";
    const auto amber = [](const std::uint8_t* rgb) { return rgb[0] > 200 && rgb[1] > 150 && rgb[2] < 100; };
    const Region where = changed();
    CHECK(where.top > 600);
    CHECK((where.left + where.right) / 2 == Approx(640).margin(4));
    CHECK(find(pictures.draw(state), amber).count == 0);
    state.warning = true;
    CHECK(find(pictures.draw(state), amber).count > 2000);
  }
}

TEST_CASE("letters may be chosen larger than the picture's size asks for") {
  OffscreenRenderer renderer({.width = 1280, .height = 720, .samples = 1, .renderer = {}});
  const Scene scene = lone(shape(ShapeKind::kBox, {5, 0.1F, 5}, {0, 0, 0}, kGrey));
  const auto badge = [&](float scale) {
    std::unique_ptr<Hud> hud;
    renderer.with_context([&] { hud = std::make_unique<Hud>(scale); });
    const Image image =
        renderer.render(scene, from_front(4, 0.5F), [&] { hud->draw({.phase = "recording"}, 1280, 720); });
    renderer.with_context([&] { hud.reset(); });
    return find(image, [](const std::uint8_t* rgb) { return rgb[0] > 150 && rgb[1] < 80 && rgb[2] < 80; });
  };
  CHECK(badge(2).height() == Approx(2 * badge(0).height()).margin(2));
}
