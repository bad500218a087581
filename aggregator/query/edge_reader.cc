// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/edge_reader.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "base/budget.h"
#include "base/duration.h"
#include "base/status.h"
#include "fmt/format.h"
#include "simdjson.h"

namespace synoptic::aggregator {
namespace {

constexpr MonoDuration kDelaysFor = std::chrono::minutes(5);
constexpr MonoDuration kRetry = std::chrono::seconds(30);
constexpr int64_t kMostBytes = int64_t{2} << 20;  // of a reading: a handful of numbers
// Of rules and settings; parsed they take several times that.
constexpr size_t kMostJson = size_t{4} << 20;
// More groups than this are not asked about.
constexpr size_t kMostGroups = 200;
// What the clock of a group's last evaluation is late by.
constexpr int64_t kSlackMs = 5'000;
constexpr MonoDuration kEpochsFor = std::chrono::seconds(15);
// A changed configuration was not noticed for so long, while anybody asked.
constexpr int64_t kUnknownMs = 60'000;
// What a group records first may not be there: a few more are looked for.
constexpr size_t kMostLookedFor = 5;
// With more names that were not seen the shard's edge waits for all.
constexpr size_t kMostUnseen = 2'000;

// The longest duration that `key` has anywhere in a configuration, which is the text of YAML within
// JSON: lines end with a backslash and an n.
int64_t LongestOf(std::string_view config, std::string_view key) {
  int64_t longest = 0;
  for (size_t at = config.find(key); at != std::string_view::npos;
       at = config.find(key, at + key.size())) {
    std::string_view value = config.substr(at + key.size());
    value = value.substr(0, value.find_first_not_of("0123456789ywdhms"));
    const auto parsed = ParseDurationMillis(value);
    if (parsed.ok()) longest = std::max(longest, *parsed);
  }
  return longest;
}

bool IsSet(std::string_view flags, std::string_view name) {
  return flags.find(fmt::format("\"{}\":\"true\"", name)) != std::string_view::npos;
}

}  // namespace

std::optional<KnownDelays> DelaysOf(std::string_view config, std::string_view flags) {
  if (config.find("scrape_timeout: ") == std::string_view::npos || flags.empty()) {
    return std::nullopt;
  }
  if (IsSet(flags, "web.enable-remote-write-receiver") ||
      IsSet(flags, "web.enable-otlp-receiver")) {
    return std::nullopt;
  }
  KnownDelays out;
  out.scrape_ms = std::max(out.scrape_ms, LongestOf(config, "scrape_timeout: "));
  out.others_ms = std::max(LongestOf(config, "out_of_order_time_window: "),
                           LongestOf(config, "rule_query_offset: "));
  return out;
}

absl::StatusOr<std::vector<RuleGroupTimes>> RuleGroupsOf(std::string_view data) {
  absl::Status bad = absl::InvalidArgumentError("rules: not a list of groups");
  if (data.size() > kMostJson) return absl::ResourceExhaustedError("rules: too long to be read");
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::array groups;
  const simdjson::padded_string padded(data);
  if (parser.parse(padded).get(root) != simdjson::SUCCESS) return bad;
  if (root["groups"].get(groups) != simdjson::SUCCESS) return bad;
  std::vector<RuleGroupTimes> out;
  for (const simdjson::dom::element group : groups) {
    RuleGroupTimes& times = out.emplace_back();
    std::string_view last;
    double took = 0;
    simdjson::dom::array rules;
    absl::Time at;
    if (group["lastEvaluation"].get(last) != simdjson::SUCCESS ||
        group["evaluationTime"].get(took) != simdjson::SUCCESS ||
        group["rules"].get(rules) != simdjson::SUCCESS ||
        !absl::ParseTime(absl::RFC3339_full, std::string(last), &at, nullptr)) {
      return bad;
    }
    times.last_ms = absl::ToUnixMillis(at);
    times.took_ms = static_cast<int64_t>(std::ceil(took * 1000));
    for (const simdjson::dom::element rule : rules) {
      std::string_view type;
      std::string_view name;
      if (rule["type"].get(type) == simdjson::SUCCESS && type == "recording" &&
          rule["name"].get(name) == simdjson::SUCCESS) {
        // Neighbours are often alike: one name for several values of a label.
        if (times.recorded.empty() || times.recorded.back() != name) {
          times.recorded.emplace_back(name);
        }
      }
    }
    std::string_view file;
    std::string_view group_name;
    (void)group["file"].get(file);
    (void)group["name"].get(group_name);
    times.name = fmt::format("{}\n{}", file, group_name);
  }
  return out;
}

absl::StatusOr<std::string> EpochOf(std::string_view data) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  const simdjson::padded_string padded(data);
  std::string_view began;
  std::string_view configured;
  if (data.size() > kMostJson || parser.parse(padded).get(root) != simdjson::SUCCESS ||
      root["startTime"].get(began) != simdjson::SUCCESS ||
      root["lastConfigTime"].get(configured) != simdjson::SUCCESS) {
    return absl::InvalidArgumentError("runtimeinfo: no times of start and configuration");
  }
  int64_t damages = 0;
  std::string_view retention;
  (void)root["corruptionCount"].get(damages);
  (void)root["storageRetention"].get(retention);
  return fmt::format("{} {} {} {}", began, configured, damages, retention);
}

EdgeReader::EdgeReader(std::shared_ptr<ShardClient> client, std::shared_ptr<ShardCache> cache,
                       std::string canary, bool tells, const Clock& clock)
    : client_(std::move(client)),
      cache_(std::move(cache)),
      canary_(std::move(canary)),
      tells_(tells),
      clock_(clock) {
  if (tells_) cache_->edge().Expect(kComesLateMs);
}

// Values in seconds by name.
Task<std::vector<std::pair<std::string, double>>> EdgeReader::Ask(std::string text,
                                                                  std::string replica,
                                                                  Deadline deadline) {
  MemoryBudget budget("arrival of samples", kMostBytes);
  StepRequest request;
  request.text = std::move(text);
  const int64_t now = clock_.WallMillis();
  request.grid = {now, now, 1};
  request.instant = true;
  request.lane = Lane::kMetadata;
  if (!replica.empty()) request.only = {std::move(replica)};
  CO_ASSIGN_OR_RETURN(const StepAnswer answer,
                      co_await client_->Steps(std::move(request), deadline, &budget));
  std::vector<std::pair<std::string, double>> out;
  for (const promql::StepSeries& one : answer.series) {
    if (one.values.size() == 1 && std::isfinite(one.values[0])) {
      out.emplace_back(one.labels.Get("__name__"), one.values[0]);
    }
  }
  co_return out;
}

Task<> EdgeReader::AskNewest(const std::vector<std::string>& names, std::string replica,
                             std::map<std::string, int64_t>& newest, Deadline deadline) {
  if (names.empty()) co_return absl::OkStatus();
  // Timestamps lose their names: each brings its own.
  std::vector<std::string> parts;
  for (const std::string& name : names) {
    parts.push_back(absl::StrCat("label_replace(max(timestamp({__name__=\"", name,
                                 "\"})), \"__name__\", \"", name, "\", \"\", \"\")"));
  }
  CO_ASSIGN_OR_RETURN(const auto found,
                      co_await Ask(absl::StrJoin(parts, " or "), std::move(replica), deadline));
  for (const auto& [name, seconds] : found) {
    newest[name] = static_cast<int64_t>(std::llround(seconds * 1000));
  }
  co_return absl::OkStatus();
}

// How long after their time rules write, seen from the newest samples of what they record: these
// are asked for first, so that no evaluation in between makes them look newer. An offset of a
// group's own is told nowhere.
Task<int64_t> EdgeReader::RulesLag(Replica& replica, std::string name, Deadline deadline) {
  CO_ASSIGN_OR_RETURN(const JsonAnswer before, co_await client_->JsonOf(name, "rules", deadline));
  CO_ASSIGN_OR_RETURN(const std::vector<RuleGroupTimes> groups, RuleGroupsOf(before.data));
  if (groups.size() > kMostGroups) co_return absl::ResourceExhaustedError("too many groups");
  std::map<std::string, int64_t> newest;
  const auto seen = [&](const RuleGroupTimes& group) {
    std::optional<int64_t> at;
    for (const std::string& one : group.recorded) {
      // Of several, the one that is behind: another group may record the same name.
      if (const auto found = newest.find(one); found != newest.end()) {
        at = at ? std::min(*at, found->second) : found->second;
      }
    }
    return at;
  };
  for (size_t i = 0; i < kMostLookedFor; ++i) {
    std::vector<std::string> names;
    for (const RuleGroupTimes& group : groups) {
      if (i < group.recorded.size() && !seen(group)) names.push_back(group.recorded[i]);
    }
    CO_RETURN_IF_ERROR(co_await AskNewest(names, name, newest, deadline));
  }
  CO_ASSIGN_OR_RETURN(const JsonAnswer after, co_await client_->JsonOf(name, "rules", deadline));
  CO_ASSIGN_OR_RETURN(const std::vector<RuleGroupTimes> now, RuleGroupsOf(after.data));
  int64_t lag = 0;
  std::map<std::string, GroupLag> lags;
  replica.unseen.clear();
  for (const RuleGroupTimes& group : now) {
    lag = std::max(lag, group.took_ms);
    if (group.recorded.empty()) continue;
    GroupLag& late = lags[group.name];
    if (const auto known = replica.groups.find(group.name); known != replica.groups.end()) {
      late = known->second;
    }
    if (const auto at = seen(group)) {
      const int64_t ms = group.last_ms + group.took_ms - *at;
      late = {late.seen ? std::max(late.ms, ms) : ms, true};
    }
    if (!late.seen) {
      replica.unseen.insert(replica.unseen.end(), group.recorded.begin(), group.recorded.end());
    }
    lag = std::max(lag, late.ms);
  }
  replica.groups = std::move(lags);
  if (!now.empty()) lag += kSlackMs;
  if (replica.unseen.empty()) {
    replica.unseen_pause = {};
    co_return lag;
  }
  // It is looked for soon, and ever more seldom.
  replica.unseen_pause = std::clamp(2 * replica.unseen_pause, kRetry, kDelaysFor);
  if (replica.unseen.size() <= kMostUnseen) co_return lag;
  replica.unseen.clear();
  co_return std::max(lag, kComesLateMs);
}

bool EdgeReader::TellUnseen(const std::vector<std::string>& replicas) {
  absl::flat_hash_set<std::string> names;
  for (const std::string& name : replicas) {
    const std::vector<std::string>& unseen = replicas_[name].unseen;
    names.insert(unseen.begin(), unseen.end());
  }
  return cache_->SetLateNames(std::move(names));
}

Task<> EdgeReader::ReadEpoch(Replica& replica, std::string name, Deadline deadline) {
  CO_ASSIGN_OR_RETURN(const JsonAnswer answer,
                      co_await client_->JsonOf(std::move(name), "status/runtimeinfo", deadline));
  CO_ASSIGN_OR_RETURN(std::string epoch, EpochOf(answer.data));
  const std::string before = std::exchange(replica.epoch, std::move(epoch));
  if (before == replica.epoch) co_return absl::OkStatus();
  for (auto& [group, late] : replica.groups) late.seen = false;
  replica.unseen_pause = {};
  replica.delays_until = {};
  if (!before.empty()) cache_->AuditSoon();
  co_return absl::OkStatus();
}

Task<> EdgeReader::ReadDelays(Replica& replica, std::string name, Deadline deadline) {
  replica.delays.reset();
  replica.delays_until = clock_.Mono() + kRetry;
  CO_ASSIGN_OR_RETURN(const JsonAnswer config,
                      co_await client_->JsonOf(name, "status/config", deadline));
  CO_ASSIGN_OR_RETURN(const JsonAnswer flags,
                      co_await client_->JsonOf(name, "status/flags", deadline));
  if (config.data.size() > kMostJson || flags.data.size() > kMostJson) co_return absl::OkStatus();
  std::optional<KnownDelays> delays = DelaysOf(config.data, flags.data);
  if (delays) {
    CO_ASSIGN_OR_RETURN(const int64_t rules, co_await RulesLag(replica, std::move(name), deadline));
    delays->others_ms = std::max(delays->others_ms, rules);
  }
  replica.delays = delays;
  const bool unseen = delays && replica.unseen_pause > MonoDuration::zero();
  replica.delays_until = clock_.Mono() + (unseen ? replica.unseen_pause : kDelaysFor);
  co_return absl::OkStatus();
}

// Whoever answers next may be any of them.
std::optional<KnownDelays> EdgeReader::Delays(const std::vector<std::string>& replicas) const {
  std::optional<KnownDelays> out;
  for (const std::string& name : replicas) {
    const auto known = replicas_.find(name);
    if (known == replicas_.end() || !known->second.delays) return std::nullopt;
    if (!out) out.emplace();
    out->scrape_ms = std::max(out->scrape_ms, known->second.delays->scrape_ms);
    out->others_ms = std::max(out->others_ms, known->second.delays->others_ms);
  }
  return out;
}

Task<> EdgeReader::Read(std::shared_ptr<EdgeReader> self, Deadline deadline) {
  std::vector<std::string> replicas = self->client_->replica_names();
  if (replicas.empty()) replicas.emplace_back();
  if (self->tells_) {
    const bool epochs = self->clock_.Mono() >= self->epochs_until_;
    if (epochs) self->epochs_until_ = self->clock_.Mono() + kEpochsFor;
    for (const std::string& name : replicas) {
      Replica& replica = self->replicas_[name];
      if (epochs) {
        const absl::Status status = co_await self->ReadEpoch(replica, name, deadline);
        if (absl::IsCancelled(status)) co_return status;
      }
      if (self->clock_.Mono() < replica.delays_until) continue;
      const absl::Status status = co_await self->ReadDelays(replica, name, deadline);
      if (absl::IsCancelled(status)) co_return status;
    }
  }
  const int64_t asked_ms = self->clock_.WallMillis();
  std::optional<int64_t> newest;
  for (const std::string& replica : replicas) {
    // Whoever answers next may be any of them.
    CO_ASSIGN_OR_RETURN(
        const auto found,
        co_await self->Ask(absl::StrCat("min(timestamp(", self->canary_, "))"), replica, deadline));
    if (found.empty()) {
      newest.reset();
      break;
    }
    const auto ms = static_cast<int64_t>(std::floor(found[0].second * 1000));
    newest = newest ? std::min(*newest, ms) : ms;
  }
  const std::optional<int64_t> too_early =
      self->cache_->edge().Learn(asked_ms, newest, self->Delays(replicas));
  // What was kept as settled may lack what came since.
  if (too_early) CO_RETURN_IF_ERROR(co_await self->cache_->Distrust(*too_early, deadline));
  // As may what is recorded by groups that were not known: they are as old as the last look at
  // them.
  if (self->TellUnseen(replicas)) {
    const int64_t from_ms = asked_ms - kComesLateMs - kUnknownMs;
    CO_RETURN_IF_ERROR(co_await self->cache_->Distrust(from_ms, deadline));
  }
  co_return absl::OkStatus();
}

}  // namespace synoptic::aggregator
