#include "envs/robots/urdf_check.h"

#include <tinyxml2.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <locale>
#include <set>
#include <sstream>
#include <vector>

#include "datasets/types/error.h"

namespace understudy {
namespace {

using tinyxml2::XMLElement;

constexpr std::array kJointTypes = {"revolute", "continuous", "prismatic", "fixed", "floating", "planar"};
constexpr std::array kGeometries = {"box", "sphere", "cylinder", "mesh"};

template <typename Names>
std::string listed(const Names& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}

/// One pass over the XML; every method checks one kind of element.
class Checker {
 public:
  explicit Checker(std::string name) : name_(std::move(name)) {}

  std::map<std::string, int> run(const std::string& text);

 private:
  struct Joint {
    const XMLElement* element;
    std::string parent, child, type;
  };

  [[noreturn]] void fail(const XMLElement& at, const std::string& what) const {
    throw Error(name_ + ":" + std::to_string(at.GetLineNum()) + ": " + what);
  }
  static std::string tag(const XMLElement& element) { return "<" + std::string(element.Name()) + ">"; }
  static std::string text_of(const XMLElement& element, const char* attribute) {
    const char* value = element.Attribute(attribute);
    return value ? value : "";
  }
  std::string named(const XMLElement& element) const;
  std::vector<double> numbers(const XMLElement& element, const char* attribute, std::size_t count) const;
  double number(const XMLElement& element, const char* attribute) const {
    return numbers(element, attribute, 1)[0];
  }
  double optional_number(const XMLElement& element, const char* attribute, double otherwise) const {
    return element.Attribute(attribute) ? number(element, attribute) : otherwise;
  }
  const XMLElement& child(const XMLElement& parent, const char* tag, const std::string& remedy) const;

  void check_root(const tinyxml2::XMLDocument& document);
  void check_origin(const XMLElement& parent) const;
  void check_link(const XMLElement& link);
  void check_inertial(const XMLElement& inertial, const std::string& owner) const;
  void check_geometry(const XMLElement& shape, const std::string& owner) const;
  void check_material(const XMLElement& visual, const std::string& owner) const;
  void check_joint(const XMLElement& joint);
  void check_limits(const XMLElement& joint, const std::string& type, const std::string& owner) const;
  void check_tree() const;
  void check_masses() const;

  const std::string name_;
  std::map<std::string, const XMLElement*> links_;
  std::map<std::string, Joint> joints_;
  std::map<std::string, std::string> joint_of_child_;
  std::set<std::string> materials_;
  std::map<std::string, int> order_;
};

std::string Checker::named(const XMLElement& element) const {
  const std::string name = text_of(element, "name");
  if (name.empty()) fail(element, tag(element) + " has no name: add name=\"...\"");
  return std::string(element.Name()) + " '" + name + "'";
}

std::vector<double> Checker::numbers(const XMLElement& element, const char* attribute,
                                     std::size_t count) const {
  const std::string text = text_of(element, attribute);
  const std::string want = tag(element) + ": want " + attribute + "=\"" +
                           (count == 1 ? std::string("a number") : std::to_string(count) + " numbers") + "\"";
  if (!element.Attribute(attribute)) fail(element, want + ", found none: add it");
  std::istringstream stream(text);
  stream.imbue(std::locale::classic());
  std::vector<double> values;
  for (double value; stream >> value;) values.push_back(value);
  bool finite = true;
  for (const double value : values) finite = finite && std::isfinite(value);
  if (!stream.eof() || values.size() != count || !finite) {
    fail(element, want + ", found '" + text + "': correct it");
  }
  return values;
}

const XMLElement& Checker::child(const XMLElement& parent, const char* tag_name,
                                 const std::string& remedy) const {
  const XMLElement* found = parent.FirstChildElement(tag_name);
  if (!found) fail(parent, tag(parent) + ": want a <" + tag_name + "> inside, found none: " + remedy);
  return *found;
}

void Checker::check_origin(const XMLElement& parent) const {
  const XMLElement* origin = parent.FirstChildElement("origin");
  if (!origin) return;
  if (origin->Attribute("xyz")) numbers(*origin, "xyz", 3);
  if (origin->Attribute("rpy")) numbers(*origin, "rpy", 3);
}

void Checker::check_root(const tinyxml2::XMLDocument& document) {
  const XMLElement* root = document.RootElement();
  if (!root || std::strcmp(root->Name(), "robot") != 0) {
    throw Error(name_ + ": want <robot> as the outermost element of a URDF, found " +
                (root ? tag(*root) : std::string("no element at all")) +
                (root && (std::strcmp(root->Name(), "sdf") == 0 || std::strcmp(root->Name(), "mujoco") == 0)
                     ? ": convert this file to URDF first"
                     : ": is this the right file?"));
  }
  for (const XMLElement* e = root->FirstChildElement(); e; e = e->NextSiblingElement()) {
    if (std::strncmp(e->Name(), "xacro:", 6) == 0) {
      fail(*e, tag(*e) + ": this is a xacro file, not a URDF: expand it first (xacro FILE > robot.urdf)");
    }
  }
  if (text_of(*root, "name").empty()) fail(*root, "<robot> has no name: add name=\"...\"");
}

void Checker::check_inertial(const XMLElement& inertial, const std::string& owner) const {
  check_origin(inertial);
  const XMLElement& mass_element = child(inertial, "mass", "say the mass in kg");
  const double mass = number(mass_element, "value");
  if (mass < 0)
    fail(mass_element, owner + ": want a mass of at least 0 kg, found " + text_of(mass_element, "value"));
  const XMLElement& element = child(inertial, "inertia", "say ixx, iyy, izz in kg·m²");
  const double xx = number(element, "ixx"), yy = number(element, "iyy"), zz = number(element, "izz");
  const double xy = number(element, "ixy"), xz = number(element, "ixz"), yz = number(element, "iyz");
  // Sylvester's criterion, and the triangle inequality that every distribution of mass obeys.
  const double minor = xx * yy - xy * xy;
  const double determinant = xx * (yy * zz - yz * yz) - xy * (xy * zz - yz * xz) + xz * (xy * yz - yy * xz);
  const double slack = 1e-9 * (std::abs(xx) + std::abs(yy) + std::abs(zz));
  if (mass == 0 && xx == 0 && yy == 0 && zz == 0) return;
  if (xx <= 0 || yy <= 0 || zz <= 0 || minor <= 0 || determinant <= 0) {
    fail(element, owner + ": want an inertia that is positive definite, found ixx " +
                      text_of(element, "ixx") + ", iyy " + text_of(element, "iyy") + ", izz " +
                      text_of(element, "izz") + ": compute it from the shape and mass");
  }
  if (xx > yy + zz + slack || yy > xx + zz + slack || zz > xx + yy + slack) {
    fail(element, owner + ": no body has this inertia: the largest of ixx, iyy, izz exceeds the sum of the " +
                      "other two: compute it from the shape and mass");
  }
}

void Checker::check_geometry(const XMLElement& shape, const std::string& owner) const {
  check_origin(shape);
  const XMLElement& geometry = child(shape, "geometry", "add one of " + listed(kGeometries));
  const XMLElement* kind = geometry.FirstChildElement();
  if (!kind) fail(geometry, owner + ": <geometry> is empty: add one of " + listed(kGeometries));
  const std::string name = kind->Name();
  const auto want_positive = [&](const char* attribute, std::size_t count) {
    for (const double value : numbers(*kind, attribute, count)) {
      if (value <= 0) {
        fail(*kind, owner + ": " + tag(*kind) + ": want a positive " + attribute + ", found '" +
                        text_of(*kind, attribute) + "'");
      }
    }
  };
  if (name == "box") {
    want_positive("size", 3);
  } else if (name == "sphere") {
    want_positive("radius", 1);
  } else if (name == "cylinder") {
    want_positive("radius", 1);
    want_positive("length", 1);
  } else if (name == "mesh") {
    if (text_of(*kind, "filename").empty()) fail(*kind, owner + ": <mesh> has no filename: add it");
    if (kind->Attribute("scale")) {
      for (const double value : numbers(*kind, "scale", 3)) {
        if (value == 0)
          fail(*kind,
               owner + ": <mesh>: want scale factors other than 0, found '" + text_of(*kind, "scale") + "'");
      }
    }
  } else {
    fail(*kind,
         owner + ": unknown geometry " + tag(*kind) + "; known: " + listed(kGeometries) +
             (name == "capsule" ? "; for a capsule name the <cylinder>'s collision '..._capsule'" : ""));
  }
}

void Checker::check_material(const XMLElement& visual, const std::string& owner) const {
  const XMLElement* material = visual.FirstChildElement("material");
  if (!material) return;
  if (const XMLElement* colour = material->FirstChildElement("color")) {
    for (const double value : numbers(*colour, "rgba", 4)) {
      if (value < 0 || value > 1) {
        fail(*colour, owner + ": want rgba values in [0, 1], found '" + text_of(*colour, "rgba") + "'");
      }
    }
  } else if (!material->FirstChildElement("texture") && !materials_.contains(text_of(*material, "name"))) {
    fail(*material, owner + ": material '" + text_of(*material, "name") +
                        "' is defined nowhere: give it a <color rgba=\"...\"/>");
  }
}

void Checker::check_link(const XMLElement& link) {
  const std::string owner = named(link);
  if (!links_.emplace(text_of(link, "name"), &link).second) {
    fail(link, owner + " is defined twice: rename one of the two");
  }
  if (const XMLElement* inertial = link.FirstChildElement("inertial")) check_inertial(*inertial, owner);
  for (const char* kind : {"collision", "visual"}) {
    for (const XMLElement* e = link.FirstChildElement(kind); e; e = e->NextSiblingElement(kind)) {
      check_geometry(*e, owner);
      if (std::strcmp(kind, "visual") == 0) check_material(*e, owner);
    }
  }
}

void Checker::check_limits(const XMLElement& joint, const std::string& type, const std::string& owner) const {
  const XMLElement* limit = joint.FirstChildElement("limit");
  const bool needed = type == "revolute" || type == "prismatic";
  if (!limit) {
    if (needed) {
      fail(joint, owner + ": a " + type + " joint wants a <limit lower upper effort velocity>, found none" +
                      (type == "revolute" ? ": add it, or make the joint continuous" : ": add it"));
    }
    return;
  }
  for (const char* attribute : {"effort", "velocity"}) {
    if (number(*limit, attribute) < 0) {
      fail(*limit, owner + ": want " + attribute + " of at least 0, found " + text_of(*limit, attribute));
    }
  }
  const double low = optional_number(*limit, "lower", 0), high = optional_number(*limit, "upper", 0);
  if (needed && low > high) {
    fail(*limit, owner + ": want lower <= upper, found " + text_of(*limit, "lower") + " and " +
                     text_of(*limit, "upper"));
  }
}

void Checker::check_joint(const XMLElement& joint) {
  const std::string owner = named(joint);
  const std::string name = text_of(joint, "name"), type = text_of(joint, "type");
  if (std::find(kJointTypes.begin(), kJointTypes.end(), type) == kJointTypes.end()) {
    fail(joint, owner + ": unknown joint type '" + type + "'; known: " + listed(kJointTypes));
  }
  const std::string parent = text_of(child(joint, "parent", "add <parent link=\"...\"/>"), "link"),
                    below = text_of(child(joint, "child", "add <child link=\"...\"/>"), "link");
  for (const std::string& link : {parent, below}) {
    if (!links_.contains(link))
      fail(joint, owner + ": there is no link '" + link + "' in this file: define it");
  }
  if (!joints_.emplace(name, Joint{&joint, parent, below, type}).second) {
    fail(joint, owner + " is defined twice: rename one of the two");
  }
  if (const auto [first, fresh] = joint_of_child_.emplace(below, name); !fresh) {
    fail(joint, owner + ": link '" + below + "' already hangs on joint '" + first->second +
                    "': a URDF is a tree, so remove one of the two");
  }
  order_[name] = static_cast<int>(order_.size());
  check_origin(joint);
  if (const XMLElement* axis = joint.FirstChildElement("axis")) {
    double square = 0;
    for (const double value : numbers(*axis, "xyz", 3)) square += value * value;
    if (square < 1e-12 && type != "fixed" && type != "floating") {
      fail(*axis, owner + ": want an axis that is not zero, found '" + text_of(*axis, "xyz") + "'");
    }
  }
  check_limits(joint, type, owner);
  if (const XMLElement* dynamics = joint.FirstChildElement("dynamics")) {
    for (const char* attribute : {"damping", "friction"}) {
      if (optional_number(*dynamics, attribute, 0) < 0) {
        fail(*dynamics,
             owner + ": want " + attribute + " of at least 0, found " + text_of(*dynamics, attribute));
      }
    }
  }
}

void Checker::check_tree() const {
  std::vector<std::string> roots;
  for (const auto& [link, element] : links_) {
    if (!joint_of_child_.contains(link)) roots.push_back(link);
  }
  if (roots.size() > 1) {
    fail(*links_.at(roots[1]), "want one root link, found " + std::to_string(roots.size()) +
                                   " without a parent (" + listed(roots) + "): join them with joints");
  }
  // Every link has one parent at most, so a link that never reaches a root stands on a cycle.
  for (const auto& [link, element] : links_) {
    std::set<std::string> passed;
    std::string at = link;
    while (joint_of_child_.contains(at)) {
      if (!passed.insert(at).second) {
        fail(*element,
             "link '" + link + "' is its own ancestor: the joints make a cycle, but a URDF is a tree");
      }
      at = joints_.at(joint_of_child_.at(at)).parent;
    }
  }
  for (const auto& [name, joint] : joints_) {
    if (joint.type == "floating" && joint_of_child_.contains(joint.parent)) {
      fail(*joint.element, "joint '" + name +
                               "': a floating joint is possible under the root link only: put the "
                               "part into a file of its own");
    }
  }
}

void Checker::check_masses() const {
  std::map<std::string, double> below;  // mass of a link and of all that hangs on it
  const auto own = [&](const std::string& link) {
    const XMLElement* inertial = links_.at(link)->FirstChildElement("inertial");
    return inertial ? number(*inertial->FirstChildElement("mass"), "value") : 0.0;
  };
  for (const auto& [link, element] : links_) {
    std::string at = link;
    for (below[at] += own(link); joint_of_child_.contains(at);) {
      at = joints_.at(joint_of_child_.at(at)).parent;
      below[at] += own(link);
    }
  }
  for (const auto& [name, joint] : joints_) {
    if (joint.type == "fixed") continue;
    const XMLElement& link = *links_.at(joint.child);
    if (!link.FirstChildElement("inertial")) {
      fail(link, "link '" + joint.child + "' moves with joint '" + name +
                     "' and wants an <inertial> with mass and inertia, found none: add it");
    }
    if (below.at(joint.child) <= 0) {
      fail(link, "link '" + joint.child + "' moves with joint '" + name +
                     "' but neither it nor what hangs on it has mass: give it a mass above 0 kg");
    }
  }
}

std::map<std::string, int> Checker::run(const std::string& text) {
  tinyxml2::XMLDocument document;
  if (document.Parse(text.c_str(), text.size()) != tinyxml2::XML_SUCCESS) {
    throw Error(name_ + ":" + std::to_string(document.ErrorLineNum()) + ": this is not XML (" +
                tinyxml2::XMLDocument::ErrorIDToName(document.ErrorID()) +
                "): a URDF is an XML file with one <robot>");
  }
  check_root(document);
  const XMLElement& robot = *document.RootElement();
  const auto each = [&](const char* kind, auto&& work) {
    for (const XMLElement* e = robot.FirstChildElement(kind); e; e = e->NextSiblingElement(kind)) work(*e);
  };
  each("material", [&](const XMLElement& e) { materials_.insert(text_of(e, "name")); });
  each("link", [&](const XMLElement& e) { check_link(e); });
  if (links_.empty()) fail(robot, "the robot has no <link>: add at least one");
  each("joint", [&](const XMLElement& e) { check_joint(e); });
  check_tree();
  check_masses();
  return order_;
}

}  // namespace

std::map<std::string, int> check_urdf(const std::string& text, const std::string& name) {
  return Checker(name).run(text);
}

}  // namespace understudy
