// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The rules' part of the command line: rules plan, rules backfill, rules backtest, check rules,
// test rules, with their options.
#pragma once

#include <optional>

#include "CLI/CLI.hpp"
#include "app/rules_commands.h"

namespace synoptic::app {

// Lives as long as `root` is used.
class RulesCli {
 public:
  // `check` is the command that checks files.
  RulesCli(CLI::App& root, CLI::App& check);
  // The exit code of the command that was given; nothing when it is none of these.
  std::optional<int> Run() const;

 private:
  CLI::App& root_;
  CLI::App& check_;
  CLI::App* rules_ = nullptr;
  PlanRulesArguments plan_;
  BackfillRulesArguments backfill_;
  BacktestRulesArguments backtest_;
  CheckRulesArguments check_rules_;
  TestRulesArguments test_;
  PacksArguments packs_;
};

}  // namespace synoptic::app
