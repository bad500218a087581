// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/shard_raw.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "aggregator/merge/missed_scrapes.h"
#include "aggregator/merge/replica.h"
#include "aggregator/merge/scraped_targets.h"
#include "aggregator/upstream/reason.h"
#include "aggregator/upstream/series_set.h"
#include "base/status.h"
#include "net/async/fan_out.h"
#include "re2/re2.h"

namespace synoptic::aggregator {
namespace {

// Gaps further apart than this are asked for by themselves.
constexpr int64_t kTogetherMs = 8 * kNearMs;
// A sample that is filled in makes one of the base's own give way that lies up to half an interval
// away, on the other side of what is asked for.
constexpr int64_t kEdgeMs = kNearMs / 4;
constexpr int64_t kMostTargetBytes = int64_t{256} << 20;  // of `up`
constexpr MonoDuration kLeastPatience = std::chrono::seconds(1);

int64_t HeldBytes(const std::vector<promql::RawSeries>& series) {
  int64_t bytes = 0;
  for (const promql::RawSeries& one : series) bytes += aggregator::HeldBytes(one);
  return bytes;
}

std::string Time(int64_t ms) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixMillis(ms), absl::UTCTimeZone());
}

std::string MayLack(const WholeShard& shard, const std::string& replica, const TimeSpans& gaps) {
  return absl::StrCat(SourceName(shard.place), ": ", replica, " may lack samples between ",
                      Time(gaps.front().from), " and ", Time(gaps.back().until),
                      gaps.size() > 1 ? " now and then" : "", ", and no other replica answered");
}

// The `up` of the targets that series of `request` can be of: one that has a label has the series'
// value of it. Each holds a budget of its own, and none of the query's.
RawRequest TargetsOf(const RawRequest& request) {
  RawRequest out;
  out.min_t = request.min_t;
  out.max_t = request.max_t;
  out.lane = request.lane;
  out.check_chunks = request.check_chunks;
  out.via = request.via;
  out.only = request.only;
  using promql::Matcher;
  using promql::MatchOp;
  const auto add = [&](MatchOp op, std::string_view name, std::string value) {
    absl::StatusOr<Matcher> matcher = Matcher::Create(op, std::string(name), std::move(value));
    if (matcher.ok()) out.matchers.push_back(*std::move(matcher));
  };
  add(MatchOp::kEqual, promql::kMetricName, "up");
  for (const Matcher& matcher : request.matchers) {
    if (matcher.name() == promql::kMetricName || matcher.MatchesEmpty()) continue;
    if (matcher.op() == MatchOp::kEqual) {
      add(MatchOp::kRegex, matcher.name(), absl::StrCat(RE2::QuoteMeta(matcher.value()), "|"));
    } else if (matcher.op() == MatchOp::kRegex) {
      add(MatchOp::kRegex, matcher.name(), absl::StrCat("(?:", matcher.value(), ")|"));
    }
  }
  return out;
}

Task<RawAnswer> ReadTargets(WholeShard shard, RawRequest request, Deadline deadline) {
  MemoryBudget budget("scrapes of targets", kMostTargetBytes);
  co_return co_await shard.client->Raw(TargetsOf(request), deadline, &budget);
}

Task<RawAnswer> ReadSamples(WholeShard shard, RawRequest request, Deadline deadline) {
  co_return co_await shard.client->Raw(std::move(request), deadline, &shard.memory->leg);
}

// Gaps that lie together, and the base's `up` around them as far as it is filled.
struct Cluster {
  TimeSpans gaps;
  bool asked = false;  // whether `scrapes` was
  std::vector<promql::RawSeries> scrapes;
};

std::vector<Cluster> Clusters(const TimeSpans& gaps) {
  std::vector<Cluster> out;
  for (const TimeSpan& gap : gaps) {
    if (out.empty() || gap.from - out.back().gaps.back().until > kTogetherMs) out.emplace_back();
    out.back().gaps.push_back(gap);
  }
  return out;
}

// What one sibling has of the gaps is filled in. False: it did not answer. Errors: what fails the
// query, and chunks of the base that do not decode.
Task<bool> FillFromSibling(const WholeShard& shard, RawRequest request, const std::string& base,
                           const std::string& sibling, Cluster& cluster, Deadline deadline,
                           const FetchEnvironment& environment, RawAnswer& answer) {
  request.min_t = cluster.gaps.front().from - kNearMs;
  request.max_t = cluster.gaps.back().until + kNearMs;
  request.only = {sibling};
  request.check_chunks = true;  // a damaged one must not cost the base's samples
  std::vector<Leg<RawAnswer>> legs;
  legs.push_back({ReadSamples(shard, request, deadline), deadline});
  legs.push_back({ReadTargets(shard, request, deadline), deadline});
  if (!cluster.asked) {
    request.only = {base};
    legs.push_back({ReadTargets(shard, request, deadline), deadline});
  }
  std::vector<absl::StatusOr<RawAnswer>> answers =
      co_await FanOut<RawAnswer>(environment.legs, environment.clock, std::move(legs));
  if (const absl::Status& status = answers[0].status(); !status.ok()) {
    if (absl::IsCancelled(status) || absl::IsResourceExhausted(status)) co_return status;
    co_return false;
  }
  // Without them the samples themselves have to tell what is missing.
  absl::Status unknown;
  for (size_t i = 1; i < answers.size(); ++i) unknown.Update(answers[i].status());
  if (absl::IsCancelled(unknown)) co_return unknown;
  if (!cluster.asked && answers[2].ok()) cluster.scrapes = std::move(answers[2]->series);
  cluster.asked = true;
  std::vector<promql::RawSeries> scrapes;
  if (unknown.ok()) scrapes = std::move(answers[1]->series);
  answer.info.bytes += answers[0]->info.bytes;
  answer.info.duration += answers[0]->info.duration;
  answer.info.notes.push_back(absl::StrCat("gaps filled from ", answers[0]->info.replica));
  if (!unknown.ok()) {
    cluster.scrapes.clear();
    answer.info.notes.push_back(absl::StrCat("scrapes of targets unknown: ", unknown.message()));
  }
  const absl::Status merged = co_await RunOn(environment.pool, [&]() -> absl::Status {
    const int64_t before = HeldBytes(answer.series);
    ASSIGN_OR_RETURN(ScrapedTargets targets, ScrapedTargets::Learn(cluster.scrapes, scrapes));
    ASSIGN_OR_RETURN(answer.series, FillFrom(std::move(answer.series),
                                             std::move(answers[0]->series), cluster.gaps, targets));
    ASSIGN_OR_RETURN(cluster.scrapes, FillFrom(std::move(cluster.scrapes), std::move(scrapes),
                                               cluster.gaps, targets));
    // What was filled is columns now, beside the chunks that stay charged.
    return shard.memory->leg.Charge(std::max<int64_t>(0, HeldBytes(answer.series) - before));
  });
  CO_RETURN_IF_ERROR(merged);
  co_return true;
}

// Who is asked first: in order of configuration, but for those that lately did not answer.
uint64_t Preferred(const ReplicaGaps& known) {
  const uint64_t all = known.All();
  const uint64_t candidates = known.silent == all ? all : all & ~known.silent;
  return candidates & (~candidates + 1);
}

}  // namespace

bool FinalError(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  return absl::IsCancelled(status) || absl::IsResourceExhausted(status) || reason == "query" ||
         reason == "unsupported" || reason == kHistogramsReason;
}

Task<RawAnswer> AskRawWhole(WholeShard shard, RawRequest request, Deadline deadline,
                            FetchEnvironment environment) {
  MemoryBudget* budget = &shard.memory->leg;
  if (shard.availability == nullptr) {
    co_return co_await shard.client->Raw(std::move(request), deadline, budget);
  }
  CO_ASSIGN_OR_RETURN(const ReplicaGaps known,
                      co_await shard.availability->GapsIn(request.min_t - kEdgeMs,
                                                          request.max_t + kEdgeMs, deadline));
  uint64_t whole = known.WholeOver(request.min_t, request.max_t);
  if (whole == known.All()) {
    co_return co_await shard.client->Raw(std::move(request), deadline, budget);
  }
  // Whatever range is asked for, the same replica answers where it is whole.
  whole &= ~known.silent;
  if ((whole & Preferred(known)) != 0) {
    request.only = known.NamesOf(whole);
    absl::StatusOr<RawAnswer> answer = co_await shard.client->Raw(request, deadline, budget);
    if (answer.ok() || FinalError(answer.status())) co_return answer;
    if (deadline.Expired(environment.clock)) co_return answer;
    request.only.clear();
  }
  // What is filled in depends on the samples near it, also at the ends.
  request.min_t -= kEdgeMs + kNearMs;
  request.max_t += kEdgeMs + kNearMs;
  CO_ASSIGN_OR_RETURN(RawAnswer answer, co_await shard.client->Raw(request, deadline, budget));
  const auto base = std::find(known.replicas.begin(), known.replicas.end(), answer.info.replica);
  if (base == known.replicas.end()) co_return answer;
  const auto own = static_cast<size_t>(base - known.replicas.begin());
  const Deadline patience = deadline.Earlier(
      Deadline::After(environment.clock, std::max(kLeastPatience, 4 * answer.info.duration)));
  TimeSpans gaps;  // that are left
  for (Cluster& cluster : Clusters(known.gaps[own])) {
    for (size_t i = 0; i < known.replicas.size() && !cluster.gaps.empty(); ++i) {
      if (i == own) continue;
      CO_ASSIGN_OR_RETURN(
          const bool filled,
          co_await FillFromSibling(shard, request, known.replicas[own], known.replicas[i], cluster,
                                   patience, environment, answer));
      if (filled) cluster.gaps = Intersect(cluster.gaps, known.gaps[i]);
    }
    gaps.insert(gaps.end(), cluster.gaps.begin(), cluster.gaps.end());
  }
  gaps = Clip(gaps, request.min_t + kEdgeMs + kNearMs, request.max_t - kEdgeMs - kNearMs);
  // Where all replicas lack something, or nobody knows, all were asked: there is no more to have.
  TimeSpans lost = gaps;
  for (size_t i = 0; i < known.replicas.size(); ++i) lost = Intersect(lost, known.gaps[i]);
  if (gaps != lost) {
    answer.info.warnings.push_back(MayLack(shard, answer.info.replica, gaps));
  }
  co_return answer;
}

}  // namespace synoptic::aggregator
