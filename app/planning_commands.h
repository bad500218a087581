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

}  // namespace synoptic::app
