// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// How late the samples of a group's inputs arrive, region by region, learned from how old the
// newest of them is when one looks and it is a new one: an input that stands still has stopped, and
// how old it is says nothing of how late the next one will be. Samples that come each period are
// seen up to a period after they have come, though they are not late: that much is taken off, at
// most the time since one looked before.
//
// Pure; not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "alerting/rule/rule.h"
#include "promql/model/labels.h"

namespace synoptic::alerting {

// The vector selectors of an expression, by their matchers; none when it does not parse.
std::set<std::string> InputSelectors(const std::string& expr);

// A question whose values are when the newest samples of `selector` in the last half hour are of,
// in seconds, by `labels`. As of now: what a selector's own offset looks for is not meant.
std::string NewestSampleQuestion(const std::string& selector,
                                 const std::vector<std::string>& labels);

// A question whose values are how many samples of the densest series of `selector` there are within
// kPeriodWindowMs, by `labels`. To be asked as of a sample's time.
std::string SampleCountQuestion(const std::string& selector,
                                const std::vector<std::string>& labels);
inline constexpr int64_t kPeriodWindowMs = 10 * 60'000;

class InputDelays {
 public:
  // What a look at a selector says: by part of the world, a number.
  using ByPart = std::vector<std::pair<promql::Labels, int64_t>>;

  // Looked at `selector`: when the newest samples are of, ms, by part. Of the parts that are
  // `unseen` nothing is learned; the others have no newer sample than is known.
  void Learn(int64_t asked_ms, const std::string& selector, const ByPart& newest,
             const std::vector<promql::Labels>& unseen);
  // Nobody could look at these parts.
  void NotSeen(int64_t asked_ms, const std::string& selector,
               const std::vector<promql::Labels>& parts);
  // What SampleCountQuestion says of it.
  void LearnPeriods(int64_t asked_ms, const std::string& selector, const ByPart& counts);
  // As of when to ask SampleCountQuestion; nothing: all periods are known, or no sample is.
  std::optional<int64_t> AskPeriodsAt(int64_t now_ms, const std::string& selector) const;
  // When one last looked at `selector`, ms; 0: never.
  int64_t LookedAt(const std::string& selector) const;
  // The inputs of no other selectors are of interest any more.
  void KeepOnly(const std::set<std::string>& selectors);
  // That `offset_ms` was needed before anything was learned here: it is for as long as what is
  // learned would be.
  void Remember(int64_t now_ms, int64_t offset_ms);

  // By how much earlier to ask so that what is late has come: the latest of all inputs that go on
  // and are not too late for these bounds, in whole seconds.
  int64_t OffsetMs(int64_t now_ms, const FreshnessBounds& bounds) const;

  struct Stale {
    promql::Labels part;
    std::string selector;
    std::optional<int64_t> age_ms;  // of its newest sample; nothing: nobody could look
  };
  // Of these selectors, what is older than `max_age` as of `offset_ms` before one looked, or was
  // not seen by any look of the last ten minutes. What is older than half an hour is no longer
  // waited for.
  std::vector<Stale> StaleOf(const std::set<std::string>& selectors, int64_t now_ms,
                             int64_t offset_ms, const FreshnessBounds& bounds) const;

 private:
  struct Arrival {
    int64_t seen_ms = 0;  // by this look
    int64_t age_ms = 0;   // of the new sample, then
    int64_t gap_ms = 0;   // since the look before
  };
  struct Input {
    int64_t tried_ms = 0;   // when it was first looked for
    int64_t looked_ms = 0;  // last; 0: never
    int64_t newest_ms = 0;
    int64_t advanced_ms = 0;  // when a look last saw a new sample
    int64_t gap_ms = 0;       // between the last two looks
    int64_t apart_ms = 0;     // least time between two newest samples that were seen; 0: unknown
    int64_t period_ms = 0;    // as counted; 0: unknown
    int64_t period_asked_ms = 0;  // when
    std::deque<Arrival> arrivals;

    // How old its newest sample grows, beyond how late it is, before the next one is seen.
    int64_t UsualAge() const { return apart_ms + gap_ms; }
    bool StandsStill() const;
  };
  static void LearnInput(int64_t asked_ms, int64_t newest_ms, Input& input);
  static bool IsStale(const Input& input, int64_t now_ms, int64_t offset_ms,
                      const FreshnessBounds& bounds);

  std::map<std::pair<std::string, promql::Labels>, Input> inputs_;
  std::map<std::string, int64_t> looked_;  // by selector
  int64_t remembered_at_ms_ = 0;
  int64_t remembered_offset_ms_ = 0;
};

}  // namespace synoptic::alerting
