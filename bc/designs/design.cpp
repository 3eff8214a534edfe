#include "bc/designs/design.h"

#include <charconv>
#include <cmath>
#include <utility>

namespace understudy {

std::string DesignBuilder::weight(const std::string& name, std::vector<std::int64_t> shape, int fan_in) {
  tensors_.push_back({name, std::move(shape), static_cast<float>(1 / std::sqrt(fan_in))});
  return "self." + name;
}

std::string DesignBuilder::constant(const std::string& name, std::vector<std::int64_t> shape, float value) {
  tensors_.push_back({name, std::move(shape), 0, value});
  return "self." + name;
}

std::string DesignBuilder::linear(const std::string& x, const std::string& name, int in, int out) {
  const std::string weights = weight(name + "_weight", {out, in}, in);
  const std::string bias = weight(name + "_bias", {out}, in);
  return "self.affine(" + x + ", " + weights + ", " + bias + ")";
}

void DesignBuilder::shift_last(std::int64_t count, float shift) {
  tensors_.back().shifted = count;
  tensors_.back().shift = shift;
}

std::string DesignBuilder::source() const {
  constexpr const char* kAffine = R"(
def affine(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    if x.numel() == weight.size(1):
        return torch.addmv(bias, weight, x.flatten()).reshape(x.size()[:-1] + [-1])
    return torch.linear(x, weight, bias)
)";
  return kAffine + source_;
}

std::string DesignBuilder::layer_norm(const std::string& x, const std::string& name, int width) {
  const std::string weights = constant(name + "_weight", {width}, 1);
  const std::string bias = constant(name + "_bias", {width}, 0);
  return "torch.layer_norm(" + x + ", [" + number(width) + "], " + weights + ", " + bias + ")";
}

std::string filled(std::string text, const std::vector<std::pair<std::string, std::string>>& values) {
  for (const auto& [name, value] : values) {
    const std::string place = "{" + name + "}";
    for (std::size_t at = 0; (at = text.find(place, at)) != std::string::npos; at += value.size())
      text.replace(at, place.size(), value);
  }
  return text;
}

std::string number(double value) {
  char text[32];
  const auto end = std::to_chars(std::begin(text), std::end(text), value).ptr;
  std::string digits(text, end);
  if (digits.find_first_of(".e") == std::string::npos) digits += ".0";
  return digits;
}

}  // namespace understudy
