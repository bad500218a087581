// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/rules_cli.h"

#include <map>

namespace synoptic::app {
namespace {

void AddForm(CLI::App* command, OutputForm* output) {
  static const std::map<std::string, OutputForm> kForms = {
      {"table", OutputForm::kTable}, {"json", OutputForm::kJson}, {"csv", OutputForm::kCsv}};
  command->add_option("--output", *output, "table, json or csv")
      ->transform(CLI::CheckedTransformer(kForms).description("FORM"))
      ->default_str("table");
}

void AddBackfill(CLI::App* rules, BackfillRulesArguments* a) {
  CLI::App* backfill = rules->add_subcommand(
      "backfill",
      "Has a server evaluate its recording rules over the past, where nothing is recorded yet.");
  backfill->add_option("--server", a->server, "The Synoptic to ask")
      ->type_name("URL")
      ->capture_default_str();
  backfill->add_option("--from", a->from, "Unix seconds or RFC 3339")->type_name("T")->required();
  backfill->add_option("--to", a->to, "The same; default: now")->type_name("T");
  backfill->add_option("--group", a->group, "Groups of this name only")->type_name("NAME");
  AddForm(backfill, &a->output);
}

void AddBacktest(CLI::App* rules, BacktestRulesArguments* a) {
  CLI::App* backtest = rules->add_subcommand(
      "backtest", "Runs rules over a server's history: what would have fired, when, how often.");
  backtest->add_option("FILE", a->files, "Rule files")->required();
  backtest->add_option("--start", a->start, "Unix seconds or RFC 3339")->type_name("T")->required();
  backtest->add_option("--end", a->end, "The same")->type_name("T")->required();
  backtest
      ->add_option("--outage", a->outages,
                   "A region that does not answer: region=R,from=T,to=T; may be given again")
      ->type_name("WHAT");
  backtest->add_option("--server", a->server, "The Synoptic or Prometheus whose history it is")
      ->type_name("URL")
      ->capture_default_str();
  backtest
      ->add_option("--config", a->config,
                   "The configuration whose regions count; without: those that the label region "
                   "names")
      ->type_name("CONFIG");
  AddForm(backtest, &a->output);
}

void AddPlan(CLI::App* rules, PlanRulesArguments* a) {
  CLI::App* plan = rules->add_subcommand(
      "plan", "Places every rule at the lowest tier that can decide it, and says why.");
  plan->add_option("--config", a->config, "The configuration file")->type_name("FILE")->required();
  plan->add_option("--out", a->out,
                   "Write rule files here: local/ for each region's Prometheus, regional/ and "
                   "global/ for Synoptics")
      ->type_name("DIR");
  AddForm(plan, &a->output);
}

void AddCheck(CLI::App& check, CheckRulesArguments* a) {
  CLI::App* rules = check.add_subcommand("rules", "Checks rule files, and shows each rule's tier.");
  rules->add_option("FILE", a->files, "Rule files")->required();
  rules
      ->add_option("--config", a->config,
                   "The configuration whose regions count; without: two regions")
      ->type_name("CONFIG");
  rules->add_flag("--strict", a->strict, "Lints are errors");
  AddForm(rules, &a->output);
}

void AddTest(CLI::App& root, TestRulesArguments* a) {
  CLI::App* test = root.add_subcommand("test", "Runs unit tests.");
  test->require_subcommand(1);
  CLI::App* rules = test->add_subcommand(
      "rules", "Runs unit tests of rules: promtool's files, and per-region series and outages.");
  rules->add_option("FILE", a->files, "Test files")->required();
  rules->add_option("--run", a->run, "Only tests whose name this regular expression matches")
      ->type_name("REGEX");
  rules->add_option("--enable-feature", a->features, "As Prometheus has it")
      ->type_name("NAME")
      ->delimiter(',')
      ->check(CLI::IsMember({"promql-experimental-functions", "promql-delayed-name-removal",
                             "promql-unquoted-utf8-names", "promql-binop-fill-modifiers"}));
  AddForm(rules, &a->output);
}

void AddPacks(CLI::App& root, PacksArguments* a) {
  CLI::App* packs = root.add_subcommand(
      "packs", "Lists the rule packs that `packs` in a configuration can choose.");
  packs->add_option("PACK", a->pack, "Show this one's thresholds and rules");
  AddForm(packs, &a->output);
}

}  // namespace

RulesCli::RulesCli(CLI::App& root, CLI::App& check) : root_(root), check_(check) {
  rules_ = root.add_subcommand("rules", "Works with rules.");
  rules_->require_subcommand(1);
  AddPlan(rules_, &plan_);
  AddBackfill(rules_, &backfill_);
  AddBacktest(rules_, &backtest_);
  AddCheck(check, &check_rules_);
  AddTest(root, &test_);
  AddPacks(root, &packs_);
}

std::optional<int> RulesCli::Run() const {
  if (root_.got_subcommand("packs")) return Packs(packs_);
  if (rules_->got_subcommand("plan")) return PlanRules(plan_);
  if (rules_->got_subcommand("backfill")) return BackfillRules(backfill_);
  if (rules_->got_subcommand("backtest")) return BacktestRules(backtest_);
  if (root_.got_subcommand("test")) return TestRules(test_);
  if (check_.got_subcommand("rules")) return CheckRules(check_rules_);
  return std::nullopt;
}

}  // namespace synoptic::app
