#include "bc/adaptation/adaptation_losses.h"

#include "bc/designs/design.h"

namespace understudy {
namespace {

constexpr const char* kLosses = R"(
def lsgan(self, score: Tensor, target: float) -> Tensor:
    return ((score - target) * (score - target)).mean()

def pmse(self, x: Tensor, y: Tensor) -> Tensor:
    d = (x - y).flatten(1)
    m = d.mean(1)
    return ((d * d).mean(1) - m * m).mean()

def focal(self, y: Tensor, logits: Tensor) -> Tensor:
    p = torch.sigmoid(logits)
    bce = torch.softplus(logits) - y * logits
    e = y - p
    return (e * e * (0.75 - 0.5 * y) * bce).sum() / torch.clamp_min(y.sum(), 1.0)

def perception(self, a: Tensor, b: Tensor) -> Tensor:
    k = a.size(1) // 3
    target = a.detach()
    y = torch.sigmoid(target[:, :k])
    d = (b[:, k:] - target[:, k:]).abs()
    huber = torch.where(d < 1.0, 0.5 * d * d, d - 0.5) * torch.cat([y, y], 1)
    return self.focal(y, b[:, :k]) + huber.sum() / torch.clamp_min(y.sum(), 1.0)
)";

/// CycleGAN's and RetinaGAN's. Fakes and the parts of the loss are left in buffers.
constexpr const char* kTwoWay = R"(
def loss(self, x: Tensor, y: Tensor, total: float, batch: float, train: bool) -> Tensor:
    gx = self.g(x)
    fy = self.f(y)
    fgx = self.f(gx)
    gfy = self.g(fy)
    gan = self.lsgan(self.dy(gx), 1.0) + self.lsgan(self.dx(fy), 1.0)
    cycle = (fgx - x).abs().mean() + (gfy - y).abs().mean()
    identity = torch.zeros_like(gan)
    if {identity} > 0.0:
        identity = (self.g(y) - y).abs().mean() + (self.f(x) - x).abs().mean()
    perception = torch.zeros_like(gan)
    if {perception} > 0.0:
        px = self.detect(x)
        pgx = self.detect(gx)
        pfgx = self.detect(fgx)
        py = self.detect(y)
        pfy = self.detect(fy)
        pgfy = self.detect(gfy)
        perception = self.perception(px, pgx) + 0.5 * self.perception(px, pfgx) + 0.5 * self.perception(pgx, pfgx)
        perception = perception + self.perception(py, pfy) + 0.5 * self.perception(py, pgfy)
        perception = perception + 0.5 * self.perception(pfy, pgfy)
    self.fake_y.copy_(gx.detach())
    self.fake_x.copy_(fy.detach())
    self.parts.copy_(torch.stack([gan, cycle, identity, perception]).detach())
    return gan + {cycle} * cycle + {identity} * identity + {perception} * perception
)";

/// GraspGAN's: x carries masks and actions. Discriminators at three scales.
constexpr const char* kOneWay = R"(
def loss(self, x: Tensor, masks: Tensor, actions: Tensor, total: float, batch: float, train: bool) -> Tensor:
    out = self.g(x)
    gx = out[:, :3]
    logits = out[:, 3:]
    half = torch.avg_pool2d(gx, [2, 2])
    gan = (self.lsgan(self.dy(gx), 1.0) + self.lsgan(self.dy2(half), 1.0) +
           self.lsgan(self.dy4(torch.avg_pool2d(half, [2, 2])), 1.0)) / 3.0
    content = self.pmse(x, gx)
    mask = (torch.softplus(logits) - masks * logits).mean()
    fx = self.features(x)
    fgx = self.features(gx)
    features = (fx - fgx).pow(2).mean()
    task = (self.act(fx) - actions).pow(2).mean() + (self.act(fgx) - actions).pow(2).mean()
    self.fake_y.copy_(gx.detach())
    self.parts.copy_(torch.stack([gan, content, mask, features, task]).detach())
    return gan + {content} * content + {mask} * mask + {features} * features + {task} * task
)";

constexpr const char* kJudgeTwoWay = R"(
def loss(self, y: Tensor, fake_y: Tensor, x: Tensor, fake_x: Tensor, total: float, batch: float, train: bool) -> Tensor:
    return 0.5 * (self.lsgan(self.dy(y), 1.0) + self.lsgan(self.dy(fake_y), 0.0) +
                  self.lsgan(self.dx(x), 1.0) + self.lsgan(self.dx(fake_x), 0.0))
)";

constexpr const char* kJudgeOneWay = R"(
def loss(self, y: Tensor, fake_y: Tensor, total: float, batch: float, train: bool) -> Tensor:
    y2 = torch.avg_pool2d(y, [2, 2])
    fake2 = torch.avg_pool2d(fake_y, [2, 2])
    whole = self.lsgan(self.dy(y), 1.0) + self.lsgan(self.dy(fake_y), 0.0)
    half = self.lsgan(self.dy2(y2), 1.0) + self.lsgan(self.dy2(fake2), 0.0)
    quarter = self.lsgan(self.dy4(torch.avg_pool2d(y2, [2, 2])), 1.0)
    quarter = quarter + self.lsgan(self.dy4(torch.avg_pool2d(fake2, [2, 2])), 0.0)
    return (whole + half + quarter) / 6.0
)";

/// As a float.
std::string weight(double value) {
  const std::string text = number(value);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

}  // namespace

std::string adaptation_losses() {
  return kLosses;
}

std::string generator_loss(const AdaptationConfig& config) {
  return filled(config.method == AdaptationMethod::kGraspGan ? kOneWay : kTwoWay,
                {{"identity", weight(config.identity)},
                 {"perception", weight(config.perception)},
                 {"cycle", weight(config.cycle)},
                 {"content", weight(config.content)},
                 {"mask", weight(config.mask)},
                 {"features", weight(config.features)},
                 {"task", weight(config.task)}});
}

std::string discriminator_loss(AdaptationMethod method) {
  return method == AdaptationMethod::kGraspGan ? kJudgeOneWay : kJudgeTwoWay;
}

}  // namespace understudy
