// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Commands that put a planner's question to a server and print its answer. The server renders:
// what a terminal shows is what the API and the reports say.
#pragma once

#include <string>
#include <vector>

#include "app/commands.h"

namespace synoptic::app {

// What all of them take.
struct PlanningArguments {
  std::string server = "http://127.0.0.1:9099";
  OutputForm output = OutputForm::kTable;
};

struct WhatIfArguments : PlanningArguments {
  std::vector<std::string> lose;
  std::string growth;
  std::string at;
};
int WhatIf(const WhatIfArguments& arguments);

struct FailoverCheckArguments : PlanningArguments {
  std::string from;
  std::string to;
  std::string at;
};
// 0: go, also with risk; 3: no go; 4: unknown; 1: the question failed.
int FailoverCheck(const FailoverCheckArguments& arguments);

struct DrillArguments : PlanningArguments {
  std::string kind = "traffic";
  std::string from;
  std::string to;
  std::string id;
  std::string fault;
  std::string detected;
  std::string decided;
  std::string recovered;
};
int DrillStart(const DrillArguments& arguments);
int DrillFinish(const DrillArguments& arguments);
// Exit code 0: go on, 3: an abort condition is met, 4: one may be.
int DrillStatus(const PlanningArguments& arguments);
int DrillList(const PlanningArguments& arguments);

struct SloArguments : PlanningArguments {
  std::string id;  // empty: all
};
int SloStatus(const SloArguments& arguments);

struct SloFileArguments {
  std::vector<std::string> files;
  std::string out;
  OutputForm output = OutputForm::kTable;
};
int SloGenerate(const SloFileArguments& arguments);
int SloImport(const SloFileArguments& arguments);

struct ReportArguments {
  std::string server = "http://127.0.0.1:9099";
  std::string name;
  std::string format = "html";
  std::string out;
};
int Report(const ReportArguments& arguments);

}  // namespace synoptic::app
