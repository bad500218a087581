// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/discovery.h"

#include <algorithm>

#include "base/log.h"
#include "base/status.h"
#include "base/strings.h"
#include "net/async/fan_out.h"
#include "net/async/timer.h"

namespace synoptic::app {
namespace {

using aggregator::Region;
using aggregator::Replica;
using aggregator::Shard;

constexpr int kThreads = 4;
constexpr MonoDuration kLook = std::chrono::seconds(1);
constexpr MonoDuration kGiveUp = std::chrono::seconds(10);

Task<std::vector<DnsTarget>> LookUpOne(ComputePool& threads, Discovery::LookUp look_up,
                                       std::string name, DnsType type) {
  co_return co_await RunOn(threads, [look_up, name, type] { return look_up(name, type); });
}

using Name = std::pair<std::string, DnsType>;

// And how often to look: as often as anybody wants to.
std::map<Name, int64_t> NamesOf(const aggregator::Inventory& inventory) {
  std::map<Name, int64_t> out;
  for (const Region& region : inventory.regions) {
    for (const Shard& shard : region.shards) {
      for (const aggregator::DnsNames& names : shard.dns) {
        for (const std::string& text : names.names) {
          const auto [at, fresh] = out.try_emplace({text, names.type}, names.refresh_ms);
          at->second = std::min(at->second, names.refresh_ms);
        }
      }
    }
  }
  return out;
}

std::string HostPort(const DnsTarget& target, uint16_t port) {
  const bool v6 = target.host.find(':') != std::string::npos;
  return fmt::format("{}:{}", v6 ? "[" + target.host + "]" : target.host,
                     target.port != 0 ? target.port : port);
}

std::string Names(const std::vector<DnsTarget>& targets) {
  std::vector<std::string> names;
  for (const DnsTarget& target : targets) names.push_back(HostPort(target, target.port));
  return Join(names, " ");
}

}  // namespace

Task<> Discovery::Watch(const aggregator::Inventory& inventory, Deadline deadline) {
  std::vector<Name> fresh;
  for (const auto& [name, refresh_ms] : NamesOf(inventory)) {
    Known& known = known_[name];
    known.refresh_ms = refresh_ms;
    if (known.targets.empty()) fresh.push_back(name);
  }
  if (!known_.empty() && !threads_.has_value()) threads_.emplace(kThreads);
  co_return (co_await LookUpAll(std::move(fresh), deadline)).status();
}

void Discovery::Keep(const aggregator::Inventory& inventory) {
  const std::map<Name, int64_t> wanted = NamesOf(inventory);
  std::erase_if(known_, [&](const auto& entry) { return !wanted.contains(entry.first); });
}

Task<bool> Discovery::LookUpAll(std::vector<Name> names, Deadline deadline) {
  std::vector<Leg<std::vector<DnsTarget>>> legs;
  for (const auto& [name, type] : names) {
    legs.push_back({LookUpOne(*threads_, look_up_, name, type), deadline});
  }
  auto answers = co_await FanOut<std::vector<DnsTarget>>(tasks_, clock_, std::move(legs));
  bool changed = false;
  for (size_t i = 0; i < names.size(); ++i) {
    if (absl::IsCancelled(answers[i].status())) co_return answers[i].status();
    Note(names[i], std::move(answers[i]), &changed);
  }
  co_return changed;
}

void Discovery::Note(const Name& name, absl::StatusOr<std::vector<DnsTarget>> found,
                     bool* changed) {
  const auto entry = known_.find(name);
  if (entry == known_.end()) return;  // no longer wanted
  Known& known = entry->second;
  known.due = clock_.Mono() + std::chrono::milliseconds(known.refresh_ms);
  if (!found.ok()) {
    // A name without an answer is asked for more often.
    if (known.targets.empty()) known.due = clock_.Mono() + kLook;
    if (!std::exchange(known.failed, true)) {
      log::Warn("a name of replicas cannot be looked up", {{"name", name.first},
                                                           {"why", MessageOf(found.status())},
                                                           {"kept", Names(known.targets)}});
    }
    return;
  }
  known.failed = false;
  if (*found == known.targets) return;
  log::Info("a name has other replicas",
            {{"name", name.first}, {"now", Names(*found)}, {"before", Names(known.targets)}});
  known.targets = *std::move(found);
  *changed = true;
}

aggregator::Inventory Discovery::Complete(aggregator::Inventory inventory) const {
  for (Region& region : inventory.regions) {
    for (Shard& shard : region.shards) {
      for (const aggregator::DnsNames& names : shard.dns) {
        for (const std::string& text : names.names) {
          const auto known = known_.find(Name(text, names.type));
          if (known == known_.end()) continue;
          for (const DnsTarget& target : known->second.targets) {
            const auto replica = aggregator::FoundReplica(shard, HostPort(target, names.port));
            const auto same = [&](const Replica& other) { return other.url == replica->url; };
            if (!replica.ok() || std::any_of(shard.replicas.begin(), shard.replicas.end(), same)) {
              continue;
            }
            shard.replicas.push_back(*replica);
          }
        }
      }
    }
  }
  return inventory;
}

Task<> Discovery::Run(std::function<void()> changed) {
  while (true) {
    CO_RETURN_IF_ERROR(co_await SleepFor(clock_, kLook));
    std::vector<Name> due;
    for (const auto& [name, known] : known_) {
      if (known.due <= clock_.Mono()) due.push_back(name);
    }
    if (due.empty()) continue;
    CO_ASSIGN_OR_RETURN(const bool other,
                        co_await LookUpAll(std::move(due), Deadline::After(clock_, kGiveUp)));
    if (other) changed();
  }
}

}  // namespace synoptic::app
