// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// /api/v1/synoptic/cache: what is kept, and dropping a part of it.
#include <algorithm>

#include "aggregator/api/endpoints.h"
#include "aggregator/api/times.h"
#include "aggregator/cache/fragment_cache.h"
#include "base/json.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

// A large disk is read as a whole when streams are dropped by their matchers.
constexpr auto kPurgeTime = std::chrono::minutes(2);

std::string TimeText(int64_t ms) { return FormatRfc3339(ms * 1'000'000); }

void AppendRegions(const FragmentCache& cache, std::string& out) {
  out += R"(,"regions":[)";
  bool first = true;
  for (const RegionCacheStats& region : cache.regions()) {
    if (!first) out += ',';
    first = false;
    out += R"({"region":)";
    AppendJsonString(region.region, out);
    out += R"(,"shard":)";
    AppendJsonString(region.shard, out);
    out += fmt::format(R"(,"fragments":{},"samples":{},"bytes":{},"oldest":"{}","newest":"{}"}})",
                       region.fragments, region.samples, region.bytes, TimeText(region.oldest_ms),
                       TimeText(region.newest_ms));
  }
  out += ']';
}

void AppendTier(const Tier& tier, std::string& out) {
  const TierStats stats = tier.stats();
  out += fmt::format(
      R"(,"{}":{{"up":{},"bytes":{},"limit_bytes":{},"fragments":{},"hits":{},"misses":{},)"
      R"("evictions":{},"refused":{},"damaged":{},"failures":{},"waiting_bytes":{}}})",
      tier.name(), stats.up, stats.bytes, stats.max_bytes, stats.fragments, stats.hits,
      stats.misses, stats.evictions, stats.refused, stats.damaged, stats.failures,
      stats.queued_bytes);
}

absl::StatusOr<FragmentFilter> ReadFilter(const Call& call) {
  FragmentFilter filter;
  filter.region = std::string(call.params.Get("region"));
  const auto& known = call.api.regions;
  if (!filter.region.empty() &&
      std::find(known.begin(), known.end(), filter.region) == known.end()) {
    return InvalidParameter("region", fmt::format("there is no region {}", filter.region));
  }
  const std::vector<std::string> selectors = call.params.All("match[]");
  if (selectors.size() > 1) {
    return InvalidParameter("match[]",
                            fmt::format("expected one selector, got {}", selectors.size()));
  }
  ASSIGN_OR_RETURN(auto parsed, ParseSelectors(selectors));
  if (!parsed.empty()) filter.matchers = std::move(parsed.front());
  for (const auto& [name, field] : {std::pair("start", &filter.min_t), {"end", &filter.max_t}}) {
    if (call.params.Get(name).empty()) continue;
    ASSIGN_OR_RETURN(*field, call.params.RequiredTime(name));
  }
  return filter;
}

absl::Status NoCache() {
  return absl::FailedPreconditionError(
      "there is no cache: the sizes of all its tiers are 0 in the configuration");
}

}  // namespace

Task<Answer> CacheEndpoint(const Call& call) {
  Answer answer;
  const AnswerMemoryStats& answers = call.api.answer_memory.stats();
  answer.body += fmt::format(
      R"({{"answers":{{"bytes":{},"limit_bytes":{},"answers":{},"hits":{},"waited":{},"misses":{}}})",
      answers.bytes, call.api.options.answer_memory_bytes, answers.answers, answers.hits,
      answers.waited, answers.misses);
  if (const FragmentCache* cache = call.api.deps.cache.get(); cache != nullptr) {
    const TierStats memory = cache->memory();
    answer.body += fmt::format(
        R"(,"memory":{{"bytes":{},"limit_bytes":{},"streams":{},"fragments":{},"samples":{},)"
        R"("hits":{},"misses":{},"evictions":{},"refused":{}}})",
        memory.bytes, cache->max_bytes(), memory.streams, memory.fragments, memory.samples,
        memory.hits, memory.misses, memory.evictions, memory.refused);
    const ListStats lists = cache->lists();
    answer.body += fmt::format(
        R"(,"lists":{{"bytes":{},"limit_bytes":{},"lists":{},"hits":{},"stale":{},"misses":{},)"
        R"("evictions":{}}})",
        lists.bytes, lists.max_bytes, lists.lists, lists.hits, lists.stale, lists.misses,
        lists.evictions);
    for (const auto& tier : cache->lower()) AppendTier(*tier, answer.body);
    AppendRegions(*cache, answer.body);
  }
  answer.body += '}';
  co_return answer;
}

Task<Answer> DropCacheEndpoint(const Call& call) {
  if (call.api.deps.cache == nullptr) co_return NoCache();
  CO_ASSIGN_OR_RETURN(const FragmentFilter filter, ReadFilter(call));
  CO_ASSIGN_OR_RETURN(const int64_t dropped,
                      co_await call.api.deps.cache->Purge(
                          filter, Deadline::After(call.api.deps.clock, kPurgeTime)));
  Answer answer;
  answer.body += fmt::format(R"({{"dropped":{}}})", dropped);
  // Whole answers do not say what they were made from.
  call.api.answer_memory.Clear();
  co_return answer;
}

}  // namespace synoptic::aggregator
