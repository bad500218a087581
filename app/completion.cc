// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/completion.h"

#include <cstdio>
#include <vector>

#include "CLI/CLI.hpp"
#include "fmt/format.h"

namespace synoptic::app {
namespace {

struct Command {
  std::string path;  // "check config"; empty: the program
  std::vector<std::string> commands;
  std::vector<std::string> options;  // "--listen"
};

void Collect(const CLI::App& app, const std::string& path, std::vector<Command>* out) {
  Command command;
  command.path = path;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) command.options.push_back("--" + name);
  }
  const auto subcommands = app.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* sub : subcommands) command.commands.push_back(sub->get_name());
  out->push_back(std::move(command));
  for (const CLI::App* sub : subcommands) {
    Collect(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), out);
  }
}

std::string Words(const Command& command) {
  std::string out;
  for (const auto& list : {command.commands, command.options}) {
    for (const std::string& word : list) out += (out.empty() ? "" : " ") + word;
  }
  return out;
}

// The commands typed so far, without options and their values, choose the list.
std::string Cases(const std::vector<Command>& commands) {
  std::string out;
  for (const Command& command : commands) {
    out += fmt::format("    \"{}\") words=\"{}\" ;;\n", command.path, Words(command));
  }
  return out;
}

std::string Paths(const std::vector<Command>& commands) {
  std::string out;
  for (const Command& command : commands) {
    if (!command.path.empty()) out += (out.empty() ? "\"" : "|\"") + command.path + "\"";
  }
  return out;
}

std::string Bash(const std::vector<Command>& commands) {
  return "_synoptic() {\n"
         "  local word path=\"\" words=\"\"\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    case \"${path:+$path }$word\" in\n"
         "      " +
         Paths(commands) +
         ") path=\"${path:+$path }$word\" ;;\n"
         "    esac\n"
         "  done\n"
         "  case \"$path\" in\n" +
         Cases(commands) +
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
         "  [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "
         "\"${COMP_WORDS[COMP_CWORD]}\"))\n"
         "}\n"
         "complete -F _synoptic synoptic\n";
}

}  // namespace

int PrintCompletion(const CLI::App& root, const std::string& shell) {
  std::vector<Command> commands;
  Collect(root, "", &commands);
  if (shell == "fish") {
    for (const Command& command : commands) {
      const std::string condition =
          command.path.empty()
              ? "__fish_use_subcommand"
              : "__fish_seen_subcommand_from " + command.path.substr(command.path.rfind(' ') + 1);
      for (const std::string& word : command.commands) {
        fmt::print("complete -c synoptic -f -n '{}' -a {}\n", condition, word);
      }
      for (const std::string& option : command.options) {
        fmt::print("complete -c synoptic -n '{}' -l {}\n", condition, option.substr(2));
      }
    }
    return 0;
  }
  // zsh reads bash's completions through bashcompinit.
  if (shell == "zsh") fmt::print("autoload -U +X bashcompinit && bashcompinit\n");
  fmt::print("{}", Bash(commands));
  return 0;
}

}  // namespace synoptic::app
