// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// An alert on its way out, and where it goes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "alerting/rule/annotations.h"
#include "alerting/rule/shared_text.h"
#include "alerting/rule/tier.h"
#include "alerting/store/record.h"
#include "net/async/task.h"
#include "promql/model/labels.h"

namespace synoptic::alerting {

// Identity is the label set alone, as in Alertmanager.
struct OutgoingAlert {
  promql::Labels labels;
  Annotations annotations;
  int64_t starts_at_ms = 0;
  int64_t ends_at_ms = 0;  // in the future while firing
  // Firing: how long it is valid after it was sent; `ends_at_ms` moves when it has to wait. 0 when
  // it is resolved.
  int64_t valid_for_ms = 0;
  SharedText generator_url;
  Tier tier = Tier::kGlobal;
  SharedText suppressed_by;  // the alert that stands for it now: show it, page nobody
  bool transition = false;   // nobody was told this state before; otherwise a repetition

  bool firing() const { return valid_for_ms > 0; }
};

// Takes alerts for delivery. Called on the event loop.
class AlertSink {
 public:
  virtual ~AlertSink() = default;
  // State that changed and that nobody has to be told: on disk soon.
  virtual void Keep(Records /*state*/) {}
  // Whatever it takes it sends until accepted or replaced by a newer state of the same alert.
  // `state` says that they are sent: both are on disk, or neither, before anything leaves. Returns
  // when the alerts are on their way, if need be without a disk. An error is a cancellation.
  virtual Task<> Deliver(std::vector<OutgoingAlert> alerts, Records state) = 0;
  // Alerts of this tier are for others to send just now: they are asked for again later.
  virtual bool Mutes(Tier /*tier*/) const { return false; }
};

}  // namespace synoptic::alerting
