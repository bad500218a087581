// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// promqltest [-v] FILE...: runs Prometheus' test scripts, prints what passed, failed and is not
// supported yet. Exits 1 when anything failed.
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string_view>

#include "base/status.h"
#include "fmt/format.h"
#include "tests/promql/runner.h"

namespace synoptic::promqltest {
namespace {

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) return absl::NotFoundError("cannot read " + path);
  return text.str();
}

struct Totals {
  size_t passed = 0, failed = 0, unsupported = 0;
};

absl::Status RunFile(const std::string& path, bool verbose, Totals& totals) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  ASSIGN_OR_RETURN(const std::vector<Command> commands, ParseScript(text));
  const ScriptReport report = Runner().Run(commands);
  const std::string name = path.substr(path.find_last_of('/') + 1);
  for (const std::string& failure : report.failures) {
    fmt::print("FAILED {}: {}\n", name, failure);
  }
  if (verbose) {
    for (const std::string& reason : report.reasons) {
      fmt::print("unsupported {}: {}\n", name, reason);
    }
  }
  fmt::print("{:<28} passed {:>4}  failed {:>4}  unsupported {:>4}\n", name, report.passed,
             report.failures.size(), report.unsupported);
  totals.passed += static_cast<size_t>(report.passed);
  totals.failed += report.failures.size();
  totals.unsupported += static_cast<size_t>(report.unsupported);
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  bool verbose = false;
  Totals totals;
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    if (arg == "-v") {
      verbose = true;
      continue;
    }
    if (const absl::Status status = RunFile(arg, verbose, totals); !status.ok()) {
      fmt::print("FAILED {}: {}\n", arg, MessageOf(status));
      ++totals.failed;
    }
  }
  fmt::print("promqltest_passed {} cases\n", totals.passed);
  fmt::print("promqltest_unsupported {} cases\n", totals.unsupported);
  fmt::print("promqltest_failed {} cases\n", totals.failed);
  return totals.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace synoptic::promqltest

int main(int argc, char** argv) { return synoptic::promqltest::Main(argc, argv); }
