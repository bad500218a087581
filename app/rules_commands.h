// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Commands about rules: rules plan, rules backfill, rules backtest, check rules. See commands.h for
// what all commands promise.
#pragma once

#include <string>
#include <vector>

#include "app/commands.h"

namespace synoptic::app {

struct PlanRulesArguments {
  std::string config;
  std::string out;  // a folder to write to; empty: nothing is written
  OutputForm output = OutputForm::kTable;
};
int PlanRules(const PlanRulesArguments& arguments);

struct CheckRulesArguments {
  std::vector<std::string> files;
  std::string config;   // whose topology; empty: two regions of one shard each
  bool strict = false;  // lints fail
  OutputForm output = OutputForm::kTable;
};
int CheckRules(const CheckRulesArguments& arguments);

struct BackfillRulesArguments {
  std::string server = "http://127.0.0.1:9099";
  std::string from;   // unix seconds or RFC 3339
  std::string to;     // empty: now
  std::string group;  // empty: all
  OutputForm output = OutputForm::kTable;
};
int BackfillRules(const BackfillRulesArguments& arguments);

struct BacktestRulesArguments {
  std::vector<std::string> files;
  std::string server = "http://127.0.0.1:9099";  // whose history
  std::string start;                             // unix seconds or RFC 3339
  std::string end;
  std::vector<std::string> outages;  // region=R,from=T,to=T
  std::string config;                // whose regions; empty: those that the label `region` names
  OutputForm output = OutputForm::kTable;
};
int BacktestRules(const BacktestRulesArguments& arguments);

}  // namespace synoptic::app
