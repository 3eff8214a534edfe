#include "envs/contract/random_actor.h"

#include <algorithm>
#include <vector>

#include "datasets/types/error.h"
#include "datasets/types/rng.h"
#include "datasets/types/rng_streams.h"

namespace understudy {
namespace {

class RandomActor final : public Actor {
 public:
  explicit RandomActor(int act_dim) : act_dim_(act_dim) {}

  void reset(int row, std::uint64_t seed) override {
    const auto index = static_cast<std::size_t>(row);
    while (rows_.size() <= index) rows_.emplace_back(0);
    rows_[index] = Rng::stream(seed, RngStream::kRandomActor);
  }

  void act(ConstMatrixRef observations, MatrixRef actions) override {
    if (observations.rows() > static_cast<Eigen::Index>(rows_.size())) {
      throw Error("random actor: row " + std::to_string(rows_.size()) + " was never reset");
    }
    for (Eigen::Index row = 0; row < observations.rows(); ++row) {
      for (int i = 0; i < act_dim_; ++i) {
        actions(row, i) = static_cast<float>(rows_[static_cast<std::size_t>(row)].uniform(-1, 1));
      }
    }
  }

 private:
  int act_dim_;
  std::vector<Rng> rows_;
};

}  // namespace

std::unique_ptr<Actor> make_random_actor(int act_dim) {
  if (act_dim <= 0)
    throw Error("random actor: want a positive action size, found " + std::to_string(act_dim));
  return std::make_unique<RandomActor>(act_dim);
}

}  // namespace understudy
