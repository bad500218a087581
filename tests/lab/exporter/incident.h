// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Scripted trouble: a list of incidents on a time line, and what they add up to at one moment.
//
// One incident is one line of words, the verb first or after its times:
//
//   at=60 every=240 lag db=orders destination=eu-west-1 add=120 ramp=20 for=90
//   at=300 cut destination=us-west-2 for=60      the link: lag grows by a second each second
//   at=450 surge add=0.5 ramp=20 for=60          half as much again of every pool is in use
//   at=600 dark for=30                           scrapes get no answer
//   at=900 restart gap=20                        no answer for the gap, then counters start at 0
//
// Times are seconds after the start of the exporter (or after the control request that added the
// line). db and destination may be left out: then all of them suffer. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace synoptic::lab {

enum class Verb { kLag, kCut, kSurge, kDark, kRestart };

struct Incident {
  Verb verb = Verb::kLag;
  double at = 0;
  double every = 0;  // 0: once
  double ramp = 0;   // seconds until a lag or surge reaches `add`
  double lasts = 60;
  double add = 0;
  std::string db;           // empty: all
  std::string destination;  // empty: all
};

// Parses one line; `error` says which word is wrong.
std::optional<Incident> ParseIncident(std::string_view line, std::string& error);

class Script {
 public:
  // Adds `incident` with its times counted from `origin` (seconds).
  void Add(Incident incident, double origin);
  void Clear() { incidents_.clear(); }
  bool empty() const { return incidents_.empty(); }

  // Seconds of lag that incidents add for this pair at `now`.
  double ExtraLag(double now, std::string_view db, std::string_view destination) const;
  // The share that surges add to what pools use at `now`: 0.5 for half as much again.
  double Surge(double now) const;
  // Whether scrapes get no answer at `now`.
  bool Dark(double now) const;
  // How many restarts have begun by `now`: the counters start anew whenever it grows.
  int64_t Restarts(double now) const;

 private:
  std::vector<Incident> incidents_;
};

}  // namespace synoptic::lab
