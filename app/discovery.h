// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Replicas that DNS names: looked up when a configuration comes, and again and again. While a name
// cannot be looked up, or has nothing, its last good servers stay.
//
// Lives on the event loop's executor; look-ups block threads of its own.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "aggregator/upstream/inventory.h"
#include "base/clock.h"
#include "net/async/compute_pool.h"
#include "net/async/dns.h"
#include "net/async/task_group.h"

namespace synoptic::app {

class Discovery {
 public:
  // Blocks.
  using LookUp =
      std::function<absl::StatusOr<std::vector<DnsTarget>>(const std::string& name, DnsType type)>;

  Discovery(const Clock& clock, TaskGroup& tasks, LookUp look_up)
      : clock_(clock), tasks_(tasks), look_up_(std::move(look_up)) {}

  // Watches the names of this inventory, too; waits for the first answer of new ones, at most until
  // the deadline.
  Task<> Watch(const aggregator::Inventory& inventory, Deadline deadline);
  // Watches no others any more.
  void Keep(const aggregator::Inventory& inventory);
  // With the replicas that are known by now: after the listed ones, each once.
  aggregator::Inventory Complete(aggregator::Inventory inventory) const;
  // Looks names up when they are due, and calls `changed` when Complete() gives something else.
  // Until cancelled.
  Task<> Run(std::function<void()> changed);
  // Waits for look-ups under way.
  void Stop() { threads_.reset(); }

 private:
  using Name = std::pair<std::string, DnsType>;
  struct Known {
    std::vector<DnsTarget> targets;
    int64_t refresh_ms = 0;
    MonoTime due{};
    bool failed = false;  // said already
  };
  // Whether any of them has other servers now.
  Task<bool> LookUpAll(std::vector<Name> names, Deadline deadline);
  void Note(const Name& name, absl::StatusOr<std::vector<DnsTarget>> found, bool* changed);

  const Clock& clock_;
  TaskGroup& tasks_;
  const LookUp look_up_;
  std::map<Name, Known> known_;
  std::optional<ComputePool> threads_;  // from the first name on
};

}  // namespace synoptic::app
