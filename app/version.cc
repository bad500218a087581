// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/version.h"

#include <cstdio>

#include "app/commands.h"
#include "fmt/format.h"

namespace synoptic::app {

int Version(OutputForm output) {
  switch (output) {
    case OutputForm::kJson:
      fmt::print(R"({{"version":"{}","revision":"{}","compiler":"{}","language":"PromQL {}"}})"
                 "\n",
                 kVersion, kRevision, kCompiler, kPrometheusVersion);
      return 0;
    case OutputForm::kCsv:
      fmt::print("version,revision,compiler,language\n{},{},{},PromQL {}\n", kVersion, kRevision,
                 kCompiler, kPrometheusVersion);
      return 0;
    case OutputForm::kAuto:
    case OutputForm::kChart:
    case OutputForm::kTable:
      fmt::print("synoptic {} ({})\n  built with  {} ({})\n  language    PromQL of Prometheus {}\n",
                 kVersion, kRevision, kCompiler, kBuildType, kPrometheusVersion);
  }
  return 0;
}

}  // namespace synoptic::app
