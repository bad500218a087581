// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/histogram_coding.h"

#include <algorithm>
#include <utility>

namespace synoptic::promql::internal {
namespace {

void WriteValue(BitWriter& out, FloatCoding::Value& value, double next) {
  const uint64_t bits = std::bit_cast<uint64_t>(next);
  WriteXor(bits ^ value.bits, value.written, out);
  value.bits = bits;
}

void WriteWhole(BitWriter& out, FloatCoding::Value& value, double next) {
  value.bits = std::bit_cast<uint64_t>(next);
  out.Write(value.bits, 64);
}

}  // namespace

bool StartTimes::Read(BitReader& in, size_t number, int64_t t, int64_t previous_t) {
  if (number == 0) {
    if (!first_known_) return true;
    int64_t distance;
    if (!in.ReadVarint(distance)) return false;
    start_ = static_cast<int64_t>(static_cast<uint64_t>(t) - static_cast<uint64_t>(distance));
    return true;
  }
  if (change_on_ == 0 || number < change_on_) return true;
  const uint64_t read = static_cast<uint64_t>(in.ReadVarbit());
  distance_ = number == change_on_ ? read : distance_ + read;
  start_ = static_cast<int64_t>(static_cast<uint64_t>(previous_t) - distance_);
  return true;
}

void StartTimes::Write(BitWriter& out, size_t number, int64_t t, int64_t previous_t,
                       int64_t start) {
  // The last sample the header can name: changes begin there even if there is none.
  constexpr size_t kLast = 0x7F;
  const uint64_t distance = static_cast<uint64_t>(previous_t) - static_cast<uint64_t>(start);
  if (number == 0) {
    first_known_ = start != 0;
    if (first_known_) {
      out.WriteVarint(
          static_cast<int64_t>(static_cast<uint64_t>(t) - static_cast<uint64_t>(start)));
    }
  } else if (change_on_ != 0) {
    out.WriteVarbit(static_cast<int64_t>(distance - distance_));
    distance_ = distance;
  } else if (start != start_ || number == kLast) {
    change_on_ = number;
    out.WriteVarbit(static_cast<int64_t>(distance));
    distance_ = distance;
  }
  start_ = start;
}

bool IntegerCoding::ReadFirstBuckets(BitReader& in) {
  in.ReadVarbits(buckets.data(), buckets.size());
  return true;
}

bool IntegerCoding::ReadBuckets(BitReader& in) {
  const size_t size = buckets.size();
  if (size - 1 < BitReader::kPeekBits && in.SkipZeros(static_cast<int>(size))) {
    // All go on as before, as counters do that are busy.
    for (size_t i = 0; i < size; ++i) {
      const uint64_t next = static_cast<uint64_t>(buckets[i]) + static_cast<uint64_t>(changes[i]);
      buckets[i] = static_cast<int64_t>(next);
    }
    return true;
  }
  std::ranges::fill(read, 0);
  in.ReadVarbits(read.data(), size);
  for (size_t i = 0; i < size; ++i) {
    // Wraps as the writer's arithmetic does.
    const uint64_t change = static_cast<uint64_t>(changes[i]) + static_cast<uint64_t>(read[i]);
    changes[i] = static_cast<int64_t>(change);
    buckets[i] = static_cast<int64_t>(static_cast<uint64_t>(buckets[i]) + change);
  }
  return true;
}

void IntegerCoding::Absolute(size_t first, size_t last, double* out) const {
  uint64_t count_here = 0;
  for (size_t i = first; i < last; ++i) {
    count_here += static_cast<uint64_t>(buckets[i]);
    out[i - first] = static_cast<double>(static_cast<int64_t>(count_here));
  }
}

void IntegerCoding::WriteFirst(BitWriter& out, uint64_t new_count, uint64_t new_zero) {
  out.WriteVarbitUnsigned(count = new_count);
  out.WriteVarbitUnsigned(zero_count = new_zero);
}

void IntegerCoding::WriteCounts(BitWriter& out, uint64_t new_count, uint64_t new_zero, bool stale) {
  const uint64_t new_change = new_count - count;
  const uint64_t new_zero_change = new_zero - zero_count;
  out.WriteVarbit(stale ? 0 : static_cast<int64_t>(new_change - count_change));
  out.WriteVarbit(stale ? 0 : static_cast<int64_t>(new_zero_change - zero_change));
  count = new_count;
  zero_count = new_zero;
  count_change = new_change;
  zero_change = new_zero_change;
}

void IntegerCoding::WriteFirstBucket(BitWriter& out, size_t i, int64_t value) {
  out.WriteVarbit(buckets[i] = value);
}

void IntegerCoding::WriteBucket(BitWriter& out, size_t i, int64_t value) {
  const uint64_t change = static_cast<uint64_t>(value) - static_cast<uint64_t>(buckets[i]);
  out.WriteVarbit(static_cast<int64_t>(change - static_cast<uint64_t>(changes[i])));
  changes[i] = static_cast<int64_t>(change);
  buckets[i] = value;
}

bool FloatCoding::ReadFirstBuckets(BitReader& in) {
  for (Value& bucket : buckets) bucket.bits = in.Read(64);
  return true;
}

bool FloatCoding::ReadBuckets(BitReader& in_out) {
  BitReader in = in_out;  // a copy stays in registers
  bool fits = true;
  Value* bucket = buckets.data();
  Value* const end = bucket + buckets.size();
  while (bucket != end && fits && !in.overrun()) {
    const uint64_t w = in.Peek();
    if (w >> 63 != 0) {
      fits = ReadXorChange(in, w, bucket->read, bucket->bits);
      ++bucket;
      continue;
    }
    const int zeros = std::min(std::countl_zero(w), BitReader::kPeekBits);
    const ptrdiff_t run = std::min(static_cast<ptrdiff_t>(zeros), end - bucket);
    in.Skip(static_cast<int>(run));
    bucket += run;
  }
  in_out = in;
  return fits;
}

void FloatCoding::Absolute(size_t first, size_t last, double* out) const {
  for (size_t i = first; i < last; ++i) out[i - first] = std::bit_cast<double>(buckets[i].bits);
}

void FloatCoding::WriteFirst(BitWriter& out, double new_count, double new_zero) {
  WriteWhole(out, count, new_count);
  WriteWhole(out, zero_count, new_zero);
}

void FloatCoding::WriteCounts(BitWriter& out, double new_count, double new_zero, bool /*stale*/) {
  WriteValue(out, count, new_count);
  WriteValue(out, zero_count, new_zero);
}

void FloatCoding::WriteFirstBucket(BitWriter& out, size_t i, double value) {
  WriteWhole(out, buckets[i], value);
}

void FloatCoding::WriteBucket(BitWriter& out, size_t i, double value) {
  WriteValue(out, buckets[i], value);
}

}  // namespace synoptic::promql::internal
