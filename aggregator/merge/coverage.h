// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Coverage: which parts of the topology an answer holds, and why the others are missing. Travels
// with data from the fetch to the API, the cache and the rules (ARCHITECTURE.md, idea 2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace synoptic::aggregator {

enum class PartState {
  kAnswered,  // whole answer, possibly without series
  kStale,     // did not answer: what is settled and was known before is shown
  kPartial,   // answered by another Synoptic, which says that regions of its own are missing
  kFailed,    // no answer: reason says why
  kSkipped,   // not asked: cannot hold the data, or its breaker is open (then reason is set)
};

// A region that an answering Synoptic itself had to do without.
struct InnerMissing {
  std::string region;  // as it names it; one yet further in as `region/inner`
  std::string reason;
  friend bool operator==(const InnerMissing&, const InnerMissing&) = default;
};

// One shard's part in an answer.
struct PartCoverage {
  std::string region;
  std::string shard;
  std::string replica;  // who answered; empty when nobody did
  PartState state = PartState::kAnswered;
  std::string reason;  // short, stable words: timeout, down, breaker_open, truncated, http_503,
                       // bad_response, too_large, cancelled, partial
  std::string detail;  // the full message, for coverage=1 and logs
  int64_t min_t = 0;   // the time range asked for, ms
  int64_t max_t = 0;
  // The region's policy says that nobody needs to hear when it is missing: no warning, but no
  // answer is called complete without it either.
  bool optional = false;
  std::vector<InnerMissing> inner;  // kPartial: what is missing behind it
  // kStale: since when the shard has said nothing of this, ms; the first and last step that are
  // shown, and whether any step asked for is not.
  int64_t age_ms = 0;
  int64_t known_min_t = 0;
  int64_t known_max_t = 0;
  bool has_holes = false;
  bool missing() const {
    return state == PartState::kFailed || (state == PartState::kStale && has_holes);
  }
};

class Coverage {
 public:
  // Adds or merges: of one shard's parts the worst state stays.
  void Add(PartCoverage part);
  void Merge(const Coverage& other);

  bool complete() const;
  const std::vector<PartCoverage>& parts() const { return parts_; }
  // Regions with a missing part, in order of configuration, each once: `us-west-2 (timeout)`; those
  // behind another Synoptic as `emea/eu-1`. Without the optional ones.
  std::vector<std::pair<std::string, std::string>> MissingRegions() const;
  // `complete` or `partial; missing=us-west-2(timeout),eu-1(down)`, optional regions included.
  // What could be read wrongly in a name (`,()%`, what is no ASCII) is percent-encoded. After some
  // kilobytes the rest is counted: `...(17 more)`. Of regions whose history is shown in their
  // place, either is followed by how old that is: `complete; stale=eu-1(43s)`.
  std::string HeaderValue() const;
  // `partial: 2 of 5 regions missing: us-west-2 (timeout), ap-south-1 (down)`; nothing when all
  // answered. `regions` is the number of regions configured. A region whose history is shown is
  // `us-west-2 (timeout, shown until 2026-11-22T12:00:00Z)`; when nothing else is missing,
  // `stale: 1 of 5 regions shown as known 43s ago: us-west-2 (timeout)`.
  std::optional<std::string> WarningLine(size_t regions) const;

 private:
  std::vector<std::pair<std::string, std::string>> Missing(bool with_optional) const;
  // Regions with a stale part, each once, with the greatest age of its parts, ms.
  std::vector<std::pair<std::string, int64_t>> Stale(bool with_optional) const;
  std::string MissingText() const;
  std::optional<std::string> StaleLine(size_t regions) const;
  std::vector<PartCoverage> parts_;
  absl::flat_hash_map<std::pair<std::string, std::string>, size_t> index_;  // region, shard
};

// What a header as HeaderValue() writes it names as missing; nothing when it says `complete` or is
// no such header. One that cannot be read wholly gives what could be read.
std::vector<InnerMissing> ParseCoverageHeader(std::string_view value);
// The answered part, or the partial one when something is missing behind it.
void SetInner(std::vector<InnerMissing> inner, PartCoverage& part);

}  // namespace synoptic::aggregator
