// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Runs test scripts against the evaluator and counts.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/promql/script.h"
#include "tests/promql/store.h"

namespace synoptic::promqltest {

struct ScriptReport {
  int passed = 0;
  int unsupported = 0;  // the evaluator said "not supported yet"
  std::vector<std::string> failures;
  std::vector<std::string> reasons;  // of unsupported cases
};

class Runner {
 public:
  virtual ~Runner() = default;
  ScriptReport Run(const std::vector<Command>& commands);

 protected:
  // What is loaded has changed.
  virtual void OnData() {}
  virtual absl::StatusOr<promql::EvalResult> Query(const std::string& expr,
                                                   const promql::Grid& grid, bool range) {
    return QueryHere(expr, grid, range, /*features=*/true);
  }
  // Over everything that is loaded. `features`: delayed name removal and start timestamps, as the
  // scripts expect them.
  absl::StatusOr<promql::EvalResult> QueryHere(const std::string& expr, const promql::Grid& grid,
                                               bool range, bool features);
  Store& store() { return store_; }

 private:
  absl::Status RunEval(const EvalCommand& command);
  absl::Status RunInstant(const EvalCommand& command, const std::string& expr, int64_t at_ms);
  absl::Status RunMiddleOfRange(const EvalCommand& command, const std::string& expr, int64_t at_ms,
                                bool scalar);
  Store store_;
};

}  // namespace synoptic::promqltest
