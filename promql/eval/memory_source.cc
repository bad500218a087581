// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/memory_source.h"

#include <algorithm>

#include "base/status.h"

namespace synoptic::promql {

MemorySource::MemorySource(std::vector<RawSeries> series) : series_(std::move(series)) {
  std::sort(series_.begin(), series_.end(),
            [](const RawSeries& a, const RawSeries& b) { return a.labels < b.labels; });
}

void MemorySource::Bind(Expr& expr) {
  if (expr.kind == ExprKind::kVectorSelector) {
    auto& selector = As<VectorSelector>(expr);
    selector.fetch_id = static_cast<int>(matchers_.size());
    matchers_.push_back(selector.matchers);
  }
  for (Expr* child : Children(expr)) Bind(*child);
}

void MemorySource::SetSteps(int fetch_id, std::vector<StepSeries> series) {
  steps_[fetch_id] = std::move(series);
}

absl::StatusOr<std::span<const RawSeries>> MemorySource::Raw(int fetch_id) {
  if (fetch_id < 0 || static_cast<size_t>(fetch_id) >= matchers_.size()) {
    return MakeStatus(absl::StatusCode::kInternal, "fetch {} is not bound to a selector", fetch_id);
  }
  const auto [it, inserted] = raw_.try_emplace(fetch_id);
  if (inserted) {
    const std::vector<Matcher>& matchers = matchers_[static_cast<size_t>(fetch_id)];
    for (const RawSeries& series : series_) {
      const bool selected = std::all_of(matchers.begin(), matchers.end(),
                                        [&](const Matcher& m) { return m.Matches(series.labels); });
      if (selected) it->second.push_back(series);
    }
  }
  return std::span<const RawSeries>(it->second);
}

absl::StatusOr<std::span<const StepSeries>> MemorySource::Steps(int fetch_id, const Grid&) {
  const auto it = steps_.find(fetch_id);
  if (it == steps_.end()) {
    return MakeStatus(absl::StatusCode::kInternal, "no steps for fetch {}", fetch_id);
  }
  return std::span<const StepSeries>(it->second);
}

}  // namespace synoptic::promql
