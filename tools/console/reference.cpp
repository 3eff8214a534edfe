#include "tools/console/reference.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <vector>

#include "datasets/types/version.h"
#include "tools/console/help.h"

namespace understudy::tools {
namespace {

std::vector<const CLI::App*> subcommands(const CLI::App& command) {
  std::vector<const CLI::App*> list;
  for (const CLI::App* sub :
       command.get_subcommands([](const CLI::App* app) { return !app->get_group().empty(); }))
    list.push_back(sub);
  return list;
}

void visit(const CLI::App& command, const std::function<void(const CLI::App&)>& work) {
  work(command);
  for (const CLI::App* sub : subcommands(command)) visit(*sub, work);
}

/// Text as troff takes it: nothing of it is a request.
std::string troff(const std::string& text) {
  std::string safe;
  for (const char letter : text) {
    if (letter == '\\') {
      safe += "\\e";
    } else if (letter == '-') {
      safe += "\\-";
    } else if ((letter == '.' || letter == '\'') && (safe.empty() || safe.back() == '\n')) {
      safe += std::string("\\&") + letter;
    } else {
      safe += letter;
    }
  }
  return safe;
}

std::string page_name(const CLI::App& command) {
  std::string name = full_name(command);
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

std::string page(const CLI::App& command) {
  const std::string name = page_name(command);
  std::string text = ".TH " + name + " 1 \"\" \"understudy " + program_version() +
                     "\" \"User Commands\"\n.SH NAME\n" + troff(name) + " \\- " +
                     troff(command.get_description()) + "\n.SH SYNOPSIS\n.B " + troff(full_name(command)) +
                     "\n[options]";
  for (const CLI::Option* option :
       command.get_options([](const CLI::Option* o) { return o->get_positional(); }))
    text += " " + troff(option->get_name(true, false));
  const auto below = subcommands(command);
  if (!below.empty()) text += " command";
  text += "\n";
  const std::vector<std::string> examples = examples_of(command);
  if (!examples.empty()) text += ".SH EXAMPLES\n.nf\n";
  for (const std::string& example : examples) text += troff(example) + "\n";
  if (!examples.empty()) text += ".fi\n";
  text += ".SH OPTIONS\n";
  for (const CLI::Option* option : command.get_options()) {
    const bool positional = option->get_positional();
    text += ".TP\n.B " + troff(option->get_name(positional, !positional)) + " " + troff(value_text(*option)) +
            "\n" + troff(option->get_description()) + "\n";
  }
  if (!below.empty()) text += ".SH COMMANDS\n";
  for (const CLI::App* sub : below)
    text += ".TP\n.BR " + page_name(*sub) + " (1)\n" + troff(sub->get_description()) + "\n";
  text += ".SH SEE ALSO\n";
  if (command.get_parent() != nullptr) text += ".BR " + page_name(*command.get_parent()) + " (1),\n";
  return text + "the documents in /usr/share/doc/understudy\n";
}

std::string shell_word(const std::string& text) {
  std::string word;
  for (const char letter : text)
    if (letter != '\'') word += letter;
  return "'" + word + "'";
}

}  // namespace

std::map<std::string, std::string> manual_pages(const CLI::App& program) {
  std::map<std::string, std::string> pages;
  visit(program, [&](const CLI::App& command) { pages[page_name(command) + ".1"] = page(command); });
  return pages;
}

std::string bash_completion(const CLI::App& program) {
  std::string words, values;
  visit(program, [&](const CLI::App& command) {
    std::string list;
    for (const CLI::App* sub : subcommands(command)) list += sub->get_name() + " ";
    for (const CLI::Option* option : command.get_options()) {
      for (const std::string& name : option->get_lnames()) {
        list += "--" + name + " ";
        const std::string value = value_text(*option);
        const std::string choices = value.substr(0, value.find(' '));
        if (choices.find('|') == std::string::npos) continue;
        std::string spaced = choices;
        std::replace(spaced.begin(), spaced.end(), '|', ' ');
        values += "    " + shell_word(full_name(command) + " --" + name) + ") words=" + shell_word(spaced) +
                  " ;;\n";
      }
    }
    words += "    " + shell_word(full_name(command)) + ") words=" + shell_word(list) + " ;;\n";
  });
  return R"bash(# Completion of understudy for bash: commands, options and their words; everything else is a file.
_understudy() {
  local current="${COMP_WORDS[COMP_CWORD]}" previous="" command=understudy words="" i word
  [ "$COMP_CWORD" -gt 0 ] && previous="${COMP_WORDS[COMP_CWORD - 1]}"
  for ((i = 1; i < COMP_CWORD; ++i)); do
    word="${COMP_WORDS[i]}"
    _understudy_words "$command $word" && command="$command $word"
  done
  words=""
  case "$command $previous" in
)bash" + values +
         R"bash(  esac
  if [ -z "$words" ]; then
    case "$previous" in
      --env) words="$("${COMP_WORDS[0]}" envs 2>/dev/null | awk 'NR > 1 && /^[A-Z]/ { print $1 }')" ;;
      *)
        _understudy_words "$command"
        case "$current" in -*) ;; *) COMPREPLY=($(compgen -f -- "$current")) ;; esac
        ;;
    esac
  fi
  COMPREPLY+=($(compgen -W "$words" -- "$current"))
}
# Sets `words` to what may follow a command; fails for what is none.
_understudy_words() {
  case "$1" in
)bash" + words +
         R"bash(    *) return 1 ;;
  esac
}
complete -o filenames -F _understudy understudy
)bash";
}

}  // namespace understudy::tools
