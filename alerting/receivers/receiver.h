// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A receiver: one way in which alerts leave the process. One pair of files each.
#pragma once

#include <span>
#include <string>

#include "alerting/rule/outgoing_alert.h"
#include "net/async/deadline.h"
#include "net/async/task.h"

namespace synoptic::alerting {

// Thread-safe.
class Receiver {
 public:
  virtual ~Receiver() = default;
  // Shown in logs and metrics; without credentials.
  virtual const std::string& name() const = 0;
  // Sends one batch. OK: accepted. InvalidArgument: the receiver found fault with some of them (and
  // may have taken the others); sending the same again is no use. Anything else is worth a retry.
  // ResourceExhausted: the batch is too large.
  virtual Task<> Send(std::vector<OutgoingAlert> alerts, Deadline deadline) = 0;
};

}  // namespace synoptic::alerting
