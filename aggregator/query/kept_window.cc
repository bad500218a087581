// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/kept_window.h"

#include <algorithm>
#include <iterator>

#include "base/status.h"
#include "base/strings.h"

namespace synoptic::aggregator {
namespace {

using promql::MatchOp;
using promql::RawSeries;
using promql::SampleColumns;

template <class T>
void Cut(std::vector<T>& column, size_t first, size_t last) {
  if (column.empty()) return;
  column.resize(last);
  column.erase(column.begin(), column.begin() + static_cast<std::ptrdiff_t>(first));
}

// Leaves the samples with from <= t < before.
void Cut(SampleColumns& samples, int64_t from, int64_t before) {
  const auto begin = samples.t.begin();
  const auto first = std::lower_bound(begin, samples.t.end(), from) - begin;
  const auto last = std::max(first, std::lower_bound(begin, samples.t.end(), before) - begin);
  Cut(samples.v, static_cast<size_t>(first), static_cast<size_t>(last));
  Cut(samples.st, static_cast<size_t>(first), static_cast<size_t>(last));
  Cut(samples.t, static_cast<size_t>(first), static_cast<size_t>(last));
}

absl::Status Append(const RawSeries& from, int64_t min_t, int64_t max_t, SampleColumns& to) {
  promql::HistogramColumns histograms;
  RETURN_IF_ERROR(promql::ReadSamples(from, min_t, max_t, to, &histograms));
  if (!histograms.empty()) return absl::UnimplementedError("native histograms are not kept");
  return absl::OkStatus();
}

// Room is for some samples more, not for twice as many.
void Fit(SampleColumns& samples) {
  constexpr size_t kRoom = 8;
  if (samples.t.capacity() <= samples.t.size() + 2 * kRoom) return;
  SampleColumns tight;
  tight.t.reserve(samples.size() + kRoom);
  tight.v.reserve(samples.size() + kRoom);
  tight.t.assign(samples.t.begin(), samples.t.end());
  tight.v.assign(samples.v.begin(), samples.v.end());
  tight.st = samples.st;
  samples = std::move(tight);
}

int64_t BytesOf(const KeptWindow::Series& series) {
  constexpr size_t kAllocations = 32;
  return static_cast<int64_t>(
      sizeof(KeptWindow::Series) + kAllocations + series.labels.MemoryBytes() +
      (series.samples.t.capacity() + series.samples.st.capacity()) * sizeof(int64_t) +
      series.samples.v.capacity() * sizeof(double));
}

}  // namespace

void KeptWindow::Clear() {
  const uint64_t generation = generation_ + 1;
  *this = KeptWindow();
  generation_ = generation;
}

absl::Status KeptWindow::Take(const RawAnswer& answer, int64_t from, int64_t asked_from,
                              int64_t until, int64_t settled) {
  late_ms_ *= 0.98;
  if (answer.info.replica != replica_) read_until_ = std::numeric_limits<int64_t>::min();
  if (absl::Status status = Update(answer, from, asked_from, until); !status.ok()) {
    Clear();
    return status;
  }
  read_until_ = until;
  replica_ = answer.info.replica;
  known_from_ = asked_from <= from ? from : std::max(known_from_, from);
  settled_ = std::min(settled, until);
  bytes_ = 0;
  for (const Series& series : series_) bytes_ += BytesOf(series);
  return absl::OkStatus();
}

void KeptWindow::NoteLate(std::span<const int64_t> known, std::span<const int64_t> now) {
  for (const int64_t t : now) {
    if (t > read_until_) return;
    if (!known.empty() && known.front() == t) {
      known = known.subspan(1);
      continue;
    }
    late_ms_ = std::max(late_ms_, static_cast<double>(read_until_ - t + 1));
    return;
  }
}

absl::Status KeptWindow::Update(const RawAnswer& answer, int64_t from, int64_t asked_from,
                                int64_t until) {
  std::vector<Series> fresh;
  bool emptied = false;
  auto next = answer.series.begin();
  const auto end = answer.series.end();
  const auto begin_new = [&]() -> absl::Status {
    Series series{next->labels, {}};
    RETURN_IF_ERROR(Append(*next, asked_from, until, series.samples));
    Fit(series.samples);
    NoteLate({}, series.samples.t);
    if (!series.samples.empty()) fresh.push_back(std::move(series));
    return absl::OkStatus();
  };
  std::vector<int64_t> known;
  for (Series& series : series_) {
    const std::vector<int64_t>& times = series.samples.t;
    known.assign(std::lower_bound(times.begin(), times.end(), asked_from), times.end());
    Cut(series.samples, from, asked_from);
    const size_t had = series.samples.size();
    for (; next != end && next->labels < series.labels; ++next) RETURN_IF_ERROR(begin_new());
    if (next != end && next->labels == series.labels) {
      RETURN_IF_ERROR(Append(*next, asked_from, until, series.samples));
      NoteLate(known, std::span(series.samples.t).subspan(had));
      ++next;
    }
    Fit(series.samples);
    emptied = emptied || series.samples.empty();
  }
  for (; next != end; ++next) RETURN_IF_ERROR(begin_new());
  if (emptied) std::erase_if(series_, [](const Series& series) { return series.samples.empty(); });
  if (!fresh.empty()) {
    std::vector<Series> all;
    all.reserve(series_.size() + fresh.size());
    std::merge(std::make_move_iterator(series_.begin()), std::make_move_iterator(series_.end()),
               std::make_move_iterator(fresh.begin()), std::make_move_iterator(fresh.end()),
               std::back_inserter(all),
               [](const Series& a, const Series& b) { return a.labels < b.labels; });
    series_ = std::move(all);
  }
  if (emptied || !fresh.empty()) {
    ++generation_;
    indexes_.clear();
  }
  return absl::OkStatus();
}

const KeptWindow::ByValue& KeptWindow::IndexOf(const std::string& label) const {
  const auto [at, missing] = indexes_.try_emplace(label);
  if (missing) {
    for (size_t i = 0; i < series_.size(); ++i) {
      at->second[ToAbsl(series_[i].labels.Get(label))].push_back(static_cast<uint32_t>(i));
    }
  }
  return at->second;
}

std::vector<uint32_t> KeptWindow::Matching(const std::vector<promql::Matcher>& matchers) const {
  // The rarest value of those asked for by name, but for the metric's.
  const std::vector<uint32_t>* candidates = nullptr;
  for (const promql::Matcher& matcher : matchers) {
    if (matcher.op() != MatchOp::kEqual || matcher.name() == promql::kMetricName) continue;
    const ByValue& index = IndexOf(matcher.name());
    const auto found = index.find(matcher.value());
    if (found == index.end()) return {};
    if (candidates == nullptr || found->second.size() < candidates->size()) {
      candidates = &found->second;
    }
  }
  std::vector<uint32_t> out;
  const auto consider = [&](uint32_t i) {
    const promql::Labels& labels = series_[i].labels;
    if (std::all_of(matchers.begin(), matchers.end(),
                    [&](const promql::Matcher& matcher) { return matcher.Matches(labels); })) {
      out.push_back(i);
    }
  };
  if (candidates != nullptr) {
    for (const uint32_t i : *candidates) consider(i);
  } else {
    for (size_t i = 0; i < series_.size(); ++i) consider(static_cast<uint32_t>(i));
  }
  return out;
}

}  // namespace synoptic::aggregator
