#include "tools/console/help.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <sstream>
#include <utility>

#include "tools/console/help_texts.h"

namespace understudy::tools {
namespace {

constexpr std::size_t kLine = 100, kColumn = 32;

std::map<const CLI::Option*, std::function<std::optional<std::string>()>>& values() {
  static std::map<const CLI::Option*, std::function<std::optional<std::string>()>> map;
  return map;
}

/// Nothing: the option has no meaning beside what else was said.
std::optional<std::string> value_now(const CLI::Option& option) {
  const auto found = values().find(&option);
  return found == values().end() ? value_text(option) : found->second();
}

bool is_shown(const HelpText* texts, const CLI::Option& option) {
  if (texts == nullptr || option.get_lnames().empty()) return true;
  return texts->shows(option.get_lnames().front());
}

/// `text` with line ends before words that do not fit, later lines beginning at `indent`.
std::string wrapped(const std::string& text, std::size_t indent) {
  std::string lines;
  std::size_t at = indent;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (at > indent && at + 1 + word.size() > kLine) {
      lines += "\n" + std::string(indent, ' ');
      at = indent;
    } else if (at > indent) {
      lines += ' ';
      ++at;
    }
    lines += word;
    at += word.size();
  }
  return lines;
}

std::string entry(const std::string& name, const std::string& text) {
  std::string line = "  " + name;
  if (line.size() + 2 > kColumn) {
    line += "\n" + std::string(kColumn, ' ');
  } else {
    line.resize(kColumn, ' ');
  }
  return line + wrapped(text, kColumn) + "\n";
}

class Formatter final : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override {
    if (mode == CLI::AppFormatMode::Sub) return make_expanded(app);
    std::string text = wrapped(app->get_description(), 0) + "\n";
    const std::vector<std::string> examples = examples_of(*app);
    if (!examples.empty()) text += "\n";
    for (const std::string& example : examples) text += "  " + example + "\n";
    return text + "\n" + make_usage(app, std::move(name)) + make_positionals(app) + options(app, mode) +
           make_subcommands(app, mode) + (app->get_footer().empty() ? "" : "\n" + make_footer(app));
  }

  std::string options(const CLI::App* app, CLI::AppFormatMode mode) const {
    const HelpText* const texts = help_text(full_name(*app));
    std::string text;
    std::size_t left_out = 0;
    for (const CLI::Option* option :
         app->get_options([](const CLI::Option* o) { return o->nonpositional(); })) {
      if (option->get_group().empty() || !value_now(*option)) continue;
      if (mode != CLI::AppFormatMode::Normal || is_shown(texts, *option)) {
        text += make_option(option, false);
      } else {
        ++left_out;
      }
    }
    if (left_out > 0) text += "  " + std::to_string(left_out) + " more: --help-all\n";
    return "\nOptions:\n" + text;
  }

  std::string make_option(const CLI::Option* option, bool positional) const override {
    std::string name = make_option_name(option, positional);
    const std::string value = value_now(*option).value_or("");
    if (!value.empty()) name += " " + value;
    return entry(name, option->get_description());
  }

  std::string make_subcommand(const CLI::App* command) const override {
    return entry(command->get_name(), command->get_description());
  }
};

}  // namespace

std::string full_name(const CLI::App& command) {
  const CLI::App* const parent = command.get_parent();
  return (parent == nullptr ? "" : full_name(*parent) + " ") + command.get_name();
}

std::vector<std::string> examples_of(const CLI::App& command) {
  const std::string name = full_name(command);
  const HelpText* const texts = help_text(name);
  std::vector<std::string> lines;
  if (texts == nullptr) return lines;
  const CLI::Option* const data = command.get_option_no_throw("--data");
  const bool imitates = data != nullptr && data->get_required();
  for (const char* example : texts->examples) {
    std::string line = name + (*example == '\0' ? "" : " ") + example;
    // One list is for all learners that try things out, whether they imitate or not.
    if (imitates && line.find("--data") == std::string::npos) line += " --data demos.h5";
    lines.push_back(std::move(line));
  }
  return lines;
}

void show_as(const CLI::Option* option, std::function<std::optional<std::string>()> value) {
  values()[option] = std::move(value);
}

std::string value_text(const CLI::Option& option) {
  if (!option.get_option_text().empty()) return option.get_option_text();
  if (option.get_type_size() == 0) return "";
  // CLI11 says `INT:INT in [1 - 9]` and `TEXT:{a,b}` of values with a range, or with a list of words.
  std::string type = option.get_type_name();
  const std::size_t range = type.find(" in ["), words = type.find(":{");
  if (range != std::string::npos) {
    std::string ends = type.substr(range + 5, type.find(']') - range - 5);
    const std::size_t dash = ends.find(" - ");
    if (dash != std::string::npos) ends.replace(dash, 3, "..");
    type = ends;
  } else if (words != std::string::npos) {
    type = type.substr(words + 2, type.find('}') - words - 2);
    std::replace(type.begin(), type.end(), ',', '|');
  }
  std::string text = type;
  if (!option.get_default_str().empty()) text += " [" + option.get_default_str() + "]";
  if (option.get_expected_max() == CLI::detail::expected_max_vector_size) text += " ...";
  if (option.get_required()) text += " (required)";
  return text;
}

void add_help(CLI::App& program) {
  program.formatter(std::make_shared<Formatter>());
  program.set_help_flag("-h,--help", "This help");
  program.set_help_all_flag("--help-all", "Help with every option");
}

}  // namespace understudy::tools
