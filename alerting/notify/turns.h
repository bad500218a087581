// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Who of several replicas calls a receiver that is told each transition once. All of them hold each
// alert; the first in line sends it, the others drop it once they hear that it was delivered, and
// send it themselves when they hear nothing until their turn comes: rather twice than never.
#pragma once

#include <string>

#include "base/clock.h"

namespace synoptic::alerting {

// Lives on one serial executor; not thread-safe.
class Turns {
 public:
  virtual ~Turns() = default;
  // How long an alert is left to those before this process; zero when nobody is.
  virtual MonoDuration Wait() const = 0;
  // Keys are those of Receiver::KeyOf.
  virtual bool DeliveredByOther(const std::string& key) const = 0;
  virtual void Delivered(std::string key) = 0;
};

}  // namespace synoptic::alerting
