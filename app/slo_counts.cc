// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/slo_counts.h"

#include <xxhash.h>

#include <algorithm>

#include "alerting/slo/rules.h"
#include "base/status.h"
#include "promql/model/mixed_samples.h"

namespace synoptic::app {
namespace {

using alerting::SloTracker;

constexpr char kAll[] = "synoptic_slo_events";
constexpr char kBad[] = "synoptic_slo_bad_events";

std::string SlotText(int64_t ms) { return alerting::WindowText(ms / 1000); }

}  // namespace

SloSeries::SloSeries(const alerting::Slo& slo, std::vector<std::string> regions)
    : name_(slo.name), service_(slo.service), regions_(std::move(regions)) {
  const std::string counted = slo.sli.RatioOver("1m") + (slo.sli.by_region ? "|by region" : "");
  sli_ = fmt::format("{:016x}", XXH3_64bits(counted.data(), counted.size()));
}

promql::Labels SloSeries::LabelsOf(const Kept& slot, int64_t slot_ms, bool bad) const {
  std::vector<std::pair<std::string, std::string>> labels = {
      {std::string(promql::kMetricName), bad ? kBad : kAll},
      {"service", service_},
      {"slo", name_},
      {"slot", SlotText(slot_ms)},
      {"sli", sli_}};
  if (!regions_.empty()) labels.emplace_back("region", regions_[slot.region]);
  if (slot.range_ms != slot_ms) labels.emplace_back("over", SlotText(slot.range_ms));
  return promql::Labels::From(std::move(labels));
}

std::vector<promql::Matcher> SloSeries::Selector() const {
  using promql::Matcher;
  using promql::MatchOp;
  return {*Matcher::Create(MatchOp::kRegex, std::string(promql::kMetricName),
                           fmt::format("{}|{}", kAll, kBad)),
          *Matcher::Create(MatchOp::kEqual, "slo", name_),
          *Matcher::Create(MatchOp::kEqual, "service", service_),
          *Matcher::Create(MatchOp::kEqual, "sli", sli_)};
}

absl::StatusOr<std::vector<SloSeries::Kept>> SloSeries::Read(
    const std::vector<promql::RawSeries>& series, int64_t fine_ms, int64_t coarse_ms) const {
  std::vector<Kept> all;
  for (const promql::RawSeries& one : series) {
    if (one.labels.Get(promql::kMetricName) != kAll) continue;
    Kept slot;
    const std::string_view length = one.labels.Get("slot");
    if (length == SlotText(fine_ms)) {
      slot.grain = SloTracker::Grain::kFine;
    } else if (length == SlotText(coarse_ms)) {
      slot.grain = SloTracker::Grain::kCoarse;
    } else {
      continue;  // of another period
    }
    const int64_t slot_ms = slot.grain == SloTracker::Grain::kFine ? fine_ms : coarse_ms;
    if (!regions_.empty()) {
      const auto it = std::find(regions_.begin(), regions_.end(), one.labels.Get("region"));
      if (it == regions_.end()) continue;
      slot.region = static_cast<size_t>(it - regions_.begin());
    }
    slot.range_ms = slot_ms;
    for (const int64_t minutes : {5, 15, 60}) {
      if (one.labels.Get("over") == SlotText(minutes * 60'000)) slot.range_ms = minutes * 60'000;
    }
    const promql::Labels bad_labels = LabelsOf(slot, slot_ms, /*bad=*/true);
    const auto bad = std::find_if(series.begin(), series.end(),
                                  [&](const auto& other) { return other.labels == bad_labels; });
    if (bad == series.end()) continue;
    ASSIGN_OR_RETURN(const promql::MixedSamples totals, promql::ReadMixed(one));
    ASSIGN_OR_RETURN(const promql::MixedSamples bads, promql::ReadMixed(*bad));
    auto next = bads.begin();
    for (const promql::MixedSample& total : totals) {
      while (next != bads.end() && next->t < total.t) ++next;
      if (next == bads.end() || next->t != total.t) continue;
      slot.end_ms = total.t;
      slot.bad = next->v;
      slot.total = total.v;
      all.push_back(slot);
    }
  }
  return all;
}

bool SloSeries::Advance(const Kept& slot) {
  int64_t& newest = newest_[{slot.grain, slot.region, slot.range_ms}];
  if (slot.end_ms <= newest) return false;
  newest = slot.end_ms;
  return true;
}

void SloNews::Add(SloSeries& series, alerting::SloTracker& tracker) {
  // Few series, many times: labels are made once.
  struct Pair {
    promql::Labels all, bad;
  };
  std::map<std::tuple<SloTracker::Grain, size_t, int64_t>, Pair> made;
  for (const SloTracker::Kept& slot : tracker.TakeNews()) {
    Pair& labels = made[{slot.grain, slot.region, slot.range_ms}];
    if (labels.all.empty()) {
      const int64_t slot_ms = tracker.slot_ms(slot.grain);
      labels = {series.LabelsOf(slot, slot_ms, false), series.LabelsOf(slot, slot_ms, true)};
    }
    if (series.Advance(slot)) {
      rising_[slot.end_ms].push_back({labels.all, slot.total});
      rising_[slot.end_ms].push_back({labels.bad, slot.bad});
    } else {
      older_.push_back({labels.all, slot.end_ms, slot.total});
      older_.push_back({labels.bad, slot.end_ms, slot.bad});
    }
  }
}

absl::Status SloNews::Write(aggregator::SeriesStore& store) const {
  absl::Status first;
  const int64_t oldest = store.stats().min_t;
  for (const auto& [time_ms, samples] : rising_) {
    if (time_ms >= oldest) first.Update(store.Append(time_ms, samples));
  }
  if (!older_.empty()) first.Update(store.Insert(older_).status());
  return first;
}

}  // namespace synoptic::app
