// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/evaluate_here.h"

#include <algorithm>

#include "aggregator/upstream/query_decoder.h"
#include "aggregator/upstream/reason.h"
#include "base/status.h"
#include "promql/parse/parser.h"
#include "promql/parse/preprocess.h"

namespace synoptic::aggregator {
namespace {

using promql::Plan;
using promql::RawSeries;
using promql::StepSeries;

absl::StatusOr<Plan> PlanRaw(const StepRequest& request, const promql::ParseOptions& language) {
  ASSIGN_OR_RETURN(promql::ExprPtr expr, promql::ParseExpr(request.text, language));
  ASSIGN_OR_RETURN(expr, promql::Preprocess(std::move(expr), request.grid));
  promql::PlanOptions options;
  options.grid = request.grid;
  options.range_query = !request.instant;
  options.lookback_ms = request.lookback_ms;
  options.pushdown = false;
  // In the shard's own terms there are no topology labels.
  return promql::MakePlan(std::move(expr), promql::Topology{{{"", "", {}}}}, options);
}

// As the shard itself has them: its own text is to be computed, which speaks of no topology label,
// and a series that carries one would not meet an aggregate that does not.
void TakeOff(const promql::Labels& place, std::vector<RawSeries>& series) {
  if (place.empty()) return;
  for (RawSeries& one : series) {
    promql::LabelsBuilder builder(one.labels);
    for (const promql::Label label : place) builder.Delete(label.name);
    one.labels = builder.Build();
  }
  std::sort(series.begin(), series.end(),
            [](const RawSeries& a, const RawSeries& b) { return a.labels < b.labels; });
}

class ShardSamples final : public promql::DataSource {
 public:
  void Add(std::vector<RawSeries> series) { raw_.push_back(std::move(series)); }
  absl::StatusOr<std::span<const RawSeries>> Raw(int fetch_id) override {
    return std::span<const RawSeries>(raw_.at(static_cast<size_t>(fetch_id)));
  }
  absl::StatusOr<std::span<const StepSeries>> Steps(int, const promql::Grid&) override {
    return absl::InternalError("nothing is pushed down here");
  }

 private:
  std::vector<std::vector<RawSeries>> raw_;
};

absl::Status HasHistograms() {
  return WithReason(absl::FailedPreconditionError("native histograms"), kHistogramsReason);
}

absl::StatusOr<std::vector<StepSeries>> Labelled(std::vector<StepSeries> series,
                                                 const promql::Labels& place) {
  for (StepSeries& one : series) {
    if (!one.histograms.empty()) return HasHistograms();
    promql::LabelsBuilder builder(one.labels);
    for (const promql::Label label : place) builder.Set(label.name, label.value);
    one.labels = builder.Build();
  }
  std::sort(series.begin(), series.end(),
            [](const StepSeries& a, const StepSeries& b) { return a.labels < b.labels; });
  return series;
}

}  // namespace

Task<StepAnswer> EvaluateHere(promql::TopologyShard place, std::shared_ptr<LegMemory> memory,
                              RawSource source, StepRequest request, FetchEnvironment environment) {
  if (request.lookback_ms <= 0) request.lookback_ms = promql::EvalOptions().lookback_ms;
  CO_ASSIGN_OR_RETURN(const Plan plan, PlanRaw(request, environment.language));
  StepAnswer answer;
  ShardSamples samples;
  for (const promql::Fetch& fetch : plan.fetches) {
    RawRequest wanted = RawRequestOf(fetch);
    wanted.via = request.via;
    wanted.lane = request.lane;
    CO_ASSIGN_OR_RETURN(RawAnswer raw, co_await source(std::move(wanted)));
    TakeOff(place.labels, raw.series);
    samples.Add(std::move(raw.series));
    answer.info.replica = raw.info.replica;
    answer.info.bytes += raw.info.bytes;
    answer.info.duration += raw.info.duration;
    answer.info.warnings.insert(answer.info.warnings.end(), raw.info.warnings.begin(),
                                raw.info.warnings.end());
  }
  promql::EvalOptions options;
  options.grid = request.grid;
  options.range_query = !request.instant;
  options.lookback_ms = request.lookback_ms;
  options.budget = &memory->leg;
  absl::StatusOr<promql::EvalResult> result = co_await RunOn(
      environment.pool, [&] { return promql::Evaluate(*plan.root, options, samples); });
  if (absl::IsFailedPrecondition(result.status())) {
    co_return WithReason(result.status(), "query");
  }
  if (!result.ok()) co_return result.status();
  if (LeftHistogramsOut(result->annotations.warnings())) co_return HasHistograms();
  CO_ASSIGN_OR_RETURN(answer.series, Labelled(std::move(result->value.series), place.labels));
  for (const std::string& text : result->annotations.warnings()) {
    answer.info.warnings.push_back(text);
  }
  for (const std::string& text : result->annotations.infos()) answer.info.infos.push_back(text);
  co_return answer;
}

}  // namespace synoptic::aggregator
