// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/rule/rule_samples.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "base/status.h"

namespace synoptic::alerting {

absl::StatusOr<std::vector<RecordedSample>> RecordingSamples(const Rule& rule, int limit,
                                                             const RuleAnswer& answer) {
  std::vector<RecordedSample> samples;
  samples.reserve(answer.elements.size());
  absl::flat_hash_set<promql::Labels, promql::LabelsHash> unique;
  promql::LabelsBuilder labels;
  for (const RuleAnswer::Element& element : answer.elements) {
    labels.Reset(element.labels);
    labels.Set(promql::kMetricName, rule.record);
    for (const auto& [name, value] : rule.labels) labels.Set(name, value);
    samples.push_back({labels.Build(), element.value, element.histogram});
    if (answer.elements.size() > 1 && !unique.insert(samples.back().labels).second) {
      return InvalidArgument(
          "vector contains metrics with the same labelset after applying rule labels");
    }
  }
  if (limit > 0 && static_cast<int>(samples.size()) > limit) {
    return InvalidArgument("exceeded limit of {} with {} series", limit, samples.size());
  }
  return samples;
}

std::vector<RecordedSample> AlertSamples(const Rule& rule, const RuleState& state) {
  std::vector<RecordedSample> samples;
  // A label whose template came out empty is written as its template, as in Prometheus.
  const promql::Labels base = promql::Labels::From({rule.labels.begin(), rule.labels.end()});
  promql::LabelsBuilder labels;
  for (const auto& [own, alert] : state.alerts) {
    if (alert.status == AlertStatus::kInactive) continue;
    if (samples.size() >= 2 * kMostAlertsWithHistory) break;
    labels.Reset(base);
    for (const promql::Label label : own) labels.Set(label.name, label.value);
    labels.Set(promql::kMetricName, kAlertsForStateMetric);
    const promql::Labels for_state = labels.Build();
    labels.Set(promql::kMetricName, kAlertsMetric);
    labels.Set("alertstate", alert.status == AlertStatus::kFiring ? "firing" : "pending");
    samples.push_back({labels.Build(), 1});
    samples.push_back({for_state, static_cast<double>(alert.active_at_ms / 1000)});
  }
  return samples;
}

void EndVanished(const StepInput::Unseen& unseen, std::set<promql::Labels>& before,
                 std::vector<RecordedSample>& samples) {
  const auto known = [&](const RecordedSample& sample) { return before.contains(sample.labels); };
  if (samples.size() == before.size() && std::all_of(samples.begin(), samples.end(), known)) {
    return;  // as at nearly every evaluation
  }
  std::set<promql::Labels> now;
  for (const RecordedSample& sample : samples) now.insert(sample.labels);
  for (const promql::Labels& labels : before) {
    if (now.contains(labels)) continue;
    if (unseen.Covers(labels)) {
      now.insert(labels);
    } else {
      samples.push_back({labels, promql::StaleNaN()});
    }
  }
  before = std::move(now);
}

}  // namespace synoptic::alerting
