// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The command line: every command with its options in one list.
#include <map>

#ifdef SYNOPTIC_MIMALLOC
#include <mimalloc.h>
#endif

#include "CLI/CLI.hpp"
#include "absl/synchronization/mutex.h"
#include "app/cache_command.h"
#include "app/commands.h"
#include "app/completion.h"
#include "app/planning_cli.h"
#include "app/rules_cli.h"

namespace synoptic::app {
namespace {

void AddOutput(CLI::App* command, OutputForm* output) {
  static const std::map<std::string, OutputForm> kForms = {
      {"table", OutputForm::kTable}, {"json", OutputForm::kJson}, {"csv", OutputForm::kCsv}};
  command->add_option("--output", *output, "table, json or csv")
      ->transform(CLI::CheckedTransformer(kForms).description("FORM"))
      ->default_str("table");
}

void AddServe(CLI::App* root, ServeArguments* a) {
  static const std::map<std::string, log::Level> kLevels = {{"debug", log::Level::kDebug},
                                                            {"info", log::Level::kInfo},
                                                            {"warn", log::Level::kWarn},
                                                            {"error", log::Level::kError}};
  static const std::map<std::string, log::Format> kFormats = {{"text", log::Format::kText},
                                                              {"json", log::Format::kJson}};
  CLI::App* serve = root->add_subcommand("serve", "Runs the server.");
  serve->add_option("--config", a->config, "The configuration file")->type_name("FILE")->required();
  serve->add_option("--listen", a->listen, "Where to listen; port 0: any free one")
      ->type_name("ADDR:PORT")
      ->capture_default_str();
  serve
      ->add_option("--admin-listen", a->admin_listen,
                   "A second listener for health, readiness and metrics; off: none")
      ->type_name("ADDR:PORT")
      ->capture_default_str();
  serve->add_option("--data-dir", a->data_dir, "Where state is kept")
      ->type_name("DIR")
      ->capture_default_str();
  serve->add_option("--port-file", a->port_file, "Write the port listened on to this file")
      ->type_name("FILE");
  serve->add_flag("--enable-lifecycle", a->lifecycle, "Allow POST /-/reload");
  serve->add_option("--log-level", a->log_level, "debug, info, warn or error")
      ->transform(CLI::CheckedTransformer(kLevels).description("LEVEL"))
      ->default_str("info");
  serve->add_option("--log-format", a->log_format, "text or json")
      ->transform(CLI::CheckedTransformer(kFormats).description("FORM"))
      ->default_str("text");
}

void AddQuery(CLI::App* root, QueryArguments* a) {
  CLI::App* query = root->add_subcommand("query", "Asks a server.");
  query->add_option("EXPR", a->expression, "A PromQL expression")->required();
  query->add_option("--server", a->server, "The server")->type_name("URL")->capture_default_str();
  query->add_option("--time", a->time, "Evaluate at this time (unix seconds or RFC 3339)")
      ->type_name("T");
  query->add_option("--start", a->start, "A range's first time")->type_name("T");
  query->add_option("--end", a->end, "A range's last time")->type_name("T");
  query->add_option("--step", a->step, "A range's step")->type_name("D");
  query->add_option("--timeout", a->timeout, "Give up after this long")->type_name("D");
  query->add_flag("--explain", a->explain, "Show the plan and what each region cost");
  static const std::map<std::string, OutputForm> kForms = {{"table", OutputForm::kTable},
                                                           {"json", OutputForm::kJson},
                                                           {"csv", OutputForm::kCsv},
                                                           {"chart", OutputForm::kChart}};
  query
      ->add_option("--output", a->output,
                   "table, json, csv or chart (of a range); without: a chart for a range on a "
                   "terminal, otherwise a table")
      ->transform(CLI::CheckedTransformer(kForms).description("FORM"));
}

int Run(int argc, char** argv) {
  CLI::App root{"Synoptic: PromQL and alerts over many regions.", "synoptic"};
  root.require_subcommand(1);
  ServeArguments serve;
  QueryArguments query;
  CheckConfigArguments check_config;
  OutputForm version_output = OutputForm::kTable;
  std::string shell;

  AddServe(&root, &serve);
  AddQuery(&root, &query);
  const CacheCli cache(root);
  const PlanningCli planning(root);
  CLI::App* check = root.add_subcommand("check", "Checks files.");
  check->require_subcommand(1);
  CLI::App* config = check->add_subcommand("config", "Checks a configuration, and its rule files.");
  config->add_option("FILE", check_config.file, "The configuration file")->required();
  config->add_flag("--live", check_config.live,
                   "Connect to every server: reachability, versions, clocks, label collisions, "
                   "replicas that differ, shards that hold the same series");
  AddOutput(config, &check_config.output);
  const RulesCli rules(root, *check);
  CLI::App* convert =
      root.add_subcommand("convert", "Turns other programs' configuration into ours.");
  convert->require_subcommand(1);
  std::string promxy_file;
  convert->add_subcommand("promxy", "Our configuration to stdout, what changed meaning to stderr.")
      ->add_option("FILE", promxy_file, "Promxy's configuration file")
      ->required();
  AddOutput(root.add_subcommand("version", "Says what this is."), &version_output);
  root.add_subcommand("completion", "Writes a completion script for a shell.")
      ->add_option("SHELL", shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));

  try {
    root.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    // Help and the like are not errors; everything else is bad usage.
    return root.exit(e) == 0 ? 0 : 2;
  }
  if (root.got_subcommand("serve")) {
    serve.admin_given = root.get_subcommand("serve")->count("--admin-listen") > 0;
    return Serve(serve);
  }
  if (root.got_subcommand("query")) return Query(query);
  if (const auto code = rules.Run()) return *code;
  if (root.got_subcommand("convert")) return ConvertPromxyCommand(promxy_file);
  if (root.got_subcommand("check")) return CheckConfig(check_config);
  if (root.got_subcommand("version")) return Version(version_output);
  if (const auto code = cache.Run()) return *code;
  if (const auto code = planning.Run()) return *code;
  return PrintCompletion(root, shell);
}

// What one query has let go the next one takes: giving it to the kernel and taking it back, page by
// page, costs a large query a quarter of its CPU. What nobody takes within that time goes back.
void KeepFreedMemoryForAWhile() {
#ifdef SYNOPTIC_MIMALLOC
  constexpr long kMilliseconds = 500;
  mi_option_set_default(mi_option_decommit_delay, kMilliseconds);
  mi_option_set_default(mi_option_segment_decommit_delay, kMilliseconds);
#endif
}

// Debian's Abseil keeps, for every lock taken, who may wait for whom, to find deadlocks: a map of
// its own under one lock for all. That is for builds that are tested.
void LeaveLocksAlone() {
#ifdef SYNOPTIC_RELEASE
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
}

}  // namespace
}  // namespace synoptic::app

int main(int argc, char** argv) {
  synoptic::app::LeaveLocksAlone();
  synoptic::app::KeepFreedMemoryForAWhile();
  return synoptic::app::Run(argc, argv);
}
