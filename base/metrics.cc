// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/metrics.h"

#include <algorithm>
#include <unordered_map>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"
#include "prometheus/text_serializer.h"

namespace synoptic {

void Counter::Increment(double by) const {
  if (counter_ != nullptr) counter_->Increment(by);
}
double Counter::value() const { return counter_ != nullptr ? counter_->Value() : 0; }
void Gauge::Set(double value) const {
  if (gauge_ != nullptr) gauge_->Set(value);
}
void Gauge::Add(double by) const {
  if (gauge_ != nullptr) gauge_->Increment(by);
}
double Gauge::value() const { return gauge_ != nullptr ? gauge_->Value() : 0; }
void Histogram::Observe(double value) const {
  if (histogram_ != nullptr) histogram_->Observe(value);
}

std::vector<double> DefaultDurationBuckets() {
  return {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
}

struct Metrics::Impl {
  // Merge: asking again for a family of that name gives the one that exists.
  prometheus::Registry registry{prometheus::Registry::InsertBehavior::Merge};
  absl::Mutex mutex;
  std::map<std::string, prometheus::Family<prometheus::Gauge>*, std::less<>> gauge_families
      ABSL_GUARDED_BY(mutex);
  std::vector<std::function<void()>> updates ABSL_GUARDED_BY(mutex);

  prometheus::Family<prometheus::Gauge>& GaugeFamily(std::string_view name, std::string_view help) {
    absl::MutexLock lock(&mutex);
    const auto it = gauge_families.find(name);
    if (it != gauge_families.end()) return *it->second;
    auto& family =
        prometheus::BuildGauge().Name(std::string(name)).Help(std::string(help)).Register(registry);
    gauge_families.emplace(name, &family);
    return family;
  }
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

Counter Metrics::Counter(std::string_view name, std::string_view help, LabelMap labels) {
  auto& family = prometheus::BuildCounter()
                     .Name(std::string(name))
                     .Help(std::string(help))
                     .Register(impl_->registry);
  return synoptic::Counter(&family.Add(std::move(labels)));
}

Gauge Metrics::Gauge(std::string_view name, std::string_view help, LabelMap labels) {
  return synoptic::Gauge(&impl_->GaugeFamily(name, help).Add(std::move(labels)));
}

Histogram Metrics::Histogram(std::string_view name, std::string_view help, LabelMap labels,
                             std::vector<double> buckets) {
  auto& family = prometheus::BuildHistogram()
                     .Name(std::string(name))
                     .Help(std::string(help))
                     .Register(impl_->registry);
  return synoptic::Histogram(&family.Add(std::move(labels), std::move(buckets)));
}

void Metrics::RemoveGauge(std::string_view name, const LabelMap& labels) {
  absl::MutexLock lock(&impl_->mutex);
  const auto it = impl_->gauge_families.find(name);
  if (it == impl_->gauge_families.end()) return;
  it->second->Remove(&it->second->Add(labels));
}

void Metrics::OnCollect(std::function<void()> update) {
  absl::MutexLock lock(&impl_->mutex);
  impl_->updates.push_back(std::move(update));
}

std::string Metrics::Expose() const {
  std::vector<std::function<void()>> updates;
  {
    absl::MutexLock lock(&impl_->mutex);
    updates = impl_->updates;
  }
  for (const auto& update : updates) update();
  std::vector<prometheus::MetricFamily> families = impl_->registry.Collect();
  std::sort(families.begin(), families.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace synoptic
