// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/ruletest/sample_store.h"

#include <algorithm>
#include <bit>

#include "base/status.h"
#include "promql/model/histogram_writer.h"
#include "promql/parse/preprocess.h"

namespace synoptic::alerting {
namespace {

using promql::Expr;
using promql::ExprKind;

// The part of `store` that one query reads.
class ViewSource final : public promql::DataSource {
 public:
  ViewSource(const SampleStore& store, const SampleStore::View& view, int64_t lookback_ms)
      : store_(store), view_(view), lookback_ms_(lookback_ms) {}

  // Gives every selector an id and notes from when on it reads; `from` is the first time its value
  // is wanted.
  void Bind(Expr& expr, int64_t from) {
    if (expr.kind == ExprKind::kVectorSelector) {
      BindSelector(promql::As<promql::VectorSelector>(expr), from, 0);
      return;
    }
    if (expr.kind == ExprKind::kMatrixSelector) {
      auto& matrix = promql::As<promql::MatrixSelector>(expr);
      BindSelector(*matrix.selector, from, matrix.range_ms());
      return;
    }
    if (expr.kind == ExprKind::kSubquery) {
      auto& subquery = promql::As<promql::Subquery>(expr);
      from = Earlier(from, subquery.time, subquery.range_ms());
    }
    for (Expr* child : promql::Children(expr)) Bind(*child, from);
  }

  absl::StatusOr<std::span<const promql::RawSeries>> Raw(int fetch_id) override {
    const auto [it, inserted] = raw_.try_emplace(fetch_id);
    if (inserted) RETURN_IF_ERROR(Read(leaves_[static_cast<size_t>(fetch_id)], it->second));
    return std::span<const promql::RawSeries>(it->second);
  }
  absl::StatusOr<std::span<const promql::StepSeries>> Steps(int, const promql::Grid&) override {
    return absl::InternalError("nothing is evaluated elsewhere");
  }

 private:
  struct Leaf {
    std::vector<promql::Matcher> matchers;
    int64_t from;
  };

  static int64_t Earlier(int64_t from, const promql::TimeModifiers& time, int64_t reach_ms) {
    // A fixed time may lie anywhere.
    if (from == INT64_MIN || time.at != promql::TimeModifiers::AtKind::kNone) return INT64_MIN;
    return from - time.offset_ms() - reach_ms;
  }

  void BindSelector(promql::VectorSelector& selector, int64_t from, int64_t range_ms) {
    selector.fetch_id = static_cast<int>(leaves_.size());
    // A lookback more than needed: anchored and smoothed ranges look beyond both ends.
    leaves_.push_back(
        {selector.matchers, Earlier(from, selector.time, range_ms + lookback_ms_ + 1)});
  }

  // Through chunks and back: which histogram begins a chunk, and so has no hint, depends on those
  // before it and on floats between them.
  static absl::Status Store(const SampleStore::Series& series) {
    if (series.stored.size() == series.histograms.size()) return absl::OkStatus();
    series.stored.clear();
    promql::HistogramWriter<promql::FloatHistogram> writer(false);
    std::vector<promql::Chunk> chunks;
    const auto take = [&] {
      for (promql::EncodedChunk& chunk : writer.Take()) {
        chunks.push_back({chunk.min_t,
                          chunk.max_t,
                          chunk.encoding,
                          {},
                          std::make_shared<const std::string>(std::move(chunk.bytes))});
        chunks.back().bytes = *chunks.back().owner;
      }
    };
    size_t next_float = 0;
    for (size_t i = 0; i < series.histograms.size(); ++i) {
      const int64_t t = series.histograms.t[i];
      const size_t before = next_float;
      while (next_float < series.floats.size() && series.floats.t[next_float] < t) ++next_float;
      if (next_float != before) take();
      writer.Append(t, *series.histograms.h[i], 0);
    }
    take();
    promql::SampleColumns no_floats;
    return promql::ReadSamples({promql::Labels(), std::move(chunks), {}}, INT64_MIN, INT64_MAX,
                               no_floats, &series.stored);
  }

  absl::Status Read(const Leaf& leaf, std::vector<promql::RawSeries>& out) const {
    for (const auto& [labels, series] : store_.series()) {
      if (view_.dark.contains(series.part)) continue;
      const bool selected =
          std::all_of(leaf.matchers.begin(), leaf.matchers.end(),
                      [&labels](const promql::Matcher& m) { return m.Matches(labels); });
      if (!selected) continue;
      promql::RawSeries raw{labels, promql::SampleColumns(), {}};
      auto& floats = std::get<promql::SampleColumns>(raw.data);
      const auto [begin, end] = Range(series.floats.t, leaf.from);
      floats.t.assign(series.floats.t.begin() + begin, series.floats.t.begin() + end);
      floats.v.assign(series.floats.v.begin() + begin, series.floats.v.begin() + end);
      RETURN_IF_ERROR(Store(series));
      const auto [first, last] = Range(series.stored.t, leaf.from);
      for (auto i = first; i < last; ++i) {
        raw.histograms.push_back(series.stored.t[static_cast<size_t>(i)],
                                 series.stored.h[static_cast<size_t>(i)]);
      }
      if (!floats.empty() || !raw.histograms.empty()) out.push_back(std::move(raw));
    }
    return absl::OkStatus();
  }

  std::pair<int64_t, int64_t> Range(const std::vector<int64_t>& times, int64_t from) const {
    const auto begin = std::lower_bound(times.begin(), times.end(), from);
    const auto end = std::upper_bound(begin, times.end(), view_.until_ms);
    return {begin - times.begin(), end - times.begin()};
  }

  const SampleStore& store_;
  const SampleStore::View& view_;
  const int64_t lookback_ms_;
  std::vector<Leaf> leaves_;
  std::map<int, std::vector<promql::RawSeries>> raw_;
};

// Two samples of one time are one when their bits are.
bool Same(double a, double b) { return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b); }

}  // namespace

absl::Status SampleStore::Append(const promql::Labels& labels, int part, int64_t time_ms,
                                 double value, promql::HistogramPtr histogram) {
  const auto [it, inserted] = series_.try_emplace(labels);
  Series& series = it->second;
  if (inserted) series.part = part;
  int64_t last = INT64_MIN;
  if (!series.floats.empty()) last = series.floats.t.back();
  if (!series.histograms.empty()) last = std::max(last, series.histograms.t.back());
  if (time_ms < last) return InvalidArgument("out of order sample");
  if (time_ms == last) {
    const bool same = histogram == nullptr && !series.floats.empty() &&
                      series.floats.t.back() == last && Same(series.floats.v.back(), value);
    if (same) return absl::OkStatus();
    return InvalidArgument("duplicate sample for timestamp {}", time_ms);
  }
  if (histogram != nullptr) {
    series.histograms.push_back(time_ms, std::move(histogram));
  } else {
    series.floats.push_back(time_ms, value);
  }
  return absl::OkStatus();
}

absl::Status SampleStore::Record(const RecordOrigin&, int64_t time_ms,
                                 std::vector<RecordedSample> samples) {
  absl::Status first;
  for (RecordedSample& sample : samples) {
    const bool end = promql::IsStaleNaN(sample.value);
    const absl::Status status =
        Append(sample.labels, kHere, time_ms, sample.value, std::move(sample.histogram));
    // That a series ends is no news where something else goes on writing it.
    if (!end && first.ok()) first = status;
  }
  return first;
}

absl::StatusOr<promql::EvalResult> SampleStore::Query(std::string_view text,
                                                      const promql::Grid& grid, bool range,
                                                      const View& view,
                                                      const Language& language) const {
  ASSIGN_OR_RETURN(promql::ExprPtr tree, promql::ParseExpr(text, language.parse));
  ASSIGN_OR_RETURN(tree, promql::Preprocess(std::move(tree), grid));
  ViewSource source(*this, view, language.lookback_ms);
  source.Bind(*tree, grid.start);
  promql::EvalOptions options;
  options.grid = grid;
  options.range_query = range;
  options.lookback_ms = language.lookback_ms;
  options.default_subquery_step_ms = language.subquery_step_ms;
  options.delayed_name_removal = language.delayed_name_removal;
  options.query_text = text;
  return promql::Evaluate(*tree, options, source);
}

}  // namespace synoptic::alerting
