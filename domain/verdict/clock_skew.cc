// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/verdict/clock_skew.h"

#include <algorithm>

namespace synoptic::domain {
namespace {

constexpr int64_t kStretchMs = 60'000;

Interval Both(Interval a, Interval b) { return {std::max(a.lo, b.lo), std::min(a.hi, b.hi)}; }

}  // namespace

void ClockSkew::Observe(int64_t sent_ms, int64_t received_ms, int64_t date_s) {
  const int64_t date_ms = date_s * 1000;
  const Interval seen = {static_cast<double>(date_ms - received_ms) / 1000,
                         static_cast<double>(date_ms + 1000 - sent_ms) / 1000};
  if (seen.lo > seen.hi) return;  // our own clock was set meanwhile
  if (known_ && received_ms - now_.since_ms >= kStretchMs) {
    before_ = now_;
    now_ = {received_ms, kUnseen};
  }
  if (!known_) now_ = before_ = {received_ms, kUnseen};
  known_ = true;
  now_.bounds = Both(now_.bounds, seen);
  const Interval all = Both(now_.bounds, before_.bounds);
  if (all.lo > all.hi || received_ms < now_.since_ms) {
    now_ = {received_ms, seen};
    before_ = {received_ms, kUnseen};
  }
}

std::optional<Interval> ClockSkew::bounds() const {
  if (!known_) return std::nullopt;
  return Both(now_.bounds, before_.bounds);
}

std::optional<double> ClockSkew::seconds() const {
  const auto known = bounds();
  if (!known) return std::nullopt;
  return (known->lo + known->hi) / 2;
}

}  // namespace synoptic::domain
