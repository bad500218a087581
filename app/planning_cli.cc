// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/planning_cli.h"

#include <map>

namespace synoptic::app {
namespace {

void AddServer(CLI::App* command, PlanningArguments* a) {
  static const std::map<std::string, OutputForm> kForms = {
      {"table", OutputForm::kTable}, {"json", OutputForm::kJson}, {"csv", OutputForm::kCsv}};
  command->add_option("--server", a->server, "The server")->type_name("URL")->capture_default_str();
  command->add_option("--output", a->output, "table, json or csv")
      ->transform(CLI::CheckedTransformer(kForms).description("FORM"))
      ->default_str("table");
}

void AddWhatIf(CLI::App& root, WhatIfArguments* a) {
  CLI::App* command =
      root.add_subcommand("whatif", "Does the rest carry the load of a lost region?");
  command->add_option("--lose", a->lose, "The region; several: all at once")
      ->type_name("REGION")
      ->delimiter(',')
      ->required();
  command->add_option("--growth", a->growth, "Multiply all load by this")->type_name("FACTOR");
  command->add_option("--at", a->at, "At this time (unix seconds or RFC 3339)")->type_name("T");
  AddServer(command, a);
}

}  // namespace

PlanningCli::PlanningCli(CLI::App& root) : root_(root) { AddWhatIf(root, &what_if_); }

std::optional<int> PlanningCli::Run() const {
  if (root_.got_subcommand("whatif")) return WhatIf(what_if_);
  return std::nullopt;
}

}  // namespace synoptic::app
