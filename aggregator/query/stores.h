// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A shard whose history lies in several stores: a Prometheus with two weeks, say, and an archive
// with years behind it. Which of them is asked about which times, at one moment. Pure.
#pragma once

#include <memory>
#include <vector>

#include "aggregator/availability/availability.h"
#include "aggregator/merge/time_spans.h"
#include "aggregator/query/grid_cuts.h"
#include "aggregator/upstream/shard_client.h"

namespace synoptic::aggregator {

struct Store {
  std::shared_ptr<ShardClient> client;
  std::shared_ptr<Availability> availability;  // of its replicas; null: nothing to choose between
  int64_t min_age_ms = 0;                      // which part of history it holds; 0: no bound
  int64_t max_age_ms = 0;
};

// The freshest first: the order in which stores are asked for and listed everywhere.
bool Fresher(const Store& a, const Store& b);

class StoreTimes {
 public:
  // `stores`: the freshest first, one at least, without ages between them that nobody holds
  // (inventory.h: Validate). Kept by reference.
  StoreTimes(const std::vector<Store>& stores, int64_t now_ms) : stores_(stores), now_(now_ms) {}

  // The times whose samples are taken from this store: those it holds and no fresher one does.
  // Apart from each other, together all times.
  TimeSpan Own(size_t store) const;
  // Whether the store may have samples of [from, until] at all.
  bool MayHold(size_t store, const TimeSpan& times) const;
  // The freshest store that holds all of `times`, or whatever there is of them: beyond the oldest
  // and the newest store there is nothing to miss. stores.size(): none.
  size_t WhoHolds(const std::vector<TimeSpan>& times) const;
  // The steps of `grid` by who can compute them: `whole` is the bit of that store, or no bit where
  // none holds all that a step looks at, or none has anything of it.
  std::vector<GridPiece> Cut(const promql::Grid& grid,
                             const std::vector<promql::Look>& looks) const;

 private:
  TimeSpan Held(size_t store) const;
  TimeSpan Whole(size_t store) const;

  const std::vector<Store>& stores_;
  const int64_t now_;
};

}  // namespace synoptic::aggregator
