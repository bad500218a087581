// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Synoptic's own metrics: a small facade over prometheus-cpp.
//
// Handles are cheap copies that point into the registry, which must outlive them. Asking twice for
// one name and label set gives the same metric. Thread-safe. A module lists its metrics in one
// `metrics.{h,cc}` of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace synoptic {

class Counter {
 public:
  Counter() = default;  // counts nowhere
  explicit Counter(prometheus::Counter* counter) : counter_(counter) {}
  void Increment(double by = 1) const;
  double value() const;

 private:
  prometheus::Counter* counter_ = nullptr;
};

class Gauge {
 public:
  Gauge() = default;
  explicit Gauge(prometheus::Gauge* gauge) : gauge_(gauge) {}
  void Set(double value) const;
  void Add(double by) const;
  double value() const;

 private:
  prometheus::Gauge* gauge_ = nullptr;
};

class Histogram {
 public:
  Histogram() = default;
  explicit Histogram(prometheus::Histogram* histogram) : histogram_(histogram) {}
  void Observe(double value) const;

 private:
  prometheus::Histogram* histogram_ = nullptr;
};

// Seconds: 1 ms to 60 s.
std::vector<double> DefaultDurationBuckets();

class Metrics {
 public:
  using LabelMap = std::map<std::string, std::string>;

  Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;
  ~Metrics();

  // `name` is complete: synoptic_query_partial_total. REQUIRES: one kind and help a name.
  synoptic::Counter Counter(std::string_view name, std::string_view help, LabelMap labels = {});
  synoptic::Gauge Gauge(std::string_view name, std::string_view help, LabelMap labels = {});
  synoptic::Histogram Histogram(std::string_view name, std::string_view help, LabelMap labels = {},
                                std::vector<double> buckets = DefaultDurationBuckets());
  // Removes a label set that no longer exists (a region taken out of the configuration). Its
  // handles must be gone.
  void RemoveGauge(std::string_view name, const LabelMap& labels);

  // Runs before every exposition: for gauges that are cheaper to read than to keep.
  void OnCollect(std::function<void()> update);

  // Text exposition format 0.0.4, families sorted by name.
  std::string Expose() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace synoptic
