#include "capture/input/input_events.h"

#include <SDL.h>

#include <algorithm>
#include <cctype>

#include "datasets/types/error.h"

namespace understudy {
namespace {

std::string snake_case(const char* name) {
  std::string text = name;
  for (char& c : text) c = c == ' ' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

SDL_Scancode scancode_of(const std::string& key) {
  std::string name = key;
  std::replace(name.begin(), name.end(), '_', ' ');
  return SDL_GetScancodeFromName(name.c_str());
}

}  // namespace

InputEvents::InputEvents() {
  SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");  // Ctrl-C belongs to the program
  SDL_SetHint(SDL_HINT_JOYSTICK_ALLOW_BACKGROUND_EVENTS,
              "1");     // a click elsewhere must not freeze the sticks
  SDL_StopTextInput();  // SDL begins with it where there is a keyboard
  if (SDL_InitSubSystem(SDL_INIT_GAMECONTROLLER) != 0) {
    throw Error(std::string("SDL cannot read controllers: ") + SDL_GetError());
  }
}

InputEvents::~InputEvents() {
  SDL_QuitSubSystem(SDL_INIT_GAMECONTROLLER);
}

std::vector<InputEvent> InputEvents::poll() {
  std::vector<InputEvent> events;
  for (SDL_Event event; SDL_PollEvent(&event) != 0;) {
    InputEvent input;
    switch (event.type) {
      case SDL_CONTROLLERBUTTONDOWN:
      case SDL_CONTROLLERBUTTONUP:
        input.kind = InputKind::kButton;
        input.down = event.type == SDL_CONTROLLERBUTTONDOWN;
        input.button = event.cbutton.button;
        input.instance = event.cbutton.which;
        break;
      case SDL_KEYDOWN:
      case SDL_KEYUP:
        if (event.key.repeat != 0) continue;
        input.kind = InputKind::kKey;
        input.down = event.type == SDL_KEYDOWN;
        input.key = snake_case(SDL_GetScancodeName(event.key.keysym.scancode));
        break;
      case SDL_TEXTINPUT:
        input.kind = InputKind::kText;
        input.text = event.text.text;
        break;
      case SDL_WINDOWEVENT:
        if (event.window.event != SDL_WINDOWEVENT_FOCUS_LOST) continue;
        input.kind = InputKind::kFocusLost;
        break;
      case SDL_CONTROLLERDEVICEADDED:
        input.kind = InputKind::kDeviceAdded;
        break;
      case SDL_CONTROLLERDEVICEREMOVED:
        input.kind = InputKind::kDeviceRemoved;
        input.instance = event.cdevice.which;
        break;
      case SDL_QUIT:
        input.kind = InputKind::kQuit;
        break;
      default:
        continue;
    }
    events.push_back(std::move(input));
  }
  return events;
}

void InputEvents::type_text(bool on) {
  if (on) {
    SDL_StartTextInput();
  } else {
    SDL_StopTextInput();
  }
}

bool is_key_name(const std::string& key) {
  if (std::any_of(key.begin(), key.end(), [](char c) { return c >= 'A' && c <= 'Z'; })) return false;
  return scancode_of(key) != SDL_SCANCODE_UNKNOWN;
}

std::string key_label(const std::string& key) {
  const SDL_Scancode code = scancode_of(key);
  const char* const printed = SDL_GetKeyName(SDL_GetKeyFromScancode(code));
  return printed[0] != '\0' ? printed : SDL_GetScancodeName(code);
}

std::string nearest_key_name(const std::string& key) {
  std::vector<std::string> names;
  for (int code = 0; code < SDL_NUM_SCANCODES; ++code) {
    const char* name = SDL_GetScancodeName(static_cast<SDL_Scancode>(code));
    if (name[0] != '\0') names.push_back(snake_case(name));
  }
  return nearest_name(key, names);
}

std::vector<ControllerInfo> list_controllers(const InputEvents&) {
  SDL_JoystickUpdate();
  std::vector<ControllerInfo> controllers;
  for (int i = 0; i < SDL_NumJoysticks(); ++i) {
    ControllerInfo info;
    const char* name = SDL_JoystickNameForIndex(i);
    info.name = name != nullptr ? name : "unnamed";
    char guid[33] = "";
    SDL_JoystickGetGUIDString(SDL_JoystickGetDeviceGUID(i), guid, sizeof guid);
    info.guid = guid;
    info.game_controller = SDL_IsGameController(i) == SDL_TRUE;
    info.is_virtual = SDL_JoystickIsVirtual(i) == SDL_TRUE;
    if (char* mapping = SDL_GameControllerMappingForDeviceIndex(i)) {
      info.mapping = mapping;
      SDL_free(mapping);
    }
    controllers.push_back(std::move(info));
  }
  return controllers;
}

}  // namespace understudy
