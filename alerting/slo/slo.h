// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A service level objective, whoever wrote it down: Synoptic's own form, OpenSLO v1, Sloth v1 and
// Pyrra all become this. Plain values, immutable after loading.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "domain/slo/calendar.h"

namespace synoptic::alerting {

enum class SloOrigin { kNative, kOpenSlo, kSloth, kPyrra };
// "native", "openslo", "sloth", "pyrra".
std::string_view SloOriginName(SloOrigin origin);

enum class BudgetMethod { kOccurrences, kTimeslices, kRatioTimeslices };

// Queries hold kWindow where the window goes: sum(rate(errors_total[{{.window}}])).
inline constexpr std::string_view kWindow = "{{.window}}";

struct Sli {
  // Of events: bad and all. Empty for a ratio.
  std::string bad;
  std::string total;
  // The error ratio itself.
  std::string error_ratio;
  bool by_region = false;  // bad and total keep the regions' labels

  bool events() const { return !total.empty(); }
  // The error ratio over a window, as PromQL.
  std::string RatioOver(std::string_view window) const;
  static std::string Over(std::string_view query, std::string_view window);
};

// One pair of windows of a multi-window alert. short_s 0: the long one alone.
struct BurnWindow {
  bool page = true;  // else a ticket
  int64_t short_s = 0;
  int64_t long_s = 0;
  std::string factor;     // as printed
  std::string threshold;  // the error ratio, or an expression for it, exactly as its tool writes it
  double threshold_value = 0;
  int64_t for_s = 0;
};

// A time that counts for nothing: planned, and with a reason.
struct Exclusion {
  int64_t start_ms = 0;
  int64_t end_ms = 0;
  std::string reason;
};

struct Slo {
  std::string name;
  std::string service;
  std::string description;
  std::map<std::string, std::string> labels;
  std::string objective_text;  // the ratio: 0.999
  double objective = 0;
  double budget = 0;  // as its tool computes it
  std::string budget_text;
  int64_t period_s = 0;                            // rolling; of a calendar the nominal length
  std::optional<domain::CalendarPeriod> calendar;  // instead of rolling
  BudgetMethod method = BudgetMethod::kOccurrences;
  int64_t slice_s = 0;  // of Timeslices and RatioTimeslices
  Sli sli;
  std::vector<BurnWindow> windows;
  int64_t min_bad = 0;  // the low-traffic gate: fewer bad events than this do not alert
  std::string alert_name;
  std::map<std::string, std::string> alert_labels;
  std::map<std::string, std::string> alert_annotations;
  std::map<std::string, std::string> page_labels;
  std::map<std::string, std::string> ticket_labels;
  bool page_disabled = false;
  bool ticket_disabled = false;
  int64_t absent_for_s = 0;  // an alert when the metric is gone (Pyrra); 0: none
  std::vector<Exclusion> exclusions;
  SloOrigin origin = SloOrigin::kNative;
  std::string file;
  int line = 0;
  std::vector<std::string> notes;  // what was read with care: traps of the source format

  std::string id() const { return service + "-" + name; }
};

// The windows of the SRE workbook, scaled to the period as Sloth does (factors scale, windows
// stay): 2 % in 1 h, 5 % in 6 h page; 10 % in 1 d and 3 d make tickets.
struct WorkbookWindow {
  bool page;
  int budget_percent;
  int64_t short_s;
  int64_t long_s;
};
const std::vector<WorkbookWindow>& WorkbookWindows();

}  // namespace synoptic::alerting
