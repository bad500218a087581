// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/cloudwatch/missing_data.h"

#include <algorithm>

#include "base/status.h"

namespace synoptic::domain {

std::string_view AlarmStateName(AlarmState state) {
  switch (state) {
    case AlarmState::kOk:
      return "OK";
    case AlarmState::kAlarm:
      return "ALARM";
    case AlarmState::kInsufficientData:
      return "INSUFFICIENT_DATA";
    case AlarmState::kRetain:
      return "RETAIN";
  }
  return "RETAIN";
}

absl::StatusOr<AlarmState> EvaluateAlarm(std::string_view points, int periods, int to_alarm,
                                         MissingData treatment) {
  if (const size_t at = points.find_first_not_of("0X-"); at != std::string_view::npos) {
    return InvalidArgument("points: \"{}\" at {}: expected 0, X or -", points[at], at);
  }
  if (periods < 1 || static_cast<size_t>(periods) > points.size()) {
    return InvalidArgument("evaluation periods: {}: expected 1 to the {} points", periods,
                           points.size());
  }
  if (to_alarm < 1 || to_alarm > periods) {
    return InvalidArgument("datapoints to alarm: {}: expected 1 to {} evaluation periods", to_alarm,
                           periods);
  }
  const auto alarm_if = [](bool breach) { return breach ? AlarmState::kAlarm : AlarmState::kOk; };

  // The newest N points that exist; with N of them missing ones do not matter.
  int seen = 0;
  int breaching = 0;
  size_t oldest = 0;
  for (size_t i = points.size(); i-- > 0 && seen < periods;) {
    if (points[i] == '-') continue;
    ++seen;
    breaching += points[i] == 'X' ? 1 : 0;
    oldest = i;
  }
  if (seen == periods) return alarm_if(breaching >= to_alarm);

  const int filled = periods - seen;
  switch (treatment) {
    case MissingData::kBreaching:
      return alarm_if(breaching + filled >= to_alarm);
    case MissingData::kNotBreaching:
      return alarm_if(breaching >= to_alarm);
    case MissingData::kMissing:
    case MissingData::kIgnore:
      break;
  }
  const bool ignore = treatment == MissingData::kIgnore;
  if (breaching >= to_alarm) return AlarmState::kAlarm;
  if (seen == 0) return ignore ? AlarmState::kRetain : AlarmState::kInsufficientData;
  if (breaching < seen) return AlarmState::kOk;
  // All that is there breaches: an alarm once it is old enough that filling up would not help.
  const bool old_enough = points.size() - oldest >= static_cast<size_t>(to_alarm);
  return old_enough && !ignore ? AlarmState::kAlarm : AlarmState::kRetain;
}

}  // namespace synoptic::domain
