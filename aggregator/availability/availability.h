// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The timeline of a shard's replicas: who was whole when.
//
// Learned from canary series (`up` unless configured otherwise), read from every replica as raw
// samples when a query first needs a stretch of time, and kept. What is young is read again every
// few seconds while queries ask for it, beside them: a healthy shard costs a query a look into
// memory. A replica without a canary is never taken for whole.
//
// All calls run on one serial executor. Shared: what reads in the background keeps it alive.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "aggregator/availability/canary.h"
#include "aggregator/merge/time_spans.h"
#include "aggregator/upstream/shard_client.h"
#include "base/clock.h"
#include "net/async/event.h"
#include "net/async/task_group.h"

namespace synoptic::aggregator {

// What a query gets to know of a stretch of time.
struct ReplicaGaps {
  std::vector<std::string> replicas;  // by url, in order of preference
  std::vector<TimeSpans> gaps;        // of each: where it may lack samples
  uint64_t silent = 0;                // bits of those that did not answer when asked last
  bool AllWhole() const;
  uint64_t All() const { return ~uint64_t{0} >> (64 - gaps.size()); }
  // Bits of the replicas that are whole over [from, until].
  uint64_t WholeOver(int64_t from, int64_t until) const;
  std::vector<std::string> NamesOf(uint64_t bits) const;
};

class Availability : public std::enable_shared_from_this<Availability> {
 public:
  // `canary` selects the series to read; none: replicas are taken for whole. The group owns what
  // runs in the background; it and the clock outlive every call and everything in the group.
  Availability(std::shared_ptr<ShardClient> client, std::vector<promql::Matcher> canary,
               const Clock& clock, TaskGroup& group);

  // What `former` knows of replicas that are still there. The others are asked beside the queries:
  // until they have answered they are taken for whole at no time.
  void TakeOver(const Availability& former);
  // Whether it is about these replicas, told by the same canaries.
  bool IsAbout(const std::vector<std::string>& replicas,
               const std::vector<promql::Matcher>& canary) const;

  // Gaps within [from, until]. Waits for the canaries only where nothing is known yet, at most
  // until `deadline`; what could not be read then counts as a gap.
  Task<ReplicaGaps> GapsIn(int64_t from, int64_t until, Deadline deadline);

  // Reads of canaries so far, for tests.
  int reads() const { return reads_; }

 private:
  struct Block {
    std::vector<TimeSpans> gaps;
    int64_t read_at = 0;  // wall time
    uint64_t silent = 0;  // bits of replicas that did not answer
  };
  struct Wanted {
    int64_t first = 0;  // blocks; none when first > last
    int64_t last = -1;
    bool must = false;  // nothing usable is known of some
  };

  Wanted Needed(int64_t from, int64_t until) const;
  static Task<> Read(std::shared_ptr<Availability> self, int64_t first, int64_t last,
                     Deadline deadline);
  Task<> ReadOnce(int64_t first, int64_t last, Deadline deadline);
  ReplicaGaps Collect(int64_t from, int64_t until) const;

  const std::shared_ptr<ShardClient> client_;
  const std::vector<promql::Matcher> canary_;
  const std::vector<std::string> replicas_;
  const Clock& clock_;
  TaskGroup& group_;
  std::map<int64_t, Block> blocks_;  // by start / kBlockMs
  std::shared_ptr<Event> reading_;   // set when the read under way ends
  int reads_ = 0;
};

}  // namespace synoptic::aggregator
