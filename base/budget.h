// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Byte budgets: what a query may hold in memory, charged as bytes arrive and before they are kept.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"

namespace synoptic {

// A limit in bytes, optionally inside a parent's (a query's inside the process'). Thread-safe.
class MemoryBudget {
 public:
  // `name` appears in errors: "query memory". `limit` <= 0 means no limit.
  MemoryBudget(std::string name, int64_t limit, MemoryBudget* parent = nullptr)
      : name_(std::move(name)), limit_(limit), parent_(parent) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;
  ~MemoryBudget() {
    if (parent_ != nullptr) parent_->Release(used_.load());
  }

  // ResourceExhausted, naming the budget, its limit and the request, when it does not fit; then
  // nothing was charged.
  absl::Status Charge(int64_t bytes);
  void Release(int64_t bytes);
  int64_t used() const { return used_.load(std::memory_order_relaxed); }
  int64_t peak() const { return peak_.load(std::memory_order_relaxed); }
  int64_t limit() const { return limit_; }

 private:
  const std::string name_;
  const int64_t limit_;
  MemoryBudget* const parent_;
  std::atomic<int64_t> used_{0};
  std::atomic<int64_t> peak_{0};
};

// Bytes held until destruction. Movable.
class Reservation {
 public:
  explicit Reservation(MemoryBudget* budget = nullptr) : budget_(budget) {}
  Reservation(Reservation&& other) noexcept
      : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  Reservation& operator=(Reservation&& other) noexcept {
    if (this != &other) {
      Reset();
      budget_ = std::exchange(other.budget_, nullptr);
      bytes_ = std::exchange(other.bytes_, 0);
    }
    return *this;
  }
  ~Reservation() { Reset(); }
  // Adds to what is held.
  absl::Status Grow(int64_t bytes) {
    if (budget_ != nullptr) {
      if (absl::Status status = budget_->Charge(bytes); !status.ok()) return status;
    }
    bytes_ += bytes;
    return absl::OkStatus();
  }
  void Reset() {
    if (budget_ != nullptr && bytes_ != 0) budget_->Release(bytes_);
    bytes_ = 0;
  }
  // Lets go without releasing: the bytes stay charged and are the caller's to release.
  int64_t Detach() { return std::exchange(bytes_, 0); }
  // An empty one of the same budget.
  Reservation Sibling() const { return Reservation(budget_); }
  int64_t bytes() const { return bytes_; }

 private:
  MemoryBudget* budget_;
  int64_t bytes_ = 0;
};

}  // namespace synoptic
