// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Turns by names: the first of the replicas that are alive sends at once, each of the next waits
// three of the intervals in which they hear of each other longer than the one before it. Who is
// alone, or hears of nobody, is first.
#pragma once

#include <string>

#include "alerting/notify/turns.h"
#include "alerting/observer/deliveries.h"
#include "alerting/observer/peer_watch.h"

namespace synoptic::alerting {

class ReplicaTurns final : public Turns {
 public:
  // References outlive this object.
  ReplicaTurns(const PeerWatch& peers, const Clock& clock)
      : peers_(peers), clock_(clock), own_(clock.WallMillis() * 1000) {}

  // As which of the replicas this process is known, and how often they hear of each other.
  void Set(std::string own_name, MonoDuration interval);
  const DeliveryLog& own() const { return own_; }

  MonoDuration Wait() const override;
  bool DeliveredByOther(const std::string& key) const override { return peers_.Delivered(key); }
  void Delivered(std::string key) override;

 private:
  const PeerWatch& peers_;
  const Clock& clock_;
  DeliveryLog own_;
  std::string name_;
  MonoDuration interval_ = MonoDuration::zero();
  MonoTime set_at_{};
};

}  // namespace synoptic::alerting
