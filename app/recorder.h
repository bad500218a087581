// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What rules record goes into the series store.
#pragma once

#include <memory>

#include "aggregator/store/series_store.h"
#include "alerting/rule/record_sink.h"
#include "app/missed_slots.h"

namespace synoptic::app {

class Recorder final : public alerting::RecordSink {
 public:
  // From now on; null: nothing is kept, and `why` says so.
  void SetStore(std::shared_ptr<aggregator::SeriesStore> store, std::string why = "");

  absl::Status Record(const alerting::RecordOrigin& origin, int64_t time_ms,
                      std::vector<alerting::RecordedSample> samples) override;
  std::vector<absl::Status> RecordAll(const alerting::RecordOrigin& group, int64_t time_ms,
                                      std::vector<alerting::RuleRecords> rules) override;
  void Missed(const alerting::RecordOrigin& origin, int64_t time_ms,
              std::string_view why) override {
    (void)why;  // the log and the rule's health say it
    missed_->Add(origin, time_ms);
  }
  // The oldest time that is kept. FailedPrecondition: nothing is.
  absl::StatusOr<int64_t> Oldest() const;
  const std::shared_ptr<MissedSlots>& missed() const { return missed_; }

 private:
  const std::shared_ptr<MissedSlots> missed_ = std::make_shared<MissedSlots>();
  std::shared_ptr<aggregator::SeriesStore> store_;
  std::string why_ = "recorded series: the store is not open";
};

}  // namespace synoptic::app
