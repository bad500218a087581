// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The durable list of drills: one SQLite file in the data directory, opened with the first
// question. A drill is on disk when Put returns OK. Calls block for a small file's write; there is
// one a drill's start and one its end.
//
// Lives on the event loop's executor.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "alerting/store/sqlite_file.h"
#include "reports/drill.h"

namespace synoptic::app {

class DrillLedger {
 public:
  explicit DrillLedger(std::string path) : path_(std::move(path)) {}
  // By time of the fault. Errors: the file cannot be opened.
  absl::StatusOr<std::vector<reports::Drill>> All();
  // Adds the drill or replaces that of its id.
  absl::Status Put(const reports::Drill& drill);

 private:
  absl::Status Open();

  const std::string path_;
  std::unique_ptr<alerting::SqliteFile> file_;
  std::vector<reports::Drill> drills_;
};

// What DrillJson of reports/drill.h wrote. InvalidArgument when it is something else.
absl::StatusOr<reports::Drill> ParseDrill(std::string_view json);

}  // namespace synoptic::app
