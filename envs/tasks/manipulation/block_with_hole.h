#pragma once
/// \file A block with a square hole right through, made of four boxes.

#include <Eigen/Core>
#include <array>

namespace understudy {

struct BlockWithHole {
  double half = 0.05;       ///< m, of the block, across
  double hole_half = 0.01;  ///< m, of the hole
  double height = 0.06;     ///< m
};

/// A box of the block, in the block's frame: its origin is in the middle of the lower side.
struct BlockPart {
  Eigen::Vector3d half, centre;  ///< m
};

inline std::array<BlockPart, 4> block_parts(const BlockWithHole& block) {
  const double thin = (block.half - block.hole_half) / 2, middle = (block.half + block.hole_half) / 2;
  const double up = block.height / 2;
  return {{{{thin, block.half, up}, {middle, 0, up}},
           {{thin, block.half, up}, {-middle, 0, up}},
           {{block.hole_half, thin, up}, {0, middle, up}},
           {{block.hole_half, thin, up}, {0, -middle, up}}}};
}

/// How far `tip`, in the block's frame, is below the hole's mouth; 0 beside the hole. m
inline double depth_in_hole(const BlockWithHole& block, const Eigen::Vector3d& tip) {
  const bool beside = tip.head<2>().cwiseAbs().maxCoeff() > block.hole_half;
  return beside || tip.z() > block.height ? 0 : block.height - tip.z();
}

}  // namespace understudy
