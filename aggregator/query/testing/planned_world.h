// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Random series spread over fake shards, and an expression evaluated over them in several ways:
// over the union of all series as one Prometheus would, or through a plan. For property tests.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "aggregator/query/testing/fake_shard.h"
#include "base/fake_clock.h"
#include "promql/model/grid.h"
#include "promql/model/series.h"
#include "promql/model/topology.h"
#include "promql/plan/histograms.h"

namespace synoptic::aggregator {

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  int Below(int n) { return static_cast<int>(engine_() % static_cast<uint64_t>(n)); }
  bool OneIn(int n) { return Below(n) == 0; }
  double Value() { return std::uniform_real_distribution<>(0.1, 100)(engine_); }
  template <class T>
  const T& Of(const std::vector<T>& from) {
    return from[static_cast<size_t>(Below(static_cast<int>(from.size())))];
  }

 private:
  std::mt19937_64 engine_;
};

struct PlannedWorld {
  promql::Topology topology;
  FakeClock clock;
  std::vector<std::unique_ptr<FakeShard>> shards;
  std::vector<promql::RawSeries> all;
  // Of these metrics the planner knows that they have native histograms.
  promql::HistogramMetrics histograms;
};

// Two regions, or three with four shards, of which one is not labelled.
promql::Topology RandomTopology(bool sharded);
// Gives every shard the series that `data` makes for it.
void Populate(PlannedWorld& world, const std::function<std::vector<promql::RawSeries>()>& data);

// A series of an answer: histograms as text, empty where there is none.
struct AnswerRow {
  std::vector<double> values;
  std::vector<std::string> histograms;
};
using AnswerRows = std::map<std::string, AnswerRow>;

absl::StatusOr<AnswerRows> OverUnion(const std::string& text, const promql::Grid& grid,
                                     const PlannedWorld& world);
// `explained` is set to the plan, for messages. A native histogram in what a shard computed is an
// error: its JSON would not carry it whole.
absl::StatusOr<AnswerRows> Planned(const std::string& text, const promql::Grid& grid,
                                   const PlannedWorld& world, bool pushdown,
                                   std::string* explained);

// What the answers differ in; "" for nothing but the rounding of floats that were added up.
std::string Difference(const AnswerRows& want, const AnswerRows& got);

}  // namespace synoptic::aggregator
