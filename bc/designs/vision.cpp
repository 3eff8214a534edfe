#include "bc/designs/vision.h"

#include "datasets/types/error.h"

namespace understudy {
namespace {

constexpr int kGroup = 16;       // channels of a group that is normalised together
constexpr int kLeastSide = 16;   // pixels that must be left of a picture: cnn
constexpr int kLeastDeep = 33;   // likewise: resnet18, whose maps of fewer would be one place alone
constexpr int kMostSide = 4096;  // pixels

constexpr const char* kKeypoints = R"(
def places_of(self, maps: Tensor) -> Tensor:
    shares = torch.softmax(maps.flatten(2), -1).reshape(maps.shape)
    across = (shares.sum(2) * torch.linspace(-1.0, 1.0, maps.size(3))).sum(-1)
    down = (shares.sum(3) * torch.linspace(-1.0, 1.0, maps.size(2))).sum(-1)
    return torch.cat([across, down], 1)
)";

/// Lines of a method that turn `x` [N, 3, height, width] into maps [N, keypoints, ...].
class Layers {
 public:
  Layers(DesignBuilder& builder, std::string camera) : builder_(builder), camera_(std::move(camera)) {}

  std::string convolution(const std::string& x, const std::string& name, int in, int out, int kernel,
                          int stride, bool bias) {
    const int fan_in = in * kernel * kernel;
    const std::string weight = builder_.weight(camera_ + name + "_weight", {out, in, kernel, kernel}, fan_in);
    const std::string shift = bias ? builder_.weight(camera_ + name + "_bias", {out}, fan_in) : "None";
    const std::string s = number(stride), p = number(kernel / 2);
    return "torch.conv2d(" + x + ", " + weight + ", " + shift + ", [" + s + ", " + s + "], [" + p + ", " + p +
           "])";
  }

  std::string cnn(int keypoints) {
    return "    x = torch.relu(" + convolution("x", "0", 3, 16, 5, 2, true) + ")\n" +   //
           "    x = torch.relu(" + convolution("x", "1", 16, 32, 3, 2, true) + ")\n" +  //
           "    x = torch.relu(" + convolution("x", "2", 32, 32, 3, 1, true) + ")\n" +  //
           "    x = " + convolution("x", "maps", 32, keypoints, 1, 1, true) + "\n";
  }

  std::string resnet18(int keypoints) {
    std::string text = "    x = torch.relu(" + normalised("x", "stem", 3, 64, 7, 2) + ")\n";
    text += "    x = torch.max_pool2d(x, [3, 3], [2, 2], [1, 1])\n";
    int in = 64;
    for (int stage = 0; stage < 4; ++stage) {
      const int out = 64 << stage;
      for (int block = 0; block < 2; ++block) {
        const std::string name = "block_" + number(stage) + "_" + number(block);
        const int stride = stage > 0 && block == 0 ? 2 : 1;
        text += "    h = torch.relu(" + normalised("x", name + "_0", in, out, 3, stride) + ")\n";
        text += "    h = " + normalised("h", name + "_1", out, out, 3, 1) + "\n";
        const std::string skip = in == out ? "x" : normalised("x", name + "_skip", in, out, 1, stride);
        text += "    x = torch.relu(h + " + skip + ")\n";
        in = out;
      }
    }
    return text + "    x = " + convolution("x", "maps", in, keypoints, 1, 1, true) + "\n";
  }

 private:
  std::string normalised(const std::string& x, const std::string& name, int in, int out, int kernel,
                         int stride) {
    const std::string convolved = convolution(x, name, in, out, kernel, stride, false);
    const std::string weight = builder_.constant(camera_ + name + "_norm_weight", {out}, 1);
    const std::string bias = builder_.constant(camera_ + name + "_norm_bias", {out}, 0);
    return "torch.group_norm(" + convolved + ", " + number(out / kGroup) + ", " + weight + ", " + bias + ")";
  }

  DesignBuilder& builder_;
  std::string camera_;
};

void want_between(const std::string& what, int value, int low, int high) {
  if (value >= low && value <= high) return;
  throw UsageError(what + ": want " + std::to_string(low) + " to " + std::to_string(high) + ", found " +
                   std::to_string(value));
}

/// A line that takes one camera's picture out of the observations, from `offset` on.
std::string taken(const std::string& name, int offset, int width, int height) {
  return name + " = observations[..., " + number(offset) + ":" + number(offset + width * height * 3) +
         "].reshape(-1, " + number(height) + ", " + number(width) + ", 3)";
}

std::string between(int from, int count) {
  return number(from) + ":" + number(from + count);
}

}  // namespace

const std::vector<std::string>& vision_networks() {
  static const std::vector<std::string> names{"cnn", "resnet18"};
  return names;
}

int picture_numbers(const VisionConfig& vision) {
  int count = 0;
  for (const SightCamera& camera : vision.cameras) count += camera.size();
  return count;
}

int cropped_numbers(const VisionConfig& vision) {
  int count = 0;
  for (const SightCamera& camera : vision.cameras)
    count += (camera.width - vision.crop) * (camera.height - vision.crop) * 3;
  return count;
}

void check_vision(const VisionConfig& vision) {
  want_between("number of cameras", static_cast<int>(vision.cameras.size()), 0, 16);
  if (vision.network != "cnn" && vision.network != "resnet18")
    throw UsageError(unknown_name("vision network", vision.network, vision_networks()));
  want_between("keypoints", vision.keypoints, 1, 1024);
  want_between("picture features", vision.features, 1, 4096);
  want_between("crop", vision.crop, 0, kMostSide);
  for (const SightCamera& camera : vision.cameras) {
    for (const int side : {camera.width, camera.height})
      want_between("side of camera " + camera.text() + " cropped by " + number(vision.crop),
                   side - vision.crop, vision.network == "cnn" ? kLeastSide : kLeastDeep, kMostSide);
  }
}

void add_vision(SequenceDesign& design, const VisionConfig& vision, int fields) {
  if (vision.cameras.empty()) return;
  DesignBuilder builder;
  builder.method(kKeypoints);
  const int crop = vision.crop;
  std::string whole, cropped, features;
  int whole_offset = fields, cropped_offset = fields;
  for (std::size_t i = 0; i < vision.cameras.size(); ++i) {
    const SightCamera& camera = vision.cameras[i];
    const std::string index = number(static_cast<int>(i));
    const int width = camera.width - crop, height = camera.height - crop;
    whole += "        " + taken("p" + index, whole_offset, camera.width, camera.height);
    if (crop > 0) whole += "[:, " + between(crop / 2, height) + ", " + between(crop / 2, width) + "]";
    whole += "\n";
    cropped += "        " + taken("p" + index, cropped_offset, width, height) + "\n";
    features += ", self.see_" + index + "(p" + index +
                ").reshape(observations.size(0), observations.size(1), " + number(vision.features) + ")";
    whole_offset += camera.size();
    cropped_offset += width * height * 3;

    Layers layers(builder, "camera_" + index + "_");
    std::string text = "def see_" + index + "(self, pictures: Tensor) -> Tensor:\n";
    text += "    x = (pictures.permute(0, 3, 1, 2).contiguous() - 127.5) / 127.5\n";
    text += vision.network == "cnn" ? layers.cnn(vision.keypoints) : layers.resnet18(vision.keypoints);
    text += "    return " +
            builder.linear("self.places_of(x)", "camera_" + index + "_features", 2 * vision.keypoints,
                           vision.features) +
            "\n";
    builder.method(text);
  }
  builder.method(filled(R"(
def see(self, observations: Tensor) -> Tensor:
    if observations.size(-1) == {whole_size}:
{whole}    else:
{cropped}    known = (observations[..., :{fields}] - self.mean[:{fields}]) * self.scale[:{fields}]
    return torch.cat([known{features}], -1)
)",
                        {{"whole_size", number(whole_offset)},
                         {"whole", whole},
                         {"cropped", cropped},
                         {"features", features},
                         {"fields", number(fields)}}));
  for (DesignTensor& tensor : builder.tensors()) design.tensors.push_back(std::move(tensor));
  design.source += builder.methods();
}

}  // namespace understudy
