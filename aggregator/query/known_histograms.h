// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Metrics that turned out to hold native histograms, so that the next query over them is planned
// right at once. Forgotten after an hour: planning such a metric raw is always exact, merely slower
// should it hold floats by then. Used on one executor.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "promql/plan/histograms.h"

namespace synoptic::aggregator {

class KnownHistograms {
 public:
  // A snapshot; not changed by what is learnt later.
  std::shared_ptr<const promql::HistogramMetrics> Get(MonoTime now);
  void Learn(const promql::HistogramMetrics& metrics, MonoTime now);

 private:
  void Forget(MonoTime now);
  std::map<std::string, MonoTime, std::less<>> until_;
  std::shared_ptr<const promql::HistogramMetrics> snapshot_ =
      std::make_shared<const promql::HistogramMetrics>();
};

}  // namespace synoptic::aggregator
