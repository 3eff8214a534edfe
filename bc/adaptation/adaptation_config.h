#pragma once
/// \file How pictures of one camera are made to look like another's, without pairs.
///
/// - kCycleGan: Zhu, Park, Isola, Efros 2017, "Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial
///   Networks".
/// - kRetinaGan: Ho, Rao, Xu, Jang, Khansari, Bai 2020, "RetinaGAN": the same, and a detector that does not learn must
///   find in the adapted picture what it finds in the original.
/// - kGraspGan: Bousmalis et al. 2018, "Using Simulation and Domain Adaptation to Improve Efficiency of Deep Robotic
///   Grasping": one direction only, held to the picture's content, the mask of what moves, and a task.
///
/// Departures from all three, for pictures of 64 pixels on a processor: small generators (c7s1-16, d32, d64, four
/// residual blocks, u32, u16, c7s1-3) without skips, discriminators of three layers, batches of 4, frames drawn with
/// replacement. From RetinaGAN: no spectral norm; weight decay apart from the gradient (AdamW); a detector of ours with
/// a heat map and offsets in place of EfficientDet's boxes; gradients go to the second of two compared pictures only;
/// the class weight is by the target, without which the loss is not the focal loss (the formula as printed has the
/// prediction). From GraspGAN, whose loss weights are not published: ours; the task is to tell the recorded action.

#include <cstdint>
#include <string>
#include <vector>

namespace understudy {

enum class AdaptationMethod { kCycleGan, kRetinaGan, kGraspGan };

/// "cyclegan", "retinagan", "graspgan"
const std::vector<std::string>& adaptation_methods();

struct AdaptationConfig {
  AdaptationMethod method = AdaptationMethod::kCycleGan;
  int steps = 4000;  ///< of generators and discriminators in turn, >= 1 (ours: half an hour to an hour)
  int batch = 4;     ///< pictures of each side a step, >= 1 (ours; CycleGAN: 1, RetinaGAN: 256)
  double learning_rate = 2e-4;  ///< of Adam, > 0; falls to 0 over the second half (CycleGAN); RetinaGAN: 1e-4
  double beta1 = 0.5;           ///< of Adam, [0, 1) (CycleGAN); RetinaGAN: 0.1
  double weight_decay = 0;      ///< >= 0; RetinaGAN: 7e-5
  double cycle = 10;            ///< weight of F(G(x)) = x and G(F(y)) = y, L1 (CycleGAN)
  double identity = 5;       ///< weight of G(y) = y and F(x) = x, L1 (CycleGAN: half of cycle); RetinaGAN: 0
  double perception = 0;     ///< weight of the detector's consistency; RetinaGAN: 0.1
  double content = 1;        ///< GraspGAN (ours): weight of PMSE(x, G(x))
  double mask = 1;           ///< GraspGAN (ours): of telling what moves
  double features = 0.1;     ///< GraspGAN (ours): of the task network's features of x and G(x) being alike
  double task = 1;           ///< GraspGAN (ours): of the task on x and on G(x)
  int pool = 50;             ///< earlier fakes that discriminators are shown (CycleGAN), >= 0
  int detector_steps = 600;  ///< of the detector's own training, 16 pictures each (ours), >= 1
  int every = 500;           ///< steps from checkpoint to checkpoint and from sheet to sheet, >= 1

  bool operator==(const AdaptationConfig&) const = default;
};

/// The defaults of a method.
AdaptationConfig default_adaptation(AdaptationMethod method);

/// Throws UsageError naming the field, its range and the finding.
void validate(const AdaptationConfig& config);

/// JSON object of all fields; the second throws Error that begins with `place`.
std::string to_json(const AdaptationConfig& config);
AdaptationConfig adaptation_from_json(const std::string& text, const std::string& place);

}  // namespace understudy
