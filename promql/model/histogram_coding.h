// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// How histogram chunks spell what their samples are made of. Reader and writer keep the same state
// and step it in the same way. Private to promql/model.
//
//   chunk    header layout sample...
//   header   16 bits of samples, 2 of counter reset, 6 unused; with start times: 2 of counter
//            reset, 14 of samples, 8 of StartTimes
//   layout   zero threshold, schema, positive spans, negative spans, custom bounds
//   sample   time, count, zero count, sum, positive buckets, negative buckets, start time
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "promql/model/bit_reader.h"
#include "promql/model/bit_writer.h"
#include "promql/model/histogram_internal.h"

namespace synoptic::promql::internal {

inline constexpr size_t kHistogramHeaderBytes = 3;
inline constexpr size_t kMostSamples = 0xFFFF;
inline constexpr size_t kMostSamplesWithStart = 0x3FFF;

// What all samples of a chunk have in common.
struct HistogramLayout {
  int32_t schema = 0;
  double zero_threshold = 0;
  SharedVector<HistogramSpan> positive_spans;
  SharedVector<HistogramSpan> negative_spans;
  SharedVector<double> custom_values;
};

// What reading a layout takes its memory from, to be used again for the next chunk.
struct LayoutScratch {
  std::vector<HistogramSpan> spans;
  std::vector<double> bounds;
};

// DataLoss when the layout claims more than the bytes can hold, or is none that a histogram can
// have; so indexes fit into 32 bits. What `layout` has already and is the same stays the same
// memory.
absl::Status ReadLayout(BitReader& in, HistogramLayout& layout, LayoutScratch& scratch);
void WriteLayout(const HistogramLayout& layout, BitWriter& out);

// Start times, which mostly stay. The header byte says whether the first is known and at which
// sample changes begin; from there each sample has the distance to the sample before it.
class StartTimes {
 public:
  explicit StartTimes(uint8_t header = 0)
      : first_known_((header & 0x80) != 0), change_on_(header & 0x7F) {}
  uint8_t header() const {
    return static_cast<uint8_t>((first_known_ ? 0x80 : 0) | static_cast<int>(change_on_));
  }
  int64_t at() const { return start_; }

  // Behind sample `number` (from 0) at `t`. False: a bad varint.
  bool Read(BitReader& in, size_t number, int64_t t, int64_t previous_t);
  void Write(BitWriter& out, size_t number, int64_t t, int64_t previous_t, int64_t start);

 private:
  bool first_known_ = false;
  size_t change_on_ = 0;  // 0: never so far
  int64_t start_ = 0;
  uint64_t distance_ = 0;
};

// Counts that are integers: changes of changes, as variable runs of bits.
struct IntegerCoding {
  using Count = uint64_t;
  using Bucket = int64_t;  // difference to the bucket before

  uint64_t count = 0;
  uint64_t zero_count = 0;
  uint64_t count_change = 0;
  uint64_t zero_change = 0;
  std::vector<int64_t> buckets;
  std::vector<int64_t> changes;  // since the sample before
  std::vector<int64_t> read;     // how they changed in turn

  // As for the first sample of a chunk with so many buckets.
  void Begin(size_t size) {
    count_change = zero_change = 0;
    buckets.assign(size, 0);
    changes.assign(size, 0);
    read.resize(size);
  }
  void ReadFirstCounts(BitReader& in) {
    count = in.ReadVarbitUnsigned();
    zero_count = in.ReadVarbitUnsigned();
  }
  bool ReadCounts(BitReader& in) {
    if (!in.SkipZeros(2)) {
      count_change += static_cast<uint64_t>(in.ReadVarbit());
      zero_change += static_cast<uint64_t>(in.ReadVarbit());
    }
    count += count_change;
    zero_count += zero_change;
    return true;
  }
  bool ReadFirstBuckets(BitReader& in);
  bool ReadBuckets(BitReader& in);
  // Absolute counts of the buckets [first, last), from `out` on.
  void Absolute(size_t first, size_t last, double* out) const;

  void WriteFirst(BitWriter& out, uint64_t new_count, uint64_t new_zero);
  void WriteCounts(BitWriter& out, uint64_t new_count, uint64_t new_zero, bool stale);
  void WriteFirstBucket(BitWriter& out, size_t i, int64_t value);
  void WriteBucket(BitWriter& out, size_t i, int64_t value);
};

// Counts that are floats: which bits changed.
struct FloatCoding {
  using Count = double;
  using Bucket = double;
  struct Value {
    uint64_t bits = 0;
    ReadWindow read;
    WrittenWindow written;
  };

  Value count;
  Value zero_count;
  std::vector<Value> buckets;

  void Begin(size_t size) {
    count = zero_count = {};
    buckets.assign(size, {});
  }
  void ReadFirstCounts(BitReader& in) {
    count.bits = in.Read(64);
    zero_count.bits = in.Read(64);
  }
  bool ReadCounts(BitReader& in) {
    return ReadXor(in, count.read, count.bits) && ReadXor(in, zero_count.read, zero_count.bits);
  }
  bool ReadFirstBuckets(BitReader& in);
  bool ReadBuckets(BitReader& in);
  void Absolute(size_t first, size_t last, double* out) const;

  void WriteFirst(BitWriter& out, double new_count, double new_zero);
  void WriteCounts(BitWriter& out, double new_count, double new_zero, bool stale);
  void WriteFirstBucket(BitWriter& out, size_t i, double value);
  void WriteBucket(BitWriter& out, size_t i, double value);
};

// What reading a chunk leaves behind for the next one: memory, and the layout, which mostly stays.
struct HistogramScratch {
  HistogramLayout layout;
  LayoutScratch layout_scratch;
  IntegerCoding integers;
  FloatCoding floats;
};

}  // namespace synoptic::promql::internal
