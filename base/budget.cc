// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/budget.h"

#include "base/status.h"

namespace synoptic {

absl::Status MemoryBudget::Charge(int64_t bytes) {
  const int64_t now = used_.fetch_add(bytes) + bytes;
  if (limit_ > 0 && now > limit_) {
    used_.fetch_sub(bytes);
    return MakeStatus(absl::StatusCode::kResourceExhausted,
                      "{}: limit of {} bytes reached ({} bytes held, {} more asked for)", name_,
                      limit_, now - bytes, bytes);
  }
  if (parent_ != nullptr) {
    if (absl::Status status = parent_->Charge(bytes); !status.ok()) {
      used_.fetch_sub(bytes);
      return status;
    }
  }
  int64_t peak = peak_.load(std::memory_order_relaxed);
  while (now > peak && !peak_.compare_exchange_weak(peak, now)) {
  }
  return absl::OkStatus();
}

void MemoryBudget::Release(int64_t bytes) {
  used_.fetch_sub(bytes);
  if (parent_ != nullptr) parent_->Release(bytes);
}

}  // namespace synoptic
