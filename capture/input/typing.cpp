#include "capture/input/typing.h"

#include <utility>

namespace understudy {

void Typing::set(bool on) {
  on_ = on;
  text_.clear();
  InputEvents::type_text(on);
}

bool Typing::take(const InputEvent& event) {
  if (!on_) return false;
  if (event.kind == InputKind::kText) text_ += event.text;
  if (event.kind != InputKind::kKey) return event.kind == InputKind::kText;
  if (!event.down) return false;  // of a key that went down before
  if (event.key == "backspace") text_ += '\b';
  if (event.key == "return" || event.key == "escape") text_ += '\n';
  return true;
}

std::string Typing::take() {
  return std::exchange(text_, {});
}

}  // namespace understudy
