// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// How a CloudWatch alarm treats missing data: "M out of N" over the newest points of an evaluation
// range (AWS, "Configuring how CloudWatch alarms treat missing data"; its truth table is vector
// D8). Wanted to explain why a CloudWatch alarm and ours disagree.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"

namespace synoptic::domain {

enum class MissingData { kMissing, kIgnore, kBreaching, kNotBreaching };
// kRetain: the alarm keeps the state it had.
enum class AlarmState { kOk, kAlarm, kInsufficientData, kRetain };
// "OK", "ALARM", "INSUFFICIENT_DATA", "RETAIN".
std::string_view AlarmStateName(AlarmState state);

// `points` has one letter a period, oldest first: `0` fine, `X` breaching, `-` missing. `periods`
// is N, `to_alarm` M. Errors: other letters, fewer points than N, M outside 1..N. Where AWS says
// only "not ALARM" (every point breaches, but the oldest is younger than M periods), the answer is
// kRetain.
absl::StatusOr<AlarmState> EvaluateAlarm(std::string_view points, int periods, int to_alarm,
                                         MissingData treatment);

}  // namespace synoptic::domain
