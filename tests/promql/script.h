// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A test script of Prometheus' promqltest language, parsed: load, clear, eval.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "promql/model/grid.h"
#include "promql/parse/series_description.h"
#include "re2/re2.h"

namespace synoptic::promqltest {

struct ClearCommand {};

struct LoadedSeries {
  promql::SeriesDescription description;
  // How far from each sample its start timestamp is (ms); empty: no sample has one.
  std::vector<std::optional<int64_t>> start_offsets;
};

struct LoadCommand {
  int line = 0;
  int64_t step_ms = 0;
  bool with_nhcb = false;  // also builds native histograms of classic ones
  std::vector<LoadedSeries> series;
};

enum class ExpectKind { kOrdered, kFail, kWarn, kNoWarn, kInfo, kNoInfo };

// A text or a pattern that a message has to match.
struct Expectation {
  std::string message;
  std::shared_ptr<const re2::RE2> pattern;  // when set, instead of `message`
  bool Matches(std::string_view text) const;
  std::string ToString() const;
};

struct ExpectedSeries {
  size_t position = 0;  // from 1
  std::vector<promql::SeriesItem> values;
};

struct EvalCommand {
  std::string expr;
  int line = 0;
  bool is_range = false;
  promql::Grid grid;          // of a range, or of the samples an instant range selector gives
  int64_t at_ms = 0;          // of an instant query
  bool not_as_range = false;  // the result has no form in a range query
  std::map<ExpectKind, std::vector<Expectation>> expectations;
  bool expects_scalar = false;
  double scalar = 0;
  std::string string;
  std::map<promql::Labels, ExpectedSeries> series;

  bool Has(ExpectKind kind) const { return expectations.contains(kind); }
};

using Command = std::variant<ClearCommand, LoadCommand, EvalCommand>;

// InvalidArgument with the line when the script is not understood.
absl::StatusOr<std::vector<Command>> ParseScript(std::string_view text);

}  // namespace synoptic::promqltest
