// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// federation_scripts FILE...: runs Prometheus' test scripts against federations, prints what passed
// and failed. Exits 1 when anything failed, or when nothing was pushed down.
#include <cstdio>
#include <fstream>
#include <sstream>

#include "base/status.h"
#include "fmt/format.h"
#include "tests/federation/federated_runner.h"

namespace synoptic::federation {
namespace {

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) return absl::NotFoundError("cannot read " + path);
  return text.str();
}

int Main(int argc, char** argv) {
  size_t passed = 0, failed = 0;
  Tally total;
  for (int i = 1; i < argc; ++i) {
    const std::string path = argv[i];
    const std::string name = path.substr(path.find_last_of('/') + 1);
    const absl::StatusOr<std::string> text = ReadFile(path);
    const auto commands = text.ok()
                              ? promqltest::ParseScript(*text)
                              : absl::StatusOr<std::vector<promqltest::Command>>(text.status());
    if (!commands.ok()) {
      fmt::print("FAILED {}: {}\n", name, MessageOf(commands.status()));
      ++failed;
      continue;
    }
    FederatedRunner runner;
    const promqltest::ScriptReport report = runner.Run(*commands);
    for (const std::string& failure : report.failures) fmt::print("FAILED {}: {}\n", name, failure);
    const Tally& tally = runner.tally();
    fmt::print(
        "{:<28} passed {:>4}  failed {:>4}  asked {:>6} hashed {:>6} labelled {:>6} pushed\n", name,
        report.passed, report.failures.size(), tally.hashed, tally.labelled, tally.pushed);
    (void)std::fflush(stdout);
    passed += static_cast<size_t>(report.passed);
    failed += report.failures.size() + static_cast<size_t>(report.unsupported);
    total.hashed += tally.hashed;
    total.labelled += tally.labelled;
    total.pushed += tally.pushed;
  }
  fmt::print("federation_hashed {} queries\n", total.hashed);
  fmt::print("federation_labelled {} queries\n", total.labelled);
  fmt::print("federation_pushed {} queries\n", total.pushed);
  fmt::print("federation_passed {} cases\n", passed);
  fmt::print("federation_failed {} cases\n", failed);
  return failed == 0 && total.pushed > 0 ? 0 : 1;
}

}  // namespace
}  // namespace synoptic::federation

int main(int argc, char** argv) { return synoptic::federation::Main(argc, argv); }
