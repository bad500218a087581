// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/own_series.h"

#include <algorithm>

#include "aggregator/query/service.h"
#include "base/status.h"
#include "promql/model/mixed_samples.h"

namespace synoptic::aggregator {
namespace {

using promql::MixedSample;
using promql::MixedSamples;
using promql::RawSeries;

absl::Status Surround(RawSeries& own, const RawSeries& theirs) {
  ASSIGN_OR_RETURN(MixedSamples inner, promql::ReadMixed(own));
  ASSIGN_OR_RETURN(MixedSamples outer, promql::ReadMixed(theirs));
  if (!inner.empty()) {
    std::erase_if(outer, [&](const MixedSample& sample) {
      return sample.t >= inner.front().t && sample.t <= inner.back().t;
    });
  }
  MixedSamples all;
  all.reserve(inner.size() + outer.size());
  std::merge(inner.begin(), inner.end(), outer.begin(), outer.end(), std::back_inserter(all),
             [](const MixedSample& a, const MixedSample& b) { return a.t < b.t; });
  for (MixedSample& sample : all) promql::ForgetResetHint(sample);
  promql::SetMixed(std::move(all), own);
  return absl::OkStatus();
}

RawSeries* FindIn(std::vector<RawSeries>& series, const promql::Labels& labels) {
  const auto found = std::lower_bound(
      series.begin(), series.end(), labels,
      [](const RawSeries& one, const promql::Labels& wanted) { return one.labels < wanted; });
  return found != series.end() && found->labels == labels ? &*found : nullptr;
}

}  // namespace

absl::Status AddOwn(std::vector<RawSeries> own, std::vector<ShardPart<RawSeries>>& parts) {
  if (own.empty()) return absl::OkStatus();
  for (ShardPart<RawSeries>& part : parts) {
    if (part.series.empty()) continue;
    std::vector<promql::Labels> taken;
    for (RawSeries& one : own) {
      const RawSeries* theirs = FindIn(part.series, one.labels);
      if (theirs == nullptr) continue;
      RETURN_IF_ERROR(Surround(one, *theirs));
      taken.push_back(one.labels);
    }
    std::erase_if(part.series, [&](const RawSeries& one) {
      return std::binary_search(taken.begin(), taken.end(), one.labels);
    });
  }
  parts.push_back({kOwnRegion, std::move(own)});
  return absl::OkStatus();
}

}  // namespace synoptic::aggregator
