#include "capture/view/hud.h"

#include <backends/imgui_impl_opengl3.h>
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cfloat>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <mutex>

#include "datasets/types/error.h"

namespace understudy {

namespace {

// Package fonts-dejavu-core. Without it Dear ImGui's own bitmap font is stretched.
const char* const kPlainFont = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";
const char* const kBoldFont = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf";

// Text heights at 1280 x 720, pixels.
constexpr float kSmall = 16;
constexpr float kMiddle = 22;
constexpr float kLarge = 32;

constexpr ImU32 kPanel = IM_COL32(14, 17, 22, 190);
constexpr ImU32 kWhite = IM_COL32(245, 247, 250, 255);
constexpr ImU32 kGrey = IM_COL32(176, 184, 196, 255);
constexpr ImU32 kGood = IM_COL32(110, 220, 130, 255);
constexpr ImU32 kBad = IM_COL32(255, 190, 70, 255);
constexpr ImU32 kKeyCap = IM_COL32(60, 68, 82, 255);
constexpr ImU32 kTrack = IM_COL32(70, 78, 92, 255);
constexpr ImU32 kBar = IM_COL32(90, 180, 255, 255);

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

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

template <typename... Values>
std::string print(const char* format, Values... values) {
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), format, values...);
  return text.data();
}

}  // namespace

struct Hud::Parts {
  Parts();
  ~Parts();
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  void load_fonts(float wanted_scale);
  void draw_all(const HudState& state, float width, float height);
  void draw_bar(const HudState& state, float width);
  void draw_rate(const HudState& state, float width);
  void draw_controls(const HudState& state, float width);
  void draw_action(const HudState& state, float height);
  void draw_message(const HudState& state, float width, float height);

  ImVec2 size(ImFont* font, float points, const std::string& words, float wrap = 0) const {
    return font->CalcTextSizeA(points * scale, FLT_MAX, wrap, words.data(), words.data() + words.size());
  }
  void text(ImFont* font, float points, float x, float y, ImU32 colour, const std::string& words,
            float wrap = 0) const {
    list->AddText(font, points * scale, ImVec2(std::round(x), std::round(y)), colour, words.data(),
                  words.data() + words.size(), wrap);
  }
  void panel(float left, float top, float right, float bottom, ImU32 colour = kPanel) const {
    list->AddRectFilled(ImVec2(left, top), ImVec2(right, bottom), colour, 8 * scale);
  }
  /// `words`, cut with "..." to at most `room` pixels.
  std::string fit(ImFont* font, float points, std::string words, float room) const;

  ImGuiContext* context;
  ImDrawList* list = nullptr;  // of the picture being drawn
  ImFont* plain = nullptr;
  ImFont* bold = nullptr;   // middle size
  ImFont* large = nullptr;  // bold
  float scale = 0;          // 1 at 1280 x 720
};

Hud::Parts::Parts() : context(ImGui::CreateContext()) {
  ImGui::SetCurrentContext(context);
  ImGui::GetIO().IniFilename = nullptr;
  if (!ImGui_ImplOpenGL3_Init("#version 330 core")) {
    ImGui::DestroyContext(context);
    throw Error("HUD: Dear ImGui finds no OpenGL library: install the package libgl-dev");
  }
}

Hud::Parts::~Parts() {
  ImGui::SetCurrentContext(context);
  ImGui_ImplOpenGL3_Shutdown();
  ImGui::DestroyContext(context);
}

void Hud::Parts::load_fonts(float wanted_scale) {
  if (scale == wanted_scale) return;
  scale = wanted_scale;
  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  // Latin, general punctuation, arrows and geometric shapes.
  static constexpr std::array<ImWchar, 9> kRanges{0x20,   0x17F,  0x2010, 0x2027, 0x2190,
                                                  0x21FF, 0x25A0, 0x25FF, 0};
  const auto load = [&](const char* path, float points) {
    std::error_code ignored;
    const float pixels = std::round(points * scale);
    if (std::filesystem::exists(path, ignored)) {
      if (ImFont* font = atlas.AddFontFromFileTTF(path, pixels, nullptr, kRanges.data())) return font;
    }
    ImFontConfig config;
    config.SizePixels = pixels;
    return atlas.AddFontDefault(&config);
  };
  // The texture belongs to the back-end: start it afresh.
  ImGui_ImplOpenGL3_Shutdown();
  atlas.Clear();
  plain = load(kPlainFont, kSmall);
  bold = load(kBoldFont, kMiddle);
  large = load(kBoldFont, kLarge);
  if (!ImGui_ImplOpenGL3_Init("#version 330 core")) throw Error("HUD: Dear ImGui lost the OpenGL library");
}

std::string Hud::Parts::fit(ImFont* font, float points, std::string words, float room) const {
  if (size(font, points, words).x <= room) return words;
  while (!words.empty() && size(font, points, words + "...").x > room) {
    // Whole UTF-8 characters only.
    while (!words.empty() && (static_cast<unsigned char>(words.back()) & 0xC0U) == 0x80U) words.pop_back();
    if (!words.empty()) words.pop_back();
  }
  return words + "...";
}

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
  text(large, kLarge, x, 14 * scale, kWhite, timer);
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

void Hud::Parts::draw_controls(const HudState& state, float width) {
  if (state.controls.empty()) return;
  const float row = 27 * scale;
  const float pad = 12 * scale;
  float keys = 0;
  float words = 0;
  for (const auto& [key, action] : state.controls) {
    keys = std::max(keys, size(plain, kSmall, key).x);
    words = std::max(words, size(plain, kSmall, action).x);
  }
  words = std::min(words, 0.3F * width);
  const float left = width - 16 * scale - 3 * pad - keys - 12 * scale - words;
  const float top = 80 * scale;
  panel(left, top, width - 16 * scale, top + static_cast<float>(state.controls.size()) * row + 1.5F * pad);
  float y = top + pad;
  for (const auto& [key, action] : state.controls) {
    const float key_width = size(plain, kSmall, key).x;
    const float centre = left + pad + (keys + 12 * scale) / 2;
    list->AddRectFilled(ImVec2(centre - key_width / 2 - 7 * scale, y - 1 * scale),
                        ImVec2(centre + key_width / 2 + 7 * scale, y + 21 * scale), kKeyCap, 5 * scale);
    text(plain, kSmall, centre - key_width / 2, y + 1 * scale, kWhite, key);
    text(plain, kSmall, left + 2 * pad + keys + 12 * scale, y + 1 * scale, kWhite,
         fit(plain, kSmall, action, words));
    y += row;
  }
}

/// Bottom left: one bar an entry, growing from the middle.
void Hud::Parts::draw_action(const HudState& state, float height) {
  if (state.action.empty()) return;
  const float row = 24 * scale;
  const float pad = 12 * scale;
  const float half = 70 * scale;
  float names = 0;
  for (const std::string& name : state.action_names) names = std::max(names, size(plain, kSmall, name).x);
  if (names > 0) names += pad;
  const float left = 16 * scale;
  const float top = height - 16 * scale - static_cast<float>(state.action.size()) * row - 1.5F * pad;
  panel(left, top, left + 2 * pad + names + 2 * half, height - 16 * scale);
  float y = top + pad;
  const float middle = left + pad + names + half;
  for (std::size_t i = 0; i < state.action.size(); ++i) {
    if (i < state.action_names.size()) {
      text(plain, kSmall, left + pad, y - 1 * scale, kGrey, state.action_names[i]);
    }
    const float value = std::clamp(std::isfinite(state.action[i]) ? state.action[i] : 0.0F, -1.0F, 1.0F);
    list->AddRectFilled(ImVec2(middle - half, y + 6 * scale), ImVec2(middle + half, y + 12 * scale), kTrack,
                        3 * scale);
    list->AddRectFilled(ImVec2(middle + std::min(0.0F, value) * half, y + 3 * scale),
                        ImVec2(middle + std::max(0.0F, value) * half, y + 15 * scale), kBar, 2 * scale);
    list->AddRectFilled(ImVec2(middle - 1 * scale, y + 1 * scale), ImVec2(middle + 1 * scale, y + 17 * scale),
                        kWhite);
    y += row;
  }
}

void Hud::Parts::draw_message(const HudState& state, float width, float height) {
  if (state.message.empty()) return;
  const float wrap = 0.55F * width;
  const ImVec2 words = size(bold, kMiddle, state.message, wrap);
  const float left = (width - words.x) / 2;
  const float top = height - 28 * scale - words.y;
  panel(left - 18 * scale, top - 10 * scale, left + words.x + 18 * scale, top + words.y + 12 * scale,
        state.warning ? IM_COL32(250, 185, 40, 240) : kPanel);
  text(bold, kMiddle, left, top, state.warning ? IM_COL32(20, 16, 4, 255) : kWhite, state.message, wrap);
}

void Hud::Parts::draw_all(const HudState& state, float width, float height) {
  draw_bar(state, width);
  draw_rate(state, width);
  draw_controls(state, width);
  draw_action(state, height);
  draw_message(state, width, height);
}

Hud::Hud() {
  const std::lock_guard lock(imgui_mutex());
  parts_ = std::make_unique<Parts>();
}

Hud::~Hud() {
  const std::lock_guard lock(imgui_mutex());
  parts_.reset();
}

void Hud::draw(const HudState& state, int width, int height) {
  if (width < 1 || height < 1) return;
  const std::lock_guard lock(imgui_mutex());
  ImGui::SetCurrentContext(parts_->context);
  const auto pixels_x = static_cast<float>(width);
  const auto pixels_y = static_cast<float>(height);
  // In steps, so that dragging the window's edge does not draw new letters all the time.
  const float scale = std::floor(8 * std::min(pixels_x / 1280, pixels_y / 720)) / 8;
  parts_->load_fonts(std::clamp(scale, 0.5F, 4.0F));
  ImGuiIO& io = ImGui::GetIO();
  io.DisplaySize = ImVec2(pixels_x, pixels_y);
  io.DeltaTime = 1.0F / 60.0F;
  ImGui_ImplOpenGL3_NewFrame();
  ImGui::NewFrame();
  parts_->list = ImGui::GetBackgroundDrawList();
  parts_->draw_all(state, pixels_x, pixels_y);
  ImGui::Render();
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
}

}  // namespace understudy
