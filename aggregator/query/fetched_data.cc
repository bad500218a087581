// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/fetched_data.h"

#include <algorithm>

#include "aggregator/merge/merge.h"
#include "aggregator/query/own_series.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

using promql::Fetch;
using promql::Grid;
using promql::LabelsBuilder;
using promql::RawSeries;
using promql::StepSeries;

template <class SeriesT>
void SortByLabels(std::vector<SeriesT>& series) {
  const auto less = [](const SeriesT& a, const SeriesT& b) { return a.labels < b.labels; };
  if (!std::is_sorted(series.begin(), series.end(), less)) {
    std::sort(series.begin(), series.end(), less);
  }
}

// Takes off the topology labels that the pushed expression's result does not carry (plan.h).
void Strip(const Fetch& fetch, std::vector<StepSeries>& series) {
  if (fetch.strip_labels.empty()) return;
  for (StepSeries& one : series) {
    LabelsBuilder builder(one.labels);
    for (const std::string& name : fetch.strip_labels) builder.Delete(name);
    one.labels = builder.Build();
  }
}

void KeepMatching(const Fetch& fetch, std::vector<RawSeries>& series) {
  if (fetch.residual.empty()) return;
  std::erase_if(series, [&](const RawSeries& one) {
    return !std::all_of(
        fetch.residual.begin(), fetch.residual.end(),
        [&](const promql::Matcher& matcher) { return matcher.Matches(one.labels); });
  });
}

// Where each point of `wanted` lies in `have`; empty when one does not.
std::vector<size_t> IndexesIn(const Grid& have, const Grid& wanted) {
  std::vector<size_t> indexes;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const int64_t distance = wanted.at(i) - have.start;
    const bool on_grid = distance >= 0 && distance % have.step == 0 &&
                         static_cast<size_t>(distance / have.step) < have.size();
    if (!on_grid) return {};
    indexes.push_back(static_cast<size_t>(distance / have.step));
  }
  return indexes;
}

bool SamePoints(const Grid& a, const Grid& b) {
  return a.size() == b.size() && a.start == b.start && (a.size() <= 1 || a.step == b.step);
}

}  // namespace

absl::StatusOr<FetchedData> FetchedData::Merge(const promql::Plan& plan, const Reach& reach,
                                               FetchResult& result) {
  FetchedData data(plan);
  std::vector<std::vector<ShardPart<RawSeries>>> raw(plan.fetches.size());
  std::vector<std::vector<ShardPart<StepSeries>>> steps(plan.fetches.size());
  std::vector<std::vector<RawSeries>> own(plan.fetches.size());
  for (FetchedPart& part : result.parts) {
    const auto id = static_cast<size_t>(part.fetch);
    const promql::TopologyShard& place = reach.shards[part.shard].place;
    if (auto* answer = std::get_if<RawAnswer>(&part.answer)) {
      KeepMatching(plan.fetches[id], answer->series);
      SortByLabels(answer->series);
      if (reach.IsOwn(part.shard)) {
        own[id] = std::move(answer->series);
      } else {
        raw[id].push_back({SourceName(place), std::move(answer->series)});
      }
    } else if (auto* step_answer = std::get_if<StepAnswer>(&part.answer)) {
      Strip(plan.fetches[id], step_answer->series);
      SortByLabels(step_answer->series);
      steps[id].push_back({SourceName(place), std::move(step_answer->series)});
    }
    data.merged_[id].memory.push_back(std::move(part.memory));
    part.answer = std::monostate();
  }
  for (size_t id = 0; id < plan.fetches.size(); ++id) {
    RETURN_IF_ERROR(AddOwn(std::move(own[id]), raw[id]));
    ASSIGN_OR_RETURN(data.merged_[id].raw, MergeShards(std::move(raw[id])));
    ASSIGN_OR_RETURN(data.merged_[id].steps, MergeShards(std::move(steps[id])));
  }
  return data;
}

absl::StatusOr<PointUnion> FetchedData::MergePoints(const Reach& reach, FetchResult& result) {
  std::vector<PointTexts> points;
  for (FetchedPart& part : result.parts) {
    auto& answer = std::get<StepAnswer>(part.answer);
    points.push_back(answer.texts ? *std::move(answer.texts) : PointTexts::Of(answer.series));
    part.answer = std::monostate();
  }
  PointUnion all(std::move(points));
  if (!all.repeated().empty()) {
    const PointUnion::Place& first = all.repeated()[0];
    const PointUnion::Place& again = all.repeated()[1];
    const auto source = [&](const PointUnion::Place& at) {
      return SourceName(reach.shards[result.parts[at.first].shard].place);
    };
    return SameSeries(all.LabelsAt(first), source(first), source(again));
  }
  return all;
}

absl::StatusOr<std::span<const RawSeries>> FetchedData::Raw(int fetch_id) {
  if (fetch_id < 0 || static_cast<size_t>(fetch_id) >= merged_.size()) {
    return MakeStatus(absl::StatusCode::kInternal, "no fetch {}", fetch_id);
  }
  return std::span<const RawSeries>(merged_[static_cast<size_t>(fetch_id)].raw);
}

std::vector<std::vector<RawSeries>> FetchedData::TakeRaw(
    std::vector<std::shared_ptr<LegMemory>>& memory) {
  std::vector<std::vector<RawSeries>> all;
  for (Merged& merged : merged_) {
    all.push_back(std::move(merged.raw));
    std::move(merged.memory.begin(), merged.memory.end(), std::back_inserter(memory));
  }
  return all;
}

absl::StatusOr<std::span<const StepSeries>> FetchedData::Steps(int fetch_id, const Grid& grid) {
  if (fetch_id < 0 || static_cast<size_t>(fetch_id) >= merged_.size()) {
    return MakeStatus(absl::StatusCode::kInternal, "no fetch {}", fetch_id);
  }
  Merged& merged = merged_[static_cast<size_t>(fetch_id)];
  const Grid& have = plan_->fetches[static_cast<size_t>(fetch_id)].grid;
  if (SamePoints(have, grid)) return std::span<const StepSeries>(merged.steps);
  for (const auto& [known, view] : merged.views) {
    if (SamePoints(known, grid)) return std::span<const StepSeries>(view);
  }
  const std::vector<size_t> indexes = IndexesIn(have, grid);
  if (indexes.size() != grid.size()) {
    return MakeStatus(absl::StatusCode::kInternal,
                      "fetch {} has steps {}..{} by {}, asked for {}..{} by {}", fetch_id,
                      have.start, have.end, have.step, grid.start, grid.end, grid.step);
  }
  std::vector<StepSeries> view;
  view.reserve(merged.steps.size());
  for (const StepSeries& series : merged.steps) {
    StepSeries& out = view.emplace_back();
    out.labels = series.labels;
    for (const size_t index : indexes) out.values.push_back(series.values[index]);
  }
  // Spans of earlier views stay valid: moving the outer vector does not move what they point to.
  return std::span<const StepSeries>(merged.views.emplace_back(grid, std::move(view)).second);
}

}  // namespace synoptic::aggregator
