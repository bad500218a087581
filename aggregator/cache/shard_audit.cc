// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// When a shard's cache looks whether what it holds is still so, and what it forgets when it is not.
#include "aggregator/cache/audit.h"
#include "aggregator/cache/shard_cache.h"
#include "base/log.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

// After a sign that a shard is not what it was.
constexpr int kOwed = 20;

// The shard's that reach to `from_ms` or beyond. Owns what it needs: a tier may ask it late.
BlockTest BlocksFrom(const ShardIdentity& shard, int64_t from_ms) {
  return [region = shard.region, name = shard.shard, from_ms](std::string_view key, int64_t,
                                                              int64_t last) {
    const StreamDescription of = DescribeStream(key);
    return of.region == region && of.shard == name && last >= from_ms;
  };
}

}  // namespace

void ShardCache::AuditSoon() {
  owed_ = kOwed;
  if (lists_ != nullptr) lists_->Forget();
}

std::optional<Span> ShardCache::NextAudit(const Question& question, const Found& found) {
  const int64_t now_ms = clock_.WallMillis();
  if (options_.audit_every_ms <= 0 || now_ms < next_audit_ms_ || found.gaps.empty()) {
    return std::nullopt;
  }
  const auto audit = AuditOf(question.layout, found.parts, question.span.first, found.gaps.front());
  if (audit) next_audit_ms_ = now_ms + options_.audit_every_ms;
  return audit;
}

std::optional<Span> ShardCache::NextSample(const Question& question,
                                           const std::vector<FragmentPtr>& used) {
  const int64_t now_ms = clock_.WallMillis();
  if (options_.sample_every_ms <= 0 || (now_ms < next_sample_ms_ && owed_ == 0)) {
    return std::nullopt;
  }
  const auto sample = SampleOf(question.layout, used, question.span, samples_);
  if (!sample) return std::nullopt;
  ++samples_;
  next_sample_ms_ = now_ms + options_.sample_every_ms;
  if (owed_ > 0) --owed_;
  tiers_->CountAudit();
  return sample;
}

Task<> ShardCache::Distrust(int64_t from_ms, Deadline deadline) {
  if (lists_ != nullptr) lists_->Forget();
  CO_ASSIGN_OR_RETURN(const int64_t dropped,
                      co_await tiers_->Purge(BlocksFrom(shard_, from_ms), deadline));
  (void)dropped;
  co_return absl::OkStatus();
}

Task<> ShardCache::Contradicted(const Question& question, int64_t from_ms, Deadline deadline) {
  tiers_->CountDivergence();
  if (lists_ != nullptr) lists_->Forget();
  const StreamDescription what = DescribeStream(question.stream);
  log::Warn("cache: settled data changed: dropped", {{"region", shard_.region},
                                                     {"shard", shard_.shard},
                                                     {"question", what.expr},
                                                     {"from_ms", from_ms}});
  // Not only this question's: what changed, changed for all. How far back is not known, but here it
  // was not so yet when it was fetched; the question's own blocks all go.
  const BlockTest which = [stream = question.stream, others = BlocksFrom(shard_, from_ms)](
                              std::string_view key, int64_t first, int64_t last) {
    return key == stream || others(key, first, last);
  };
  CO_ASSIGN_OR_RETURN(const int64_t dropped, co_await tiers_->Purge(which, deadline));
  (void)dropped;
  co_return absl::OkStatus();
}

}  // namespace synoptic::aggregator
