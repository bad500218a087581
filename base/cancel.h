// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A flag that long CPU work looks at often; set by a deadline or by a client that left.
#pragma once

#include <atomic>
#include <memory>

namespace synoptic {

enum class CancelReason { kNone, kCancelled, kDeadline };

// Thread-safe; shared by everyone who works on one query.
class CancelToken {
 public:
  void Cancel(CancelReason reason) {
    CancelReason expected = CancelReason::kNone;
    reason_.compare_exchange_strong(expected, reason);
  }
  CancelReason reason() const { return reason_.load(std::memory_order_relaxed); }
  bool cancelled() const { return reason() != CancelReason::kNone; }

 private:
  std::atomic<CancelReason> reason_{CancelReason::kNone};
};

}  // namespace synoptic
