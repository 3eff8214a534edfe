#pragma once
/// \file Private to capture/view: letters, panels and lines over a picture, by Dear ImGui.

#include <imgui.h>

#include <string>

namespace understudy {

// Text heights at scale 1, pixels.
inline constexpr float kSmall = 16;
inline constexpr float kMiddle = 22;
inline constexpr float kLarge = 32;

inline constexpr ImU32 kPanel = IM_COL32(14, 17, 22, 190);
inline constexpr ImU32 kWhite = IM_COL32(245, 247, 250, 255);
inline constexpr ImU32 kGrey = IM_COL32(176, 184, 196, 255);
inline constexpr ImU32 kGood = IM_COL32(110, 220, 130, 255);
inline constexpr ImU32 kBad = IM_COL32(255, 190, 70, 255);
inline constexpr ImU32 kKeyCap = IM_COL32(60, 68, 82, 255);
inline constexpr ImU32 kTrack = IM_COL32(70, 78, 92, 255);
inline constexpr ImU32 kBar = IM_COL32(90, 180, 255, 255);

struct HudMarks;

/// printf into a string of at most 95 letters.
std::string print(const char* format, ...) __attribute__((format(printf, 1, 2)));

/// One Dear ImGui context. Dear ImGui keeps the current one in a global variable, so that whoever makes,
/// destroys or draws with a canvas holds a lock (Hud does).
class Canvas {
 public:
  /// Throws Error when Dear ImGui finds no OpenGL.
  Canvas();
  ~Canvas();
  Canvas(const Canvas&) = delete;
  Canvas& operator=(const Canvas&) = delete;

  /// Letters for `wanted_scale`, in the current context.
  void load_fonts(float wanted_scale);
  /// Begins a picture of `width` x `height` pixels; draw onto `list` until `end`.
  void begin(float width, float height);
  void end();

  ImVec2 size(ImFont* font, float points, const std::string& words, float wrap = 0) const;
  void text(ImFont* font, float points, float x, float y, ImU32 colour, const std::string& words,
            float wrap = 0) const;
  void panel(float left, float top, float right, float bottom, ImU32 colour = kPanel) const {
    list->AddRectFilled(ImVec2(left, top), ImVec2(right, bottom), colour, 8 * scale);
  }
  /// `words`, cut with "..." to at most `room` pixels.
  std::string fit(ImFont* font, float points, std::string words, float room) const;

  ImGuiContext* context;
  ImDrawList* list = nullptr;  ///< of the picture being drawn
  ImFont* plain = nullptr;
  ImFont* bold = nullptr;   ///< middle size
  ImFont* large = nullptr;  ///< bold
  float scale = 0;          ///< 1 at 1280 x 720
};

void draw_marks(const Canvas& canvas, const HudMarks& marks);

}  // namespace understudy
