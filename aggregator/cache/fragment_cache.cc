// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/fragment_cache.h"

#include <algorithm>
#include <tuple>

#include "promql/parse/parser.h"

namespace synoptic::aggregator {
namespace {

using promql::Expr;
using promql::Matcher;
using promql::MatchOp;

// Whether no series can be matched by both.
bool Contradict(const Matcher& a, const Matcher& b) {
  if (a.name() != b.name()) return false;
  if (a.op() == MatchOp::kEqual) return !b.Matches(a.value());
  if (b.op() == MatchOp::kEqual) return !a.Matches(b.value());
  return false;
}

bool CanSelect(const std::vector<Matcher>& selector, const std::vector<Matcher>& wanted) {
  return std::none_of(wanted.begin(), wanted.end(), [&](const Matcher& want) {
    return std::any_of(selector.begin(), selector.end(),
                       [&](const Matcher& have) { return Contradict(have, want); });
  });
}

bool CanSelect(const Expr& expr, const std::vector<Matcher>& wanted) {
  if (expr.kind == promql::ExprKind::kVectorSelector) {
    return CanSelect(promql::As<promql::VectorSelector>(expr).matchers, wanted);
  }
  const std::vector<const Expr*> children = promql::Children(expr);
  return std::any_of(children.begin(), children.end(),
                     [&](const Expr* child) { return CanSelect(*child, wanted); });
}

bool Fits(const FragmentFilter& filter, const promql::ParseOptions& language,
          std::string_view stream, const Fragment& fragment) {
  if (filter.min_t && fragment.last() < *filter.min_t) return false;
  if (filter.max_t && fragment.first() > *filter.max_t) return false;
  if (filter.region.empty() && filter.matchers.empty()) return true;
  const StreamDescription what = DescribeStream(stream);
  if (!filter.region.empty() && what.region != filter.region) return false;
  if (filter.matchers.empty()) return true;
  const auto expr = promql::ParseExpr(what.expr, language);
  return !expr.ok() || CanSelect(**expr, filter.matchers);
}

}  // namespace

FragmentCache::FragmentCache(const FragmentCacheOptions& options, const Clock& clock,
                             ComputePool& pool, boost::asio::any_io_executor executor)
    : options_(options),
      clock_(clock),
      pool_(pool),
      executor_(std::move(executor)),
      memory_(std::make_shared<MemoryTier>(options.memory_bytes)) {}

std::shared_ptr<ShardCache> FragmentCache::Of(const ShardIdentity& shard) {
  std::weak_ptr<ShardCache>& known =
      doors_[SamplesKey(shard, RawRequest())];  // a key is what tells shards apart
  std::shared_ptr<ShardCache> door = known.lock();
  if (door == nullptr) {
    door = std::make_shared<ShardCache>(shard, memory_, options_.shard, clock_, pool_, executor_);
    known = door;
  }
  std::erase_if(doors_, [](const auto& entry) { return entry.second.expired(); });
  return door;
}

std::vector<RegionCacheStats> FragmentCache::regions() const {
  std::map<std::pair<std::string, std::string>, RegionCacheStats> found;
  memory_->Each([&](std::string_view stream, const Fragment& fragment) {
    const StreamDescription what = DescribeStream(stream);
    RegionCacheStats& stats = found[{std::string(what.region), std::string(what.shard)}];
    if (stats.fragments == 0) stats.oldest_ms = fragment.first();
    ++stats.fragments;
    stats.samples += fragment.samples();
    stats.bytes += fragment.bytes();
    stats.oldest_ms = std::min(stats.oldest_ms, fragment.first());
    stats.newest_ms = std::max(stats.newest_ms, fragment.last());
  });
  std::vector<RegionCacheStats> out;
  for (auto& [place, stats] : found) {
    std::tie(stats.region, stats.shard) = place;
    out.push_back(std::move(stats));
  }
  return out;
}

int64_t FragmentCache::Drop(const FragmentFilter& filter) {
  return memory_->Drop([&](std::string_view stream, const Fragment& fragment) {
    return Fits(filter, options_.shard.language, stream, fragment);
  });
}

}  // namespace synoptic::aggregator
