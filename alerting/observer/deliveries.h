// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Which transitions a replica has delivered, by their keys: its own, as it tells the others
// (GET /api/v1/synoptic/deliveries), and those of another, as far as they were read.
//
// Both forget the oldest: whoever was told late of a delivery sends it once more, with the same
// key. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"

namespace synoptic::alerting {

// Some transitions, and from where to ask for the next ones.
struct DeliveryPage {
  int64_t next = 0;
  std::vector<std::string> keys;
};

class DeliveryLog {
 public:
  // `first` numbers its first entry: greater than any number that the process before gave, for
  // which its start in microseconds will do.
  explicit DeliveryLog(int64_t first) : first_(first) {}

  void Add(std::string key);
  // Those numbered `since` and later; all, when that is no number of this log.
  DeliveryPage Since(int64_t since) const;

 private:
  int64_t first_;  // of the oldest that is kept
  std::deque<std::string> keys_;
};

class HeardDeliveries {
 public:
  void Add(DeliveryPage page);
  bool Has(const std::string& key) const { return keys_.contains(key); }
  int64_t next() const { return next_; }

 private:
  int64_t next_ = 0;
  absl::flat_hash_set<std::string> keys_;
  std::deque<std::string> order_;
};

// The `data` of the answer, and an answer's body.
std::string EncodeDeliveries(const DeliveryPage& page);
absl::StatusOr<DeliveryPage> DecodeDeliveries(std::string_view body);

}  // namespace synoptic::alerting
