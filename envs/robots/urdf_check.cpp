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
constexpr std::array kGeometries = {"box", "sphere", "cylinder", "capsule", "mesh"};
/// Every one costs a call within a call here and in Bullet; the largest humanoids have some two hundred.
constexpr std::size_t kMostLinks = 1000;

template <typename Names>
std::string listed(const Names& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}

/// Blanks, tabs and line ends are one blank, and none at the ends: so XML's lists of numbers are read.
std::string collapsed(const std::string& text) {
  std::string result;
  std::istringstream words(text);
  for (std::string word; words >> word;) result += (result.empty() ? "" : " ") + word;
  return result;
}

/// In every attribute but names, which may hold blanks: those lose what XML says is a blank too, line ends.
void collapse_blanks(XMLElement& element) {
  for (const tinyxml2::XMLAttribute* a = element.FirstAttribute(); a; a = a->Next()) {
    std::string value = a->Value();
    const std::string_view name = a->Name();
    if (name == "name" || name == "link" || name == "filename") {
      std::replace_if(
          value.begin(), value.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
    } else {
      value = collapsed(value);
    }
    if (value != a->Value()) element.SetAttribute(a->Name(), value.c_str());
  }
  for (XMLElement* e = element.FirstChildElement(); e; e = e->NextSiblingElement()) collapse_blanks(*e);
}

/// One pass over the XML; every method checks one kind of element, and puts it right where that is possible.
class Checker {
 public:
  explicit Checker(std::string name) : name_(std::move(name)) {}

  CheckedUrdf run(const std::string& text);

 private:
  struct Joint {
    const XMLElement* element;
    std::string parent, child, type;
  };

  [[noreturn]] void fail(const XMLElement& at, const std::string& what) const {
    throw Error(name_ + ":" + std::to_string(at.GetLineNum()) + ": " + what);
  }
  void warn(const XMLElement& at, const std::string& what) {
    std::string line = name_ + ":" + std::to_string(at.GetLineNum()) + ": " + what;
    if (std::find(result_.warnings.begin(), result_.warnings.end(), line) == result_.warnings.end())
      result_.warnings.push_back(std::move(line));
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
  template <class Element>
  Element& child(Element& parent, const char* tag, const std::string& remedy) const;

  void check_root(tinyxml2::XMLDocument& document);
  void check_origin(const XMLElement& parent) const;
  void check_link(XMLElement& link);
  void check_inertial(const XMLElement& inertial, const std::string& owner) const;
  void check_geometry(XMLElement& shape, const std::string& owner);
  void find_materials(const XMLElement& owner);
  std::optional<Eigen::Vector4f> colour_of(XMLElement& visual, const std::string& owner);
  std::optional<Eigen::Vector4f> read_colour(const XMLElement& material);
  bool stands_still(const XMLElement& joint, const std::string& type) const;
  void check_joint(XMLElement& joint);
  void mend_vectors(XMLElement& element);
  void check_limits(XMLElement& joint, const std::string& type, const std::string& owner);
  void check_tree() const;

  const std::string name_;
  std::map<std::string, const XMLElement*> links_;
  std::map<std::string, Joint> joints_;
  std::map<std::string, std::string> joint_of_child_;
  std::map<std::string, std::optional<Eigen::Vector4f>> materials_;  // without a colour: a texture
  CheckedUrdf result_;
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

template <class Element>
Element& Checker::child(Element& parent, const char* tag_name, const std::string& remedy) const {
  Element* found = parent.FirstChildElement(tag_name);
  if (!found) fail(parent, tag(parent) + ": want a <" + tag_name + "> inside, found none: " + remedy);
  return *found;
}

void Checker::check_origin(const XMLElement& parent) const {
  const XMLElement* origin = parent.FirstChildElement("origin");
  if (!origin) return;
  if (origin->Attribute("xyz")) numbers(*origin, "xyz", 3);
  if (origin->Attribute("rpy")) numbers(*origin, "rpy", 3);
}

void Checker::check_root(tinyxml2::XMLDocument& document) {
  XMLElement* root = document.RootElement();
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
  root->DeleteAttribute("version");  // urdfdom refuses any but 1.0
  collapse_blanks(*root);
  mend_vectors(*root);
}

/// Vectors with commas, or with more than three numbers, as other programs take them too.
void Checker::mend_vectors(XMLElement& element) {
  for (const char* attribute : {"xyz", "rpy", "scale"}) {
    const char* const text = element.Attribute(attribute);
    if (!text) continue;
    std::string blank = text;
    std::replace(blank.begin(), blank.end(), ',', ' ');
    std::istringstream stream(blank);
    stream.imbue(std::locale::classic());
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    if (words.size() < 3 || words.size() > 4 || (words.size() == 3 && blank == text)) continue;
    warn(element, tag(element) + ": " + attribute + "=\"" + text + "\": taken as its first three numbers");
    element.SetAttribute(attribute, (words[0] + " " + words[1] + " " + words[2]).c_str());
  }
  for (XMLElement* e = element.FirstChildElement(); e; e = e->NextSiblingElement()) mend_vectors(*e);
}

void Checker::check_inertial(const XMLElement& inertial, const std::string& owner) const {
  check_origin(inertial);
  const XMLElement& mass_element = child(inertial, "mass", "say the mass in kg");
  const double mass = number(mass_element, "value");
  if (mass < 0)
    fail(mass_element, owner + ": want a mass of at least 0 kg, found " + text_of(mass_element, "value"));
  const XMLElement& element = child(inertial, "inertia", "say ixx, iyy, izz in kg·m²");
  for (const char* moment : {"ixx", "iyy", "izz", "ixy", "ixz", "iyz"}) number(element, moment);
}

void Checker::check_geometry(XMLElement& shape, const std::string& owner) {
  check_origin(shape);
  XMLElement& geometry = child(shape, "geometry", "add one of " + listed(kGeometries));
  XMLElement* kind = geometry.FirstChildElement();
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
  } else if (name == "cylinder" || name == "capsule") {
    want_positive("radius", 1);
    want_positive("length", 1);
    if (name == "capsule") {  // which urdfdom does not know
      kind->SetName("cylinder");
      shape.SetAttribute("name", (text_of(shape, "name") + "_capsule").c_str());
    }
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
    fail(*kind, owner + ": unknown geometry " + tag(*kind) + "; known: " + listed(kGeometries));
  }
}

std::optional<Eigen::Vector4f> Checker::read_colour(const XMLElement& material) {
  const XMLElement* colour = material.FirstChildElement("color");
  if (!colour) return std::nullopt;
  const std::vector<double> values = numbers(*colour, "rgba", 4);
  Eigen::Vector4f rgba;
  for (int i = 0; i < 4; ++i)
    rgba[i] = static_cast<float>(std::clamp(values[static_cast<std::size_t>(i)], 0.0, 1.0));
  if (std::any_of(values.begin(), values.end(), [](double v) { return v < 0 || v > 1; })) {
    warn(*colour,
         "want rgba values in [0, 1], found '" + text_of(*colour, "rgba") + "': taken as the nearest");
  }
  return rgba;
}

/// Of the robot and of every visual: other programs know a material wherever it is defined.
void Checker::find_materials(const XMLElement& owner) {
  for (const XMLElement* e = owner.FirstChildElement("material"); e; e = e->NextSiblingElement("material")) {
    if (e->FirstChildElement("color") || e->FirstChildElement("texture"))
      materials_.try_emplace(text_of(*e, "name"), read_colour(*e));
  }
}

/// Takes the material out of the visual: what urdfdom says of materials depends on their order.
std::optional<Eigen::Vector4f> Checker::colour_of(XMLElement& visual, const std::string& owner) {
  std::optional<Eigen::Vector4f> colour;
  if (XMLElement* material = visual.FirstChildElement("material")) {
    const std::string name = text_of(*material, "name");
    if (material->FirstChildElement("color")) {
      colour = read_colour(*material);
    } else if (const auto known = materials_.find(name); known != materials_.end()) {
      colour = known->second;
    } else if (!material->FirstChildElement("texture")) {
      warn(*material, owner + ": material '" + name + "' is defined nowhere: drawn in the default colour");
    }
  }
  while (XMLElement* material = visual.FirstChildElement("material")) visual.DeleteChild(material);
  return colour;
}

void Checker::check_link(XMLElement& link) {
  const std::string owner = named(link);
  const std::string name = text_of(link, "name");
  if (!links_.emplace(name, &link).second) fail(link, owner + " is defined twice: rename one of the two");
  if (links_.size() > kMostLinks)
    fail(link, "want a robot of at most " + std::to_string(kMostLinks) + " links, found more");
  result_.link_lines[name] = link.GetLineNum();
  if (const XMLElement* inertial = link.FirstChildElement("inertial")) {
    check_inertial(*inertial, owner);
    result_.weighed_links.insert(name);
  }
  for (const char* kind : {"collision", "visual"}) {
    for (XMLElement* e = link.FirstChildElement(kind); e; e = e->NextSiblingElement(kind)) {
      check_geometry(*e, owner);
      if (std::strcmp(kind, "visual") == 0) result_.colours[name].push_back(colour_of(*e, owner));
    }
  }
}

void Checker::check_limits(XMLElement& joint, const std::string& type, const std::string& owner) {
  XMLElement* limit = joint.FirstChildElement("limit");
  const bool needed = type == "revolute" || type == "prismatic";
  if (!limit && !needed) return;
  if (!limit) limit = joint.InsertNewChildElement("limit");
  const bool none = !limit->Attribute("lower") && !limit->Attribute("upper");
  for (const char* attribute : {"effort", "velocity"}) {
    if (!limit->Attribute(attribute)) limit->SetAttribute(attribute, "0");  // 0: not said
    if (number(*limit, attribute) < 0) {
      fail(*limit, owner + ": want " + attribute + " of at least 0, found " + text_of(*limit, attribute));
    }
  }
  const double low = optional_number(*limit, "lower", 0), high = optional_number(*limit, "upper", 0);
  if (!needed || (!none && low <= high)) return;
  // Bullet's files say so by limits the wrong way round.
  warn(joint, owner + ": a " + type + " joint wants a <limit lower upper effort velocity>, found " +
                  (none ? "no range" : text_of(*limit, "lower") + " and " + text_of(*limit, "upper")) +
                  ": it moves without end");
  limit->SetAttribute("lower", "1");
  limit->SetAttribute("upper", "-1");
}

/// A <limit> that keeps the joint at 0, as some descriptions of wheels have it.
bool Checker::stands_still(const XMLElement& joint, const std::string& type) const {
  const XMLElement* limit = joint.FirstChildElement("limit");
  return limit && (type == "revolute" || type == "prismatic") &&
         (limit->Attribute("lower") || limit->Attribute("upper")) &&
         optional_number(*limit, "lower", 0) == 0 && optional_number(*limit, "upper", 0) == 0;
}

void Checker::check_joint(XMLElement& joint) {
  const std::string owner = named(joint);
  // Ignored, so that it need not be right either.
  for (const char* ignored : {"mimic", "safety_controller", "calibration"}) {
    while (XMLElement* e = joint.FirstChildElement(ignored)) joint.DeleteChild(e);
  }
  const std::string name = text_of(joint, "name");
  std::string type = text_of(joint, "type");
  if (std::find(kJointTypes.begin(), kJointTypes.end(), type) == kJointTypes.end()) {
    fail(joint, owner + ": unknown joint type '" + type + "'; known: " + listed(kJointTypes));
  }
  if (stands_still(joint, type)) {
    warn(joint, owner + ": has no room between its limits, 0 and 0: taken as fixed");
    joint.SetAttribute("type", "fixed");
    type = "fixed";
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
  result_.joint_order[name] = static_cast<int>(result_.joint_order.size());
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

CheckedUrdf Checker::run(const std::string& text) {
  tinyxml2::XMLDocument document;
  if (document.Parse(text.c_str(), text.size()) != tinyxml2::XML_SUCCESS) {
    throw Error(name_ + ":" + std::to_string(document.ErrorLineNum()) + ": this is not XML (" +
                tinyxml2::XMLDocument::ErrorIDToName(document.ErrorID()) +
                "): a URDF is an XML file with one <robot>");
  }
  check_root(document);
  XMLElement& robot = *document.RootElement();
  const auto each = [](XMLElement& parent, const char* kind, auto&& work) {
    for (XMLElement* e = parent.FirstChildElement(kind); e; e = e->NextSiblingElement(kind)) work(*e);
  };
  find_materials(robot);
  each(robot, "link",
       [&](XMLElement& link) { each(link, "visual", [&](XMLElement& visual) { find_materials(visual); }); });
  while (XMLElement* material = robot.FirstChildElement("material")) robot.DeleteChild(material);
  each(robot, "link", [&](XMLElement& e) { check_link(e); });
  if (links_.empty()) fail(robot, "the robot has no <link>: add at least one");
  each(robot, "joint", [&](XMLElement& e) { check_joint(e); });
  check_tree();
  tinyxml2::XMLPrinter printer(nullptr, true);
  document.Print(&printer);
  result_.text = printer.CStr();
  return std::move(result_);
}

}  // namespace

CheckedUrdf check_urdf(const std::string& text, const std::string& name) {
  return Checker(name).run(text);
}

}  // namespace understudy
