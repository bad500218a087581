// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What one region counted, in slots of equal length, the newest `capacity` of them. Slots are
// added up in blocks, so that a window costs a few dozen additions however long it is. A slot may
// be counted again (the past is corrected): its block is added up anew, nothing drifts.
//
// A slot is named by its end, a multiple of its length. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace synoptic::alerting {

struct SlotSum {
  double bad = 0;
  double total = 0;
  int64_t seen = 0;  // slots that were counted
  double most = 0;   // the greatest total of a slot
};

class SlotCounts {
 public:
  SlotCounts(int64_t slot_ms, size_t capacity);
  int64_t slot_ms() const { return slot_ms_; }
  // Of the newest slot ever counted, this many back are kept.
  size_t capacity() const { return slots_.size(); }

  // Slots older than what is kept are ignored.
  void Set(int64_t end_ms, double bad, double total);
  bool Has(int64_t end_ms) const;
  // Of the slots that end in [first_ms, last_ms].
  SlotSum Over(int64_t first_ms, int64_t last_ms) const;
  // Additions made by Over since the beginning.
  size_t work() const { return work_; }

 private:
  struct Slot {
    double bad = 0;
    double total = 0;
    bool seen = false;
  };
  size_t IndexOf(int64_t number) const;
  bool Kept(int64_t number) const;
  void Refresh(size_t block);

  const int64_t slot_ms_;
  std::vector<Slot> slots_;
  std::vector<SlotSum> blocks_;
  int64_t newest_ = 0;  // number of the newest slot; 0: none yet
  mutable size_t work_ = 0;
};

}  // namespace synoptic::alerting
