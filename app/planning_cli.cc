// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/planning_cli.h"

#include <map>

namespace synoptic::app {
namespace {

void AddOutput(CLI::App* command, OutputForm* output) {
  static const std::map<std::string, OutputForm> kForms = {
      {"table", OutputForm::kTable}, {"json", OutputForm::kJson}, {"csv", OutputForm::kCsv}};
  command->add_option("--output", *output, "table, json or csv")
      ->transform(CLI::CheckedTransformer(kForms).description("FORM"))
      ->default_str("table");
}

void AddServer(CLI::App* command, PlanningArguments* a) {
  command->add_option("--server", a->server, "The server")->type_name("URL")->capture_default_str();
  AddOutput(command, &a->output);
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

CLI::App* Group(CLI::App& root, const char* name, const char* help) {
  CLI::App* group = root.add_subcommand(name, help);
  group->require_subcommand(1);
  return group;
}

void AddFailover(CLI::App& root, FailoverCheckArguments* a) {
  CLI::App* command =
      Group(root, "failover", "Before a failover.")
          ->add_subcommand("check",
                           "Go or no go, with evidence. Exit 0: go, 3: no go, 4: unknown.");
  command->add_option("--from", a->from, "The region to leave")->type_name("REGION")->required();
  command->add_option("--to", a->to, "The region to take over")->type_name("REGION")->required();
  command->add_option("--at", a->at, "At this time (unix seconds or RFC 3339)")->type_name("T");
  AddServer(command, a);
}

void AddMarks(CLI::App* command, DrillArguments* a) {
  const std::pair<const char*, std::string*> marks[] = {
      {"--fault", &a->fault}, {"--detected", &a->detected}, {"--decided", &a->decided}};
  for (const auto& [name, text] : marks) {
    command->add_option(name, *text, "When that was, where the metrics do not tell")
        ->type_name("T");
  }
}

void AddDrill(CLI::App& root, DrillArguments* start, DrillArguments* finish,
              PlanningArguments* list) {
  CLI::App* drill = Group(root, "drill", "Records failover drills and measures them.");
  CLI::App* command = drill->add_subcommand("start", "A drill begins.");
  command->add_option("--from", start->from, "The region that is left")
      ->type_name("REGION")
      ->required();
  command->add_option("--to", start->to, "The region that takes over; without: several")
      ->type_name("REGION");
  command->add_option("--kind", start->kind, "traffic, storage, links, zone, region, ...")
      ->capture_default_str();
  AddMarks(command, start);
  AddServer(command, start);
  command = drill->add_subcommand("finish", "The drill is over: measures recovery.");
  command->add_option("--id", finish->id, "Without: the one that runs")->type_name("ID");
  command
      ->add_option("--recovered", finish->recovered,
                   "When users were served again, where the metrics do not tell")
      ->type_name("T");
  AddMarks(command, finish);
  AddServer(command, finish);
  AddServer(drill->add_subcommand("status",
                                  "The drill that runs, and whether it must end (exit 0: go on, 3: "
                                  "abort, 4: not known)."),
            list);
  AddServer(drill->add_subcommand("list", "The ledger, and what is due."), list);
}

void AddSlo(CLI::App& root, SloArguments* status, SloFileArguments* files) {
  CLI::App* slo = Group(root, "slo", "Objectives and their error budgets.");
  AddServer(slo->add_subcommand("list", "What is left of every budget."), status);
  CLI::App* show = slo->add_subcommand("show", "One objective.");
  show->add_option("ID", status->id, "service-name, as slo list shows it")->required();
  AddServer(show, status);
  CLI::App* generate =
      slo->add_subcommand("generate", "Writes Prometheus rules: ratios and burn-rate alerts.");
  CLI::App* import = slo->add_subcommand(
      "import",
      "Shows what OpenSLO v1, Sloth v1 and Pyrra files become; slo_files takes them too.");
  for (CLI::App* command : {generate, import}) {
    command->add_option("FILE", files->files, "Files of objectives")->required();
  }
  generate->add_option("--out", files->out, "Write to this file")->type_name("FILE");
  AddOutput(import, &files->output);
}

void AddReport(CLI::App& root, ReportArguments* a) {
  CLI::App* command = root.add_subcommand("report", "Writes a document.");
  command->add_option("NAME", a->name, "capacity, slo, readiness or drills")
      ->required()
      ->check(CLI::IsMember({"capacity", "slo", "readiness", "drills"}));
  command->add_option("--format", a->format, "html, markdown, json, csv or text")
      ->check(CLI::IsMember({"html", "markdown", "json", "csv", "text"}))
      ->capture_default_str();
  command->add_option("--out", a->out, "Write to this file")->type_name("FILE");
  command->add_option("--server", a->server, "The server")->type_name("URL")->capture_default_str();
}

}  // namespace

PlanningCli::PlanningCli(CLI::App& root) : root_(root) {
  AddWhatIf(root, &what_if_);
  AddFailover(root, &failover_check_);
  AddDrill(root, &drill_start_, &drill_finish_, &drill_list_);
  AddSlo(root, &slo_, &slo_files_);
  AddReport(root, &report_);
}

std::optional<int> PlanningCli::Run() const {
  if (root_.got_subcommand("whatif")) return WhatIf(what_if_);
  if (root_.got_subcommand("failover")) return FailoverCheck(failover_check_);
  if (root_.got_subcommand("drill")) {
    const CLI::App* drill = root_.get_subcommand("drill");
    if (drill->got_subcommand("start")) return DrillStart(drill_start_);
    if (drill->got_subcommand("finish")) return DrillFinish(drill_finish_);
    if (drill->got_subcommand("status")) return DrillStatus(drill_list_);
    return DrillList(drill_list_);
  }
  if (root_.got_subcommand("slo")) {
    const CLI::App* slo = root_.get_subcommand("slo");
    if (slo->got_subcommand("generate")) return SloGenerate(slo_files_);
    if (slo->got_subcommand("import")) return SloImport(slo_files_);
    return SloStatus(slo_);
  }
  if (root_.got_subcommand("report")) return Report(report_);
  return std::nullopt;
}

}  // namespace synoptic::app
