// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// An alert on its way out, and where it goes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "promql/model/labels.h"

namespace synoptic::alerting {

// Identity is the label set alone, as in Alertmanager.
struct OutgoingAlert {
  promql::Labels labels;
  std::map<std::string, std::string> annotations;
  int64_t starts_at_ms = 0;
  int64_t ends_at_ms = 0;  // in the future while firing
  std::string generator_url;
};

// Takes alerts for delivery. Whatever it takes it sends until accepted or replaced by a newer
// state of the same alert. Called on the event loop.
class AlertSink {
 public:
  virtual ~AlertSink() = default;
  virtual void Deliver(const std::vector<OutgoingAlert>& alerts) = 0;
};

}  // namespace synoptic::alerting
