#include "capture/view/hud.h"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "capture/view/canvas.h"

namespace understudy {

namespace {

// Dear ImGui keeps its current context in a global variable.
std::mutex& imgui_mutex() {
  static std::mutex mutex;
  return mutex;
}

ImU32 phase_colour(const std::string& phase) {
  if (phase == "recording") return IM_COL32(205, 32, 40, 255);
  if (phase == "ready") return IM_COL32(28, 105, 190, 255);
  if (phase == "paused") return IM_COL32(196, 120, 8, 255);
  if (phase == "saved") return IM_COL32(24, 135, 64, 255);
  if (phase == "ended" || phase == "judge") return IM_COL32(118, 66, 180, 255);
  if (phase == "replay") return IM_COL32(0, 122, 128, 255);
  return IM_COL32(84, 92, 106, 255);
}

std::string value_text(const SceneFigure& figure) {
  std::string number = print("%.*f", figure.decimals, figure.value);
  if (number.find_first_not_of("-0.") == std::string::npos && number[0] == '-') number.erase(0, 1);
  return figure.unit.empty() ? number : number + " " + figure.unit;
}

/// From where to where the figure is as wanted, "" if it is all the same.
std::string goal_text(const SceneFigure& figure) {
  const bool low = std::isfinite(figure.low), high = std::isfinite(figure.high);
  if (low && high) return print("%.3g to %.3g", figure.low, figure.high);
  if (low) return print("\u2265 %.3g", figure.low);
  if (high) return print("\u2264 %.3g", figure.high);
  return "";
}

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

}  // namespace

struct Hud::Parts : Canvas {
  void choose_scale(float width, float height) {
    // In steps, so that dragging the window's edge does not draw new letters all the time.
    const float fitting = std::floor(8 * std::min(width / 1280, height / 720)) / 8;
    load_fonts(std::clamp(wanted > 0 ? wanted : fitting, 0.5F, 4.0F));
  }
  float help_width(const HudState& state, float width) const;
  /// Where the help ends, and where the figures and the coverage begin.
  float help_bottom(const HudState& state, float height) const;
  ImVec2 figures_corner(const HudState& state, float width, float height) const;
  float figures_height(const HudState& state) const;
  void draw_bar(const HudState& state, float width);
  void draw_rate(const HudState& state, float width);
  void draw_controls(const HudState& state, float width, float height);
  void draw_help_hint(const HudState& state, float width) const;
  float draw_figures(const HudState& state, float left, float top) const;
  void draw_coverage(const HudCoverage& coverage, float left, float top) const;
  float draw_action(const HudState& state, float height);
  void draw_message(const HudState& state, float free_from, float width, float height);
  void draw_all(const HudState& state, float width, float height, const HudMarks& marks);

  float wanted = 0;  // scale; 0: what fits
};

/// Top left: phase and task. Middle: time and episodes.
void Hud::Parts::draw_bar(const HudState& state, float width) {
  list->AddRectFilled(ImVec2(0, 0), ImVec2(width, 64 * scale), kPanel);
  float x = 14 * scale;
  if (!state.phase.empty()) {
    const std::string phase = upper(state.phase);
    const bool recording = state.phase == "recording";
    const float words = size(bold, kMiddle, phase).x;
    const float badge = words + (recording ? 58 : 32) * scale;
    panel(x, 11 * scale, x + badge, 53 * scale, phase_colour(state.phase));
    if (recording) list->AddCircleFilled(ImVec2(x + 24 * scale, 32 * scale), 9 * scale, kWhite, 24);
    text(bold, kMiddle, x + (recording ? 42 : 16) * scale, 20 * scale, kWhite, phase);
    x += badge + 18 * scale;
  }
  text(bold, kMiddle, x, 20 * scale, kWhite, state.task);
  x += size(bold, kMiddle, state.task).x + 18 * scale;
  if (!state.driver.empty())
    text(plain, kSmall, x, 24 * scale, kGrey, fit(plain, kSmall, state.driver, 0.2F * width));

  const int minutes = static_cast<int>(state.episode_seconds / 60);
  const std::string timer = print("%d:%04.1f", minutes, state.episode_seconds - 60 * minutes);
  std::string count;
  if (state.wanted > 0) {
    count = print("%d / %d saved", state.saved, state.wanted);
  } else if (state.saved > 0) {
    count = print("%d saved", state.saved);
  }
  const float timer_width = size(large, kLarge, timer).x;
  const float gap = count.empty() ? 0 : 24 * scale;
  x = (width - timer_width - gap - size(bold, kMiddle, count).x) / 2;
  const bool counted = state.seconds_left >= 0;
  text(large, kLarge, x, (counted ? 4 : 14) * scale, kWhite, timer);
  if (counted) {
    const std::string left = print("%.0f s left", std::ceil(state.seconds_left));
    const bool soon = state.seconds_left < 10;
    text(plain, kSmall, x + (timer_width - size(plain, kSmall, left).x) / 2, 42 * scale, soon ? kBad : kGrey,
         left);
  }
  text(bold, kMiddle, x + timer_width + gap, 20 * scale, kWhite, count);
}

/// Top right: real rate against the wanted one, and the device.
void Hud::Parts::draw_rate(const HudState& state, float width) {
  const float right = width - 16 * scale;
  if (state.rate > 0) {
    const bool good =
        state.overruns == 0 && std::abs(state.rate - state.wanted_rate) <= 0.02 * state.wanted_rate;
    std::string rate = state.wanted_rate > 0 ? print("%.1f / %.0f Hz", state.rate, state.wanted_rate)
                                             : print("%.1f Hz", state.rate);
    if (state.overruns > 0) rate += print(", %d late", state.overruns);
    text(bold, kMiddle, right - size(bold, kMiddle, rate).x, 8 * scale, good ? kGood : kBad, rate);
  }
  const std::string device = fit(plain, kSmall, state.device, 0.3F * width);
  const float top = state.rate > 0 ? 38 : 23;
  text(plain, kSmall, right - size(plain, kSmall, device).x, top * scale, kGrey, device);
}

/// Width of the help's panel with its margins.
float Hud::Parts::help_width(const HudState& state, float width) const {
  if (state.controls.empty() || state.help_folded) return 0;
  float keys = 0;
  float words = 0;
  for (const auto& [key, action] : state.controls) {
    keys = std::max(keys, size(plain, kSmall, key).x);
    words = std::max(words, size(plain, kSmall, action).x);
  }
  return std::min(keys + words + 80 * scale, 0.45F * width);
}

float Hud::Parts::help_bottom(const HudState& state, float height) const {
  // Long lists are set closer.
  const auto rows = static_cast<float>(state.controls.size());
  return 98 * scale + rows * std::min(27 * scale, (height - 120 * scale) / rows);
}

float Hud::Parts::figures_height(const HudState& state) const {
  float height = 0;
  if (!state.figures.empty()) height += 29 * scale * static_cast<float>(state.figures.size()) + 27 * scale;
  if (state.coverage) height += 110 * scale;
  return height;
}

/// Under the help where there is room for them and a second picture, else in the picture's corner.
ImVec2 Hud::Parts::figures_corner(const HudState& state, float width, float height) const {
  const float whole = help_width(state, width);
  const ImVec2 corner(16 * scale, 80 * scale);
  if (whole == 0) return corner;
  const float below = help_bottom(state, height) + 12 * scale;
  return below + figures_height(state) < height - 16 * scale ? ImVec2(width - whole, below) : corner;
}

void Hud::Parts::draw_controls(const HudState& state, float width, float height) {
  const float whole = help_width(state, width);
  if (whole == 0) return;
  const auto rows = static_cast<float>(state.controls.size());
  const float row = (help_bottom(state, height) - 98 * scale) / rows;
  const float points = std::max(10.0F, kSmall * std::min(1.0F, row / (25 * scale)));
  const float pad = 12 * scale;
  float keys = 0;
  for (const auto& [key, action] : state.controls) keys = std::max(keys, size(plain, points, key).x);
  keys = std::min(keys, 0.5F * whole);
  const float left = width - whole;
  const float top = 80 * scale;
  panel(left, top, width - 16 * scale, top + rows * row + 1.5F * pad);
  const float words = whole - 16 * scale - 3 * pad - keys - 12 * scale;
  float y = top + pad;
  for (const auto& [key, action] : state.controls) {
    const std::string shown = fit(plain, points, key, keys);
    const float key_width = size(plain, points, shown).x;
    const float centre = left + pad + (keys + 12 * scale) / 2;
    list->AddRectFilled(ImVec2(centre - key_width / 2 - 7 * scale, y - 1 * scale),
                        ImVec2(centre + key_width / 2 + 7 * scale, y + row - 6 * scale), kKeyCap, 5 * scale);
    text(plain, points, centre - key_width / 2, y + 1 * scale, kWhite, shown);
    text(plain, points, left + 2 * pad + keys + 12 * scale, y + 1 * scale, kWhite,
         fit(plain, points, action, words));
    y += row;
  }
}

/// Below the rate, in the place of the controls: how to bring them back.
void Hud::Parts::draw_help_hint(const HudState& state, float width) const {
  if (state.controls.empty() || !state.help_folded || state.help_key.empty()) return;
  const std::string words = state.help_key + ": help";
  const float across = size(plain, kSmall, words).x;
  const float right = width - 16 * scale, top = 76 * scale;
  panel(right - across - 20 * scale, top, right, top + 28 * scale);
  text(plain, kSmall, right - across - 10 * scale, top + 5 * scale, kGrey, words);
}

/// What the task is judged by. Returns where the panel ends.
float Hud::Parts::draw_figures(const HudState& state, float left, float top) const {
  if (state.figures.empty()) return top;
  const float row = 29 * scale, pad = 12 * scale, gap = 14 * scale;
  float names = 0, values = 0, goals = 0;
  std::vector<std::pair<std::string, std::string>> texts;
  for (const SceneFigure& figure : state.figures) {
    texts.emplace_back(value_text(figure), goal_text(figure));
    names = std::max(names, size(plain, kSmall, figure.name).x);
    values = std::max(values, size(bold, kMiddle, texts.back().first).x);
    goals = std::max(goals, size(plain, kSmall, texts.back().second).x);
  }
  // Wide enough for numbers that grow, so that the panel keeps its size.
  values = std::max(values, 108 * scale);
  const float value_right = left + pad + names + gap + values;
  const float bottom = top + row * static_cast<float>(texts.size()) + 1.2F * pad;
  panel(left, top, value_right + (goals > 0 ? gap + goals : 0) + pad, bottom);
  float y = top + 0.6F * pad;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const SceneFigure& figure = state.figures[i];
    const ImU32 colour = !figure.judges() ? kWhite : figure.good() ? kGood : kBad;
    text(plain, kSmall, left + pad, y + 7 * scale, kGrey, figure.name);
    text(bold, kMiddle, value_right - size(bold, kMiddle, texts[i].first).x, y + 2 * scale, colour,
         texts[i].first);
    text(plain, kSmall, value_right + gap, y + 7 * scale, kGrey, texts[i].second);
    y += row;
  }
  return bottom + 12 * scale;
}

void Hud::Parts::draw_coverage(const HudCoverage& coverage, float left, float top) const {
  const float pad = 12 * scale, track = 200 * scale;
  std::vector<std::string> lines;
  if (!coverage.here.empty()) lines.push_back(coverage.here);
  if (!coverage.missing.empty()) lines.push_back(coverage.missing);
  float width = track;
  for (const std::string& line : lines) width = std::max(width, size(plain, kSmall, line).x);
  const float row = 22 * scale;
  panel(left, top, left + width + 2 * pad, top + row * static_cast<float>(lines.size() + 1) + 30 * scale);
  const auto share = static_cast<float>(std::clamp(coverage.share, 0.0, 1.0));
  text(plain, kSmall, left + pad, top + 8 * scale, kGrey,
       print("starts covered: %.0f %%", 100 * coverage.share));
  const float y = top + 32 * scale;
  list->AddRectFilled(ImVec2(left + pad, y), ImVec2(left + pad + track, y + 8 * scale), kTrack, 3 * scale);
  list->AddRectFilled(ImVec2(left + pad, y), ImVec2(left + pad + share * track, y + 8 * scale), kGood,
                      3 * scale);
  float at = y + 14 * scale;
  for (const std::string& line : lines) {
    text(plain, kSmall, left + pad, at, kWhite, line);
    at += row;
  }
}

/// Bottom left: one bar an entry, growing from the middle. Returns where the panel ends to the right.
float Hud::Parts::draw_action(const HudState& state, float height) {
  std::vector<HudMove> moves = state.moves;
  for (std::size_t i = 0; moves.size() < state.action.size() && state.moves.empty(); ++i) {
    moves.push_back({.left = i < state.action_names.size() ? state.action_names[i] : "",
                     .right = "",
                     .value = state.action[i]});
  }
  if (moves.empty()) return 0;
  const float row = 24 * scale;
  const float pad = 12 * scale;
  const float half = 70 * scale;
  float lefts = 0, rights = 0;
  for (const HudMove& move : moves) {
    lefts = std::max(lefts, size(plain, kSmall, move.left).x);
    rights = std::max(rights, size(plain, kSmall, move.right).x);
  }
  if (lefts > 0) lefts += pad;
  if (rights > 0) rights += pad;
  const float left = 16 * scale;
  const float top = height - 16 * scale - static_cast<float>(moves.size()) * row - 1.5F * pad;
  panel(left, top, left + 2 * pad + lefts + 2 * half + rights, height - 16 * scale);
  float y = top + pad;
  const float middle = left + pad + lefts + half;
  for (const HudMove& move : moves) {
    const float value = std::clamp(std::isfinite(move.value) ? move.value : 0.0F, -1.0F, 1.0F);
    const float beside =
        state.moves.empty() ? left + pad : middle - half - pad - size(plain, kSmall, move.left).x;
    text(plain, kSmall, beside, y - 1 * scale, kGrey, move.left);
    text(plain, kSmall, middle + half + pad, y - 1 * scale, kGrey, move.right);
    list->AddRectFilled(ImVec2(middle - half, y + 6 * scale), ImVec2(middle + half, y + 12 * scale), kTrack,
                        3 * scale);
    list->AddRectFilled(ImVec2(middle + std::min(0.0F, value) * half, y + 3 * scale),
                        ImVec2(middle + std::max(0.0F, value) * half, y + 15 * scale), kBar, 2 * scale);
    list->AddRectFilled(ImVec2(middle - 1 * scale, y + 1 * scale), ImVec2(middle + 1 * scale, y + 17 * scale),
                        kWhite);
    y += row;
  }
  return middle + half + rights + pad;
}

/// In the middle of the lower edge, or of what is free of it from `free_from` on.
void Hud::Parts::draw_message(const HudState& state, float free_from, float width, float height) {
  float bottom = height - 16 * scale;
  const auto strip = [&](const std::string& words, ImU32 back, ImU32 front) {
    if (words.empty()) return;
    float wrap = 0.5F * width;
    ImVec2 area = size(bold, kMiddle, words, wrap);
    float left = (width - area.x) / 2;
    if (left - 34 * scale < free_from) {
      wrap = std::max(width - free_from - 68 * scale, 200 * scale);
      area = size(bold, kMiddle, words, wrap);
      left = free_from + 34 * scale;
    }
    const float top = bottom - 12 * scale - area.y;
    panel(left - 18 * scale, top - 10 * scale, left + area.x + 18 * scale, bottom, back);
    text(bold, kMiddle, left, top, front, words, wrap);
    bottom = top - 18 * scale;
  };
  if (state.warning) {
    strip(state.message, IM_COL32(250, 185, 40, 240), IM_COL32(20, 16, 4, 255));
  } else {
    strip(state.message, kPanel, kWhite);
  }
  strip(state.ended, IM_COL32(118, 66, 180, 235), kWhite);
}

void Hud::Parts::draw_all(const HudState& state, float width, float height, const HudMarks& marks) {
  draw_marks(*this, marks);
  draw_bar(state, width);
  draw_rate(state, width);
  draw_controls(state, width, height);
  draw_help_hint(state, width);
  const ImVec2 corner = figures_corner(state, width, height);
  const float below = draw_figures(state, corner.x, corner.y);
  if (state.coverage) draw_coverage(*state.coverage, corner.x, below);
  const float actions_end = draw_action(state, height);
  draw_message(state, actions_end, width - help_width(state, width), height);
}

Hud::Hud(float scale) {
  const std::lock_guard lock(imgui_mutex());
  parts_ = std::make_unique<Parts>();
  parts_->wanted = scale;
}

Hud::~Hud() {
  const std::lock_guard lock(imgui_mutex());
  parts_.reset();
}

void Hud::draw(const HudState& state, int width, int height, const HudMarks& marks) {
  if (width < 1 || height < 1) return;
  const std::lock_guard lock(imgui_mutex());
  ImGui::SetCurrentContext(parts_->context);
  const auto pixels_x = static_cast<float>(width);
  const auto pixels_y = static_cast<float>(height);
  parts_->choose_scale(pixels_x, pixels_y);
  parts_->begin(pixels_x, pixels_y);
  parts_->draw_all(state, pixels_x, pixels_y, marks);
  parts_->end();
}

Hud::Column Hud::help_column(const HudState& state, int width, int height) {
  if (width < 1 || height < 1) return {};
  const std::lock_guard lock(imgui_mutex());
  ImGui::SetCurrentContext(parts_->context);
  parts_->choose_scale(static_cast<float>(width), static_cast<float>(height));
  const auto pixels_x = static_cast<float>(width), pixels_y = static_cast<float>(height);
  const float column = parts_->help_width(state, pixels_x);
  if (column == 0) return {};
  const ImVec2 corner = parts_->figures_corner(state, pixels_x, pixels_y);
  const bool under = corner.x > 0.5F * pixels_x;
  const float bottom =
      under ? corner.y + parts_->figures_height(state) : parts_->help_bottom(state, pixels_y);
  return {static_cast<int>(std::ceil(column)), static_cast<int>(std::ceil(bottom))};
}

}  // namespace understudy
