// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The forms in which one instant query of a script is asked again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "promql/parse/parser.h"

namespace synoptic::promqltest {

struct Variant {
  std::string expr;
  int64_t at_ms = 0;
};

// The language as Prometheus' own test engine has it.
promql::ParseOptions TestParseOptions();

// The query as written, then with `@ at_ms` on every selector at other evaluation times, where
// that cannot change its value.
absl::StatusOr<std::vector<Variant>> VariantsOf(const std::string& expr, int64_t at_ms);

}  // namespace synoptic::promqltest
