#pragma once
/// \file How a scene looks to another camera than the simulator's own: other paint and textures, two lights with
/// shadows, a lens and a sensor, a camera that is not quite where it should be, things that lie about. Nothing that
/// moves or is measured changes. A file (TOML) says from what a look is drawn:
///
///   seed = 7              # what is not named below is drawn from its usual range with this
///   each = "world"        # one look for all episodes; "episode": another for every one of them
///   [surfaces]
///   texture = 0.5         # fixed
///   colour = [0.2, 0.4]   # uniform from 0.2 to 0.4
///
/// With `each = "episode"` it is visual domain randomisation (Tobin et al. 2017); with "world" another camera, as the
/// real one is to a simulator.

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace understudy {

/// What shades a surface besides its own colour; two lights in place of the sun.
struct SurfaceLook {
  float texture = 0;                      ///< [0, 1] how dark a procedural texture's darkest places are
  float texture_size = 1;                 ///< m
  Eigen::Vector3f sun_light{1, 1, 1};     ///< factor on the scene's sunlight
  Eigen::Vector3f second{0, 0, 1};        ///< unit, towards the second light
  Eigen::Vector3f second_light{0, 0, 0};  ///< factor likewise
};

/// One look. Defaults leave everything as it is.
struct Look {
  // Surfaces.
  float colour = 0;     ///< [0, 1] share of a random colour in each shape's
  int distractors = 0;  ///< things that stand on z = 0 around where a standing camera looks
  SurfaceLook surface{};
  float sun_turn = 0;    ///< rad, of the sun about z
  float sun_height = 0;  ///< rad above the ground; 0: the scene's own
  // Lens and sensor.
  float exposure = 1;
  float gamma = 1;
  Eigen::Vector3f balance{1, 1, 1};  ///< white balance, factors
  float vignette = 0;                ///< [0, 1] of the light that the corners lose
  float blur = 0;                    ///< standard deviation, share of the picture's height
  float noise = 0;                   ///< standard deviation at full light, share of white
  // Where the camera is.
  Eigen::Vector3f offset{0, 0, 0};  ///< m, world
  Eigen::Vector3f turn{0, 0, 0};    ///< rad: pitch (up), yaw (left), roll
  float field_of_view = 1;          ///< factor
  std::uint64_t seed = 0;           ///< of colours, distractors and, with the picture, of the sensor's noise
};

/// A quantity that a look is drawn from.
struct LookQuantity {
  std::string key;     ///< e.g. "surfaces.texture"
  std::string unit;    ///< "rad", "m", "-"
  double low, high;    ///< what may be asked for
  double least, most;  ///< the usual range
  std::string meaning;
};
const std::vector<LookQuantity>& look_quantities();

/// What looks are drawn from.
class Looks {
 public:
  /// Throws UsageError in one line that begins with `place` and the value's line and column.
  static Looks parse(std::string_view text, const std::string& place);

  /// The look of the episode of `seed`; the same for every seed unless the file says otherwise.
  Look draw(std::uint64_t seed) const;
  bool each_episode() const { return each_episode_; }
  /// "look " and a hash of the text, to say in a dataset what its pictures were drawn with.
  std::string name() const;

 private:
  std::uint64_t seed_ = 0;
  bool each_episode_ = false;
  std::map<std::string, std::pair<double, double>> ranges_;  ///< of those that the file names
  std::uint64_t hash_ = 0;
};

/// FNV-1a.
std::uint64_t picture_hash(const void* bytes, std::size_t count);

/// A text form with every quantity at its usual range, each with its unit and meaning.
std::string example_looks();

}  // namespace understudy
