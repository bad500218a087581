// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/notify/replica_turns.h"

#include <algorithm>
#include <utility>

namespace synoptic::alerting {
namespace {

// After a start or a change, until then a replica that has not answered may be the first.
constexpr MonoDuration kGreeting = std::chrono::seconds(1);

}  // namespace

void ReplicaTurns::Set(std::string own_name, MonoDuration interval) {
  name_ = std::move(own_name);
  interval_ = interval;
  set_at_ = clock_.Mono();
}

MonoDuration ReplicaTurns::Wait() const {
  const Place place = peers_.PlaceOf(name_);
  MonoDuration wait = 3 * interval_ * place.before;
  if (!place.certain && clock_.Mono() - set_at_ < kGreeting) wait = std::max(wait, kGreeting);
  return wait;
}

void ReplicaTurns::Delivered(std::string key) {
  if (peers_.has_replicas()) own_.Add(std::move(key));
}

}  // namespace synoptic::alerting
