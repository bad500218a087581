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

// Those that nobody has any more are let go of then.
constexpr size_t kMostSelectors = 262'144;

void AddKey(const std::vector<Matcher>& matchers, std::string& key) {
  for (const Matcher& matcher : matchers) {
    absl::StrAppend(&key, matcher.name(), ToAbsl(promql::MatchOpText(matcher.op())),
                    matcher.value().size(), ":", matcher.value(), ",");
  }
}

// False when there is none.
bool Slice(const SampleColumns& from, int64_t min_t, int64_t max_t, SampleColumns& out) {
  const auto first = std::lower_bound(from.t.begin(), from.t.end(), min_t) - from.t.begin();
  const auto last = std::upper_bound(from.t.begin() + first, from.t.end(), max_t) - from.t.begin();
  if (first == last) return false;
  out.t.assign(from.t.begin() + first, from.t.begin() + last);
  out.v.assign(from.v.begin() + first, from.v.begin() + last);
  out.st.clear();
  if (!from.st.empty()) out.st.assign(from.st.begin() + first, from.st.begin() + last);
  return true;
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

std::shared_ptr<RuleSelector> RuleWindows::AddReader(const Fetch& fetch, int64_t time_ms) {
  const std::string metric = *MetricOf(fetch, time_ms);
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

  std::string key;
  for (const int shard : fetch.shards) absl::StrAppend(&key, shard, ",");
  AddKey(fetch.matchers, key);
  key += '|';
  AddKey(fetch.residual, key);
  if (selectors_.size() >= kMostSelectors) selectors_.clear();
  std::weak_ptr<RuleSelector>& known = selectors_[key];
  std::shared_ptr<RuleSelector> selector = known.lock();
  if (selector == nullptr) {
    selector = std::make_shared<RuleSelector>();
    selector->window = &window;
    selector->shards = fetch.shards;
    selector->matchers = fetch.matchers;
    selector->matchers.insert(selector->matchers.end(), fetch.residual.begin(),
                              fetch.residual.end());
    known = selector;
  }
  return selector;
}

namespace {

// The series that a selector selects now, in order.
absl::Status Select(RuleSelector& selector) {
  const MetricWindow& window = *selector.window;
  uint64_t generations = 0;
  for (const int shard : selector.shards) {
    generations += window.shards[static_cast<size_t>(shard)].generation();
  }
  if (selector.series != nullptr && selector.generations == generations) return absl::OkStatus();
  selector.series = nullptr;
  auto refs = std::make_shared<std::vector<SeriesRef>>();
  for (const int shard : selector.shards) {
    for (const uint32_t index :
         window.shards[static_cast<size_t>(shard)].Matching(selector.matchers)) {
      refs->push_back({static_cast<uint32_t>(shard), index});
    }
  }
  const auto labels = [&](const SeriesRef& ref) -> const promql::Labels& {
    return window.shards[ref.shard].series()[ref.index].labels;
  };
  if (selector.shards.size() > 1) {
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
  selector.generations = generations;
  selector.series = std::move(refs);
  return absl::OkStatus();
}

}  // namespace

void RuleWindows::Shrink(std::vector<RawSeries>& columns, size_t count) {
  // Enough for what one group of rules reads.
  constexpr size_t kMostSpare = 4096;
  for (size_t i = count; i < columns.size() && spare_.size() < kMostSpare; ++i) {
    spare_.push_back(std::move(std::get<SampleColumns>(columns[i].data)));
  }
  columns.resize(count);
}

RuleWindows::Columns RuleWindows::NewColumns(size_t series) {
  auto columns = std::make_shared<std::vector<RawSeries>>(series);
  for (RawSeries& one : *columns) {
    if (spare_.empty()) break;
    one.data = std::move(spare_.back());
    spare_.pop_back();
  }
  return columns;
}

void RuleWindows::ForgetRead() {
  for (auto& [key, one] : read_) {
    if (one.second.use_count() == 1) Shrink(*one.second, 0);
  }
  read_.clear();
}

absl::StatusOr<RuleWindows::Samples> RuleWindows::Read(RuleSelector& selector, int64_t min_t,
                                                       int64_t max_t,
                                                       const std::vector<bool>& dark) {
  RETURN_IF_ERROR(Select(selector));
  const bool all_seen = std::none_of(dark.begin(), dark.end(), [](bool is) { return is; });
  if (max_t != read_until_) {
    ForgetRead();
    read_until_ = max_t;
  }
  const ReadKey key(selector.series.get(), min_t);
  if (all_seen) {
    if (const auto found = read_.find(key); found != read_.end()) return found->second.second;
  }
  Columns out = NewColumns(selector.series->size());
  size_t count = 0;
  for (const SeriesRef& ref : *selector.series) {
    if (dark[ref.shard]) continue;
    const KeptWindow::Series& series = selector.window->shards[ref.shard].series()[ref.index];
    RawSeries& one = (*out)[count];
    if (!Slice(series.samples, min_t, max_t, std::get<SampleColumns>(one.data))) continue;
    one.labels = series.labels;
    ++count;
  }
  Shrink(*out, count);
  // With the series' list, so that no other takes its address.
  if (all_seen) read_.emplace(key, std::pair(selector.series, out));
  return out;
}

absl::StatusOr<std::span<const RawSeries>> WindowSamples::Raw(int fetch_id) {
  const auto id = static_cast<size_t>(fetch_id);
  if (fetch_id < 0 || id >= raw_.size()) {
    return MakeStatus(absl::StatusCode::kInternal, "no fetch {}", fetch_id);
  }
  if (raw_[id] == nullptr) {
    const Read& read = reads_[id];
    ASSIGN_OR_RETURN(raw_[id], windows_.Read(*read.selector, read.min_t, read.max_t, dark_));
  }
  return std::span<const RawSeries>(*raw_[id]);
}

}  // namespace synoptic::aggregator
