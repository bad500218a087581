// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Reads how far a shard's samples have come, for its cache (aggregator/cache/arrival_edge.h): the
// oldest of its targets' newest canary samples, of every replica; and, every few minutes, how late
// its other samples can be by what any of its replicas says: scrape timeouts, the window for
// samples out of order, how long after their time rules write what they record. A replica that
// began anew or was configured otherwise is read again at once, and what is kept of the shard is
// audited.
//
// A shard that takes samples from others (remote write, OTLP), or is no Prometheus, tells nothing
// that would make its edge newer than the configured one. What rules record that were not seen to
// record yet may come much later than anything else: the cache is told its names.
//
// Lives on one serial executor. Shared: what reads in the background keeps it alive.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aggregator/cache/shard_cache.h"
#include "aggregator/upstream/shard_client.h"
#include "base/clock.h"

namespace synoptic::aggregator {

class EdgeReader : public std::enable_shared_from_this<EdgeReader> {
 public:
  // `canary`: as text. `tells`: whether the shard's word on itself is Prometheus'.
  EdgeReader(std::shared_ptr<ShardClient> client, std::shared_ptr<ShardCache> cache,
             std::string canary, bool tells, const Clock& clock);

  const std::shared_ptr<ShardCache>& cache() const { return cache_; }
  // One reading. Errors are nobody's: what is not read is not known.
  static Task<> Read(std::shared_ptr<EdgeReader> self, Deadline deadline);

 private:
  // How long after their time a rule group's samples were written.
  struct GroupLag {
    int64_t ms = 0;
    bool seen = false;  // in this epoch; else `ms` is that of an earlier one
  };
  // What one replica says of itself.
  struct Replica {
    std::string epoch;                       // empty: not read yet
    std::map<std::string, GroupLag> groups;  // by name
    std::vector<std::string> unseen;         // what groups record that are not seen in this epoch
    std::optional<KnownDelays> delays;
    MonoTime delays_until{};
    MonoDuration unseen_pause{};  // how soon is looked again for what is recorded and not seen
  };

  Task<> ReadEpoch(Replica& replica, std::string name, Deadline deadline);
  Task<> ReadDelays(Replica& replica, std::string name, Deadline deadline);
  Task<int64_t> RulesLag(Replica& replica, std::string name, Deadline deadline);
  // The newest samples of what rules record, ms by name.
  Task<> AskNewest(const std::vector<std::string>& names, std::string replica,
                   std::map<std::string, int64_t>& newest, Deadline deadline);
  Task<std::vector<std::pair<std::string, double>>> Ask(std::string text, std::string replica,
                                                        Deadline deadline);
  // What the cache is to wait for longer. True when there is more of it than there was.
  bool TellUnseen(const std::vector<std::string>& replicas);
  std::optional<KnownDelays> Delays(const std::vector<std::string>& replicas) const;

  const std::shared_ptr<ShardClient> client_;
  const std::shared_ptr<ShardCache> cache_;
  const std::string canary_;
  const bool tells_;
  const Clock& clock_;
  std::map<std::string, Replica> replicas_;  // by url; none goes
  MonoTime epochs_until_{};
};

// What the texts of status/config and status/flags say; nothing when samples come from others.
std::optional<KnownDelays> DelaysOf(std::string_view config, std::string_view flags);

// A group of rules as the rules API tells it.
struct RuleGroupTimes {
  std::string name;                   // with its file
  std::vector<std::string> recorded;  // names of what it records
  int64_t last_ms = 0;                // when it was evaluated last
  int64_t took_ms = 0;
};
absl::StatusOr<std::vector<RuleGroupTimes>> RuleGroupsOf(std::string_view data);

// What of status/runtimeinfo changes when a server begins anew, is configured otherwise, finds its
// data damaged or keeps them for another time.
absl::StatusOr<std::string> EpochOf(std::string_view data);

}  // namespace synoptic::aggregator
