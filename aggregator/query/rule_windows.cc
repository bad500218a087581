// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/rule_windows.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic::aggregator {
namespace {

using promql::Fetch;
using promql::Matcher;
using promql::RawSeries;
using promql::SampleColumns;

// Selectors that nobody asks for any more go with all others; they are found again.
constexpr size_t kMostSelected = 65'536;

void AddKey(const std::vector<Matcher>& matchers, std::string& key) {
  for (const Matcher& matcher : matchers) {
    absl::StrAppend(&key, matcher.name(), ToAbsl(promql::MatchOpText(matcher.op())),
                    matcher.value().size(), ":", matcher.value(), ",");
  }
}

SampleColumns Slice(const SampleColumns& from, int64_t min_t, int64_t max_t) {
  const auto first = std::lower_bound(from.t.begin(), from.t.end(), min_t) - from.t.begin();
  const auto last = std::upper_bound(from.t.begin() + first, from.t.end(), max_t) - from.t.begin();
  SampleColumns out;
  if (first == last) return out;
  out.t.assign(from.t.begin() + first, from.t.begin() + last);
  out.v.assign(from.v.begin() + first, from.v.begin() + last);
  if (!from.st.empty()) out.st.assign(from.st.begin() + first, from.st.begin() + last);
  return out;
}

}  // namespace

int64_t MetricWindow::bytes() const {
  int64_t bytes = 0;
  for (const KeptWindow& shard : shards) bytes += shard.bytes();
  return bytes;
}

std::optional<std::string> RuleWindows::MetricOf(const Fetch& fetch, int64_t time_ms) {
  if (fetch.form != Fetch::Form::kRaw || fetch.max_t > time_ms) return std::nullopt;
  if (time_ms - fetch.min_t > kMostReachMs) return std::nullopt;
  for (const Matcher& matcher : fetch.matchers) {
    if (matcher.name() == promql::kMetricName && matcher.op() == promql::MatchOp::kEqual &&
        !matcher.value().empty()) {
      return matcher.value();
    }
  }
  return std::nullopt;
}

MetricWindow& RuleWindows::AddReader(const std::string& metric, const Fetch& fetch,
                                     int64_t time_ms) {
  const auto [at, fresh] = metrics_.try_emplace(metric);
  MetricWindow& window = at->second;
  if (fresh) {
    window.matchers = fetch.matchers;
    window.wanted.resize(shards_);
    window.shards.resize(shards_);
    window.parts.resize(shards_);
    window.infos.resize(shards_);
  }
  const size_t had = window.matchers.size();
  std::erase_if(window.matchers, [&](const Matcher& matcher) {
    return std::find(fetch.matchers.begin(), fetch.matchers.end(), matcher) == fetch.matchers.end();
  });
  if (window.matchers.size() != had) {
    // More series than are kept: they are counted and asked for anew.
    for (KeptWindow& shard : window.shards) shard.Clear();
    window.series.reset();
  }
  window.reach_ms = std::max(window.reach_ms, time_ms - fetch.min_t);
  for (const int shard : fetch.shards) window.wanted[static_cast<size_t>(shard)] = true;
  return window;
}

absl::StatusOr<std::shared_ptr<const std::vector<SeriesRef>>> RuleWindows::Select(
    const std::string& metric, const Fetch& fetch) {
  const MetricWindow& window = metrics_.at(metric);
  std::string key;
  uint64_t generations = 0;
  for (const int shard : fetch.shards) {
    absl::StrAppend(&key, shard, ",");
    generations += window.shards[static_cast<size_t>(shard)].generation();
  }
  AddKey(fetch.matchers, key);
  key += '|';
  AddKey(fetch.residual, key);
  if (const auto found = selected_.find(key);
      found != selected_.end() && found->second.generations == generations) {
    return found->second.series;
  }
  std::vector<Matcher> matchers = fetch.matchers;
  matchers.insert(matchers.end(), fetch.residual.begin(), fetch.residual.end());
  auto refs = std::make_shared<std::vector<SeriesRef>>();
  for (const int shard : fetch.shards) {
    for (const uint32_t index : window.shards[static_cast<size_t>(shard)].Matching(matchers)) {
      refs->push_back({static_cast<uint32_t>(shard), index});
    }
  }
  const auto labels = [&](const SeriesRef& ref) -> const promql::Labels& {
    return window.shards[ref.shard].series()[ref.index].labels;
  };
  if (fetch.shards.size() > 1) {
    std::sort(refs->begin(), refs->end(),
              [&](const SeriesRef& a, const SeriesRef& b) { return labels(a) < labels(b); });
  }
  const auto twice = std::adjacent_find(
      refs->begin(), refs->end(),
      [&](const SeriesRef& a, const SeriesRef& b) { return labels(a) == labels(b); });
  if (twice != refs->end()) {
    return MakeStatus(absl::StatusCode::kFailedPrecondition, "two shards have the series {}",
                      labels(*twice).ToString());
  }
  refs->shrink_to_fit();
  if (selected_.size() >= kMostSelected) selected_.clear();
  selected_[key] = {generations, refs};
  return refs;
}

absl::StatusOr<RuleWindows::Samples> RuleWindows::Read(const std::string& metric,
                                                       const Fetch& fetch,
                                                       const std::vector<bool>& dark) {
  ASSIGN_OR_RETURN(const auto refs, Select(metric, fetch));
  const bool all_seen = std::none_of(dark.begin(), dark.end(), [](bool is) { return is; });
  if (fetch.max_t != read_until_) {
    read_.clear();
    read_until_ = fetch.max_t;
  }
  const ReadKey key(refs.get(), fetch.min_t);
  if (all_seen) {
    if (const auto found = read_.find(key); found != read_.end()) return found->second.second;
  }
  const MetricWindow& window = metrics_.at(metric);
  auto out = std::make_shared<std::vector<RawSeries>>();
  out->reserve(refs->size());
  for (const SeriesRef& ref : *refs) {
    if (dark[ref.shard]) continue;
    const KeptWindow::Series& series = window.shards[ref.shard].series()[ref.index];
    SampleColumns samples = Slice(series.samples, fetch.min_t, fetch.max_t);
    if (!samples.empty()) out->push_back({series.labels, std::move(samples)});
  }
  // With the series' list, so that no other takes its address.
  if (all_seen) read_.emplace(key, std::pair(refs, out));
  return out;
}

absl::StatusOr<std::span<const RawSeries>> WindowSamples::Raw(int fetch_id) {
  const auto id = static_cast<size_t>(fetch_id);
  if (fetch_id < 0 || id >= raw_.size()) {
    return MakeStatus(absl::StatusCode::kInternal, "no fetch {}", fetch_id);
  }
  if (raw_[id] == nullptr) {
    ASSIGN_OR_RETURN(raw_[id], windows_.Read(metrics_[id], plan_.fetches[id], dark_));
  }
  return std::span<const RawSeries>(*raw_[id]);
}

}  // namespace synoptic::aggregator
