// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Rules and alerts as /api/v1/rules and /api/v1/alerts show them: plain values, whoever they come
// from. Synoptic's own come through RuleView, which `app` adapts from the rule engine (aggregator
// and alerting do not see each other); those of the regions are read from their answers.
//
// Times are nanoseconds since the Unix epoch; kNever for what did not happen.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "promql/model/labels.h"

namespace synoptic::aggregator {

inline constexpr int64_t kNever = std::numeric_limits<int64_t>::min();

// By name. Unlike in a label set, what is empty is there and shown.
using Texts = std::map<std::string, std::string>;

struct AlertInfo {
  promql::Labels labels;
  Texts annotations;
  std::string state;  // pending or firing; never anything else
  int64_t active_at_ns = kNever;
  int64_t keep_firing_since_ns = kNever;
  std::string value;  // FormatAlertValue(v)
};

struct RuleInfo {
  bool alerting = true;  // otherwise recording
  std::string name;
  std::string query;      // as the printer prints it
  std::string state;      // alerting: inactive, pending, firing or unknown
  double duration_s = 0;  // alerting: `for`
  double keep_firing_for_s = 0;
  Texts labels;
  Texts annotations;
  std::vector<AlertInfo> alerts;
  std::string health = "unknown";  // ok, err, unknown
  std::string last_error;
  double evaluation_s = 0;
  int64_t last_evaluation_ns = kNever;
};

struct RuleGroupInfo {
  std::string name;
  std::string file;
  double interval_s = 0;
  int64_t limit = 0;
  double evaluation_s = 0;
  int64_t last_evaluation_ns = kNever;
  std::vector<RuleInfo> rules;
};

// What a backfill will evaluate.
struct BackfillInfo {
  int64_t rules = 0;
  int64_t slots = 0;  // of all of them together
};

// Thread-safe.
class RuleView {
 public:
  virtual ~RuleView() = default;
  virtual std::vector<RuleGroupInfo> Groups() const = 0;
  // Recording rules of the groups of that name (empty: of all) will be evaluated at their slots
  // from start to end, ms, where nothing is recorded yet. Returns at once. Errors: NotFound, no
  // such rules; FailedPrecondition, nothing is recorded here; InvalidArgument, older than what is
  // kept.
  virtual absl::StatusOr<BackfillInfo> Backfill(int64_t /*start_ms*/, int64_t /*end_ms*/,
                                                std::string_view /*group*/) const {
    return absl::UnimplementedError("nothing is recorded here");
  }
};

// As Prometheus spells an alert's value: shortest digits with an exponent, 1e+00.
std::string FormatAlertValue(double value);

}  // namespace synoptic::aggregator
