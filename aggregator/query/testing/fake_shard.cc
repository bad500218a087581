// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/testing/fake_shard.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "net/async/timer.h"
#include "promql/eval/memory_source.h"
#include "promql/parse/parser.h"
#include "promql/parse/preprocess.h"
#include "promql/parse/printer.h"

namespace synoptic::aggregator {
namespace {

using promql::Labels;
using promql::LabelsBuilder;
using promql::RawSeries;
using promql::SampleColumns;
using promql::StepSeries;

Labels AddPlace(const Labels& labels, const Labels& place,
                const std::vector<std::string>& topology_labels) {
  LabelsBuilder builder(labels);
  for (const std::string& name : topology_labels) {
    const std::string_view own = labels.Get(name);
    if (!own.empty()) builder.Set(absl::StrCat("exported_", name), own);
    builder.Set(name, place.Get(name));
  }
  return builder.Build();
}

bool MatchesAll(const std::vector<promql::Matcher>& matchers, const Labels& labels) {
  return std::all_of(matchers.begin(), matchers.end(),
                     [&](const promql::Matcher& matcher) { return matcher.Matches(labels); });
}

bool MatchesAny(const LabelsRequest& request, const Labels& labels) {
  return request.selectors.empty() ||
         std::any_of(request.selectors.begin(), request.selectors.end(),
                     [&](const auto& matchers) { return MatchesAll(matchers, labels); });
}

template <class SeriesT>
void SortByLabels(std::vector<SeriesT>& series) {
  std::sort(series.begin(), series.end(),
            [](const SeriesT& a, const SeriesT& b) { return a.labels < b.labels; });
}

}  // namespace

FakeShard::FakeShard(const Clock& clock, promql::TopologyShard place,
                     std::vector<std::string> topology_labels, std::vector<RawSeries> series)
    : clock_(clock),
      place_(std::move(place)),
      topology_labels_(std::move(topology_labels)),
      series_(std::move(series)) {}

Labels FakeShard::WithPlace(const Labels& labels) const {
  return AddPlace(labels, place_.labels, topology_labels_);
}

Task<> FakeShard::Obey(std::string line) {
  const std::string asked_now = line;
  asked.push_back(std::move(line));
  if (delay > MonoDuration::zero()) CO_RETURN_IF_ERROR(co_await SleepFor(clock_, delay));
  const bool spared = asked_now.find(fault_on) == std::string::npos;
  co_return spared ? absl::OkStatus() : fault;
}

absl::StatusOr<StepAnswer> FakeShard::AnswerSteps(const StepRequest& request) const {
  ASSIGN_OR_RETURN(promql::ExprPtr expr, promql::ParseExpr(request.text));
  ASSIGN_OR_RETURN(expr, promql::Preprocess(std::move(expr), request.grid));
  promql::MemorySource source(series_);
  source.Bind(*expr);
  promql::EvalOptions options;
  options.grid = request.grid;
  options.range_query = !request.instant;
  if (request.lookback_ms > 0) options.lookback_ms = request.lookback_ms;
  ASSIGN_OR_RETURN(promql::EvalResult result, promql::Evaluate(*expr, options, source));
  StepAnswer answer;
  answer.info.replica = "fake";
  answer.info.warnings = result.annotations.warnings();
  answer.info.infos = result.annotations.infos();
  for (StepSeries& one : result.value.series) {
    answer.series.push_back(
        {WithPlace(one.labels), std::move(one.values), std::move(one.histograms)});
  }
  SortByLabels(answer.series);
  return answer;
}

RawAnswer FakeShard::AnswerRaw(const RawRequest& request) const {
  RawAnswer answer;
  answer.info.replica = "fake";
  for (const RawSeries& one : series_) {
    if (!MatchesAll(request.matchers, one.labels)) continue;
    SampleColumns samples;
    promql::HistogramColumns histograms;
    if (!promql::ReadSamples(one, request.min_t, request.max_t, samples, &histograms).ok())
      continue;
    if (samples.empty() && histograms.empty()) continue;
    answer.series.push_back({WithPlace(one.labels), std::move(samples), std::move(histograms)});
  }
  SortByLabels(answer.series);
  return answer;
}

Task<StepAnswer> FakeShard::Steps(StepRequest request, Deadline, MemoryBudget* budget) {
  CO_RETURN_IF_ERROR(co_await Obey(absl::StrCat("steps ", request.text)));
  CO_ASSIGN_OR_RETURN(StepAnswer answer, AnswerSteps(request));
  if (budget != nullptr) {
    const size_t points = answer.series.size() * request.grid.size();
    CO_RETURN_IF_ERROR(budget->Charge(static_cast<int64_t>(points * sizeof(double))));
  }
  if (request.as_text) {
    answer.texts = PointTexts::Of(answer.series);
    answer.series.clear();
  }
  co_return answer;
}

Task<RawAnswer> FakeShard::Raw(RawRequest request, Deadline, MemoryBudget* budget) {
  CO_RETURN_IF_ERROR(co_await Obey(absl::StrCat("raw ", promql::PrintMatchers(request.matchers))));
  RawAnswer answer = AnswerRaw(request);
  if (budget != nullptr) {
    for (const RawSeries& one : answer.series) {
      const auto bytes = static_cast<int64_t>(std::get<SampleColumns>(one.data).size() * 16);
      CO_RETURN_IF_ERROR(budget->Charge(bytes));
    }
  }
  co_return answer;
}

Task<SeriesList> FakeShard::Series(LabelsRequest request, Deadline, MemoryBudget*) {
  CO_RETURN_IF_ERROR(co_await Obey("series"));
  std::vector<Labels> out;
  for (const RawSeries& one : series_) {
    if (MatchesAny(request, one.labels)) out.push_back(WithPlace(one.labels));
  }
  std::sort(out.begin(), out.end());
  co_return SeriesList{LabelTexts(out), {}};
}

Task<ListOf<std::string>> FakeShard::LabelNames(LabelsRequest request, Deadline) {
  CO_RETURN_IF_ERROR(co_await Obey("label names"));
  std::set<std::string> names;
  for (const RawSeries& one : series_) {
    if (!MatchesAny(request, one.labels)) continue;
    for (const promql::Label label : WithPlace(one.labels)) names.emplace(label.name);
  }
  co_return ListOf<std::string>{{names.begin(), names.end()}, {}};
}

Task<ListOf<std::string>> FakeShard::LabelValues(std::string name, LabelsRequest request,
                                                 Deadline) {
  CO_RETURN_IF_ERROR(co_await Obey(absl::StrCat("label values ", name)));
  std::set<std::string> values;
  for (const RawSeries& one : series_) {
    const Labels labels = WithPlace(one.labels);
    const std::string_view value = labels.Get(name);
    if (!value.empty() && MatchesAny(request, one.labels)) values.emplace(value);
  }
  co_return ListOf<std::string>{{values.begin(), values.end()}, {}};
}

Task<JsonAnswer> FakeShard::Json(std::string path, std::string query, std::string, Deadline) {
  CO_RETURN_IF_ERROR(co_await Obey(absl::StrCat("json ", path, "?", query)));
  co_return JsonAnswer{absl::StrCat("{\"region\":\"", place_.region, "\"}"), {}};
}

std::vector<RawSeries> UnionOf(
    const std::vector<std::string>& topology_labels,
    const std::vector<std::pair<promql::TopologyShard, std::vector<RawSeries>>>& shards) {
  std::vector<RawSeries> all;
  for (const auto& [place, series] : shards) {
    for (const RawSeries& one : series) {
      all.push_back(
          {AddPlace(one.labels, place.labels, topology_labels), one.data, one.histograms});
    }
  }
  SortByLabels(all);
  return all;
}

}  // namespace synoptic::aggregator
