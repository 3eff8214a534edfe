#include "capture/view/canvas.h"

#include <backends/imgui_impl_opengl3.h>

#include <array>
#include <cfloat>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <filesystem>

#include "datasets/types/error.h"

namespace understudy {
namespace {

// Package fonts-dejavu-core. Without it Dear ImGui's own bitmap font is stretched.
const char* const kPlainFont = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";
const char* const kBoldFont = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf";

}  // namespace

std::string print(const char* format, ...) {
  std::array<char, 96> text{};
  std::va_list values;
  va_start(values, format);
  std::vsnprintf(text.data(), text.size(), format, values);
  va_end(values);
  return text.data();
}

Canvas::Canvas() : context(ImGui::CreateContext()) {
  ImGui::SetCurrentContext(context);
  ImGui::GetIO().IniFilename = nullptr;
  if (!ImGui_ImplOpenGL3_Init("#version 330 core")) {
    ImGui::DestroyContext(context);
    throw Error("HUD: Dear ImGui finds no OpenGL library: install the package libgl-dev");
  }
}

Canvas::~Canvas() {
  ImGui::SetCurrentContext(context);
  ImGui_ImplOpenGL3_Shutdown();
  ImGui::DestroyContext(context);
}

void Canvas::load_fonts(float wanted_scale) {
  if (scale == wanted_scale) return;
  scale = wanted_scale;
  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  // Latin, general punctuation, arrows, comparisons and geometric shapes.
  static constexpr std::array<ImWchar, 11> kRanges{0x20,   0x17F,  0x2010, 0x2027, 0x2190, 0x21FF,
                                                   0x2264, 0x2265, 0x25A0, 0x25FF, 0};
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

void Canvas::begin(float width, float height) {
  ImGuiIO& io = ImGui::GetIO();
  io.DisplaySize = ImVec2(width, height);
  io.DeltaTime = 1.0F / 60.0F;
  ImGui_ImplOpenGL3_NewFrame();
  ImGui::NewFrame();
  list = ImGui::GetBackgroundDrawList();
}

void Canvas::end() {
  ImGui::Render();
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
}

ImVec2 Canvas::size(ImFont* font, float points, const std::string& words, float wrap) const {
  return font->CalcTextSizeA(points * scale, FLT_MAX, wrap, words.data(), words.data() + words.size());
}

void Canvas::text(ImFont* font, float points, float x, float y, ImU32 colour, const std::string& words,
                  float wrap) const {
  list->AddText(font, points * scale, ImVec2(std::round(x), std::round(y)), colour, words.data(),
                words.data() + words.size(), wrap);
}

std::string Canvas::fit(ImFont* font, float points, std::string words, float room) const {
  if (size(font, points, words).x <= room) return words;
  while (!words.empty() && size(font, points, words + "...").x > room) {
    // Whole UTF-8 characters only.
    while (!words.empty() && (static_cast<unsigned char>(words.back()) & 0xC0U) == 0x80U) words.pop_back();
    if (!words.empty()) words.pop_back();
  }
  return words + "...";
}

}  // namespace understudy
