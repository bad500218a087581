// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// XOR2 chunks: floats with start times, one control sequence for time step and value. From the
// third sample on:
//
//   0      time step and value unchanged
//   10     time step unchanged; 0 and the bits in the window, or 1 and a new window
//   110    13 bits of change of the time step, value as below
//   1110   20 bits
//   11110  64 bits
//   11111  time step unchanged, stale marker
//
// Value: 0 unchanged, 10 in the window, 110 a new window, 111 stale marker. Later values differ
// from the last that was not stale. The bytes: 16 bits of samples, 8 of StartTimes, samples.
#include <algorithm>
#include <bit>

#include "base/status.h"
#include "promql/model/bit_reader.h"
#include "promql/model/bit_writer.h"
#include "promql/model/chunk.h"
#include "promql/model/histogram_coding.h"

namespace synoptic::promql {
namespace {

using internal::BitReader;
using internal::BitWriter;

constexpr size_t kHeaderBytes = 3;

class Xor2Reader {
 public:
  explicit Xor2Reader(std::string_view bytes)
      : in_(bytes.substr(kHeaderBytes)), starts_(static_cast<uint8_t>(bytes[2])) {}

  // Null, or what is wrong with the next sample.
  const char* Next() {
    const int64_t previous_t = t_;
    const char* const error = read_ == 0 ? First() : read_ == 1 ? Second() : Later();
    if (error != nullptr) return error;
    if (!starts_.Read(in_, read_, t_, previous_t)) return kBadVarint;
    if (in_.overrun()) return "ends early";
    ++read_;
    return nullptr;
  }
  int64_t t() const { return t_; }
  double value() const { return std::bit_cast<double>(stale_ ? kStaleNaNBits : value_); }
  int64_t start() const { return starts_.at(); }

 private:
  static constexpr const char* kBadVarint = "a varint does not fit into 64 bits";
  static constexpr const char* kTooWide = "a value is wider than 64 bits";

  const char* First() {
    if (!in_.ReadVarint(t_)) return kBadVarint;
    value_ = in_.Read(64);
    stale_ = value_ == kStaleNaNBits;
    if (stale_) value_ = 0;
    return nullptr;
  }
  const char* Second() {
    if (!in_.ReadUvarint(change_)) return kBadVarint;
    if (!Advance()) return kNotRising;
    return Value() ? nullptr : kTooWide;
  }
  const char* Later() {
    const int ones = std::min(std::countl_one(in_.Peek()), 5);
    in_.Skip(std::min(ones + 1, 5));
    stale_ = ones == 5;
    if (ones >= 2 && ones <= 4) change_ += ChangeOfStep(ones);
    if (!Advance()) return kNotRising;
    if (ones >= 2 && ones <= 4) return Value() ? nullptr : kTooWide;
    if (ones != 1) return nullptr;
    if (in_.Read(1) != 0) return ReadNewWindow(in_, window_, value_) ? nullptr : kTooWide;
    value_ ^= in_.Read(window_.width) << window_.trailing;
    return nullptr;
  }
  uint64_t ChangeOfStep(int ones) {
    if (ones == 4) return in_.Read(64);
    const int bits = ones == 2 ? 13 : 20;
    const uint64_t raw = in_.Read(bits);
    return raw >> (bits - 1) != 0 ? raw - (uint64_t{1} << bits) : raw;
  }
  bool Advance() {
    int64_t next;
    if (static_cast<int64_t>(change_) <= 0 ||
        __builtin_add_overflow(t_, static_cast<int64_t>(change_), &next)) {
      return false;
    }
    t_ = next;
    return true;
  }
  bool Value() {
    const int ones = std::min(std::countl_one(in_.Peek()), 3);
    in_.Skip(std::min(ones + 1, 3));
    stale_ = ones == 3;
    if (ones == 1) value_ ^= in_.Read(window_.width) << window_.trailing;
    return ones != 2 || ReadNewWindow(in_, window_, value_);
  }

  static constexpr const char* kNotRising = "times do not rise";

  BitReader in_;
  internal::StartTimes starts_;
  size_t read_ = 0;
  int64_t t_ = 0;
  uint64_t change_ = 0;  // of time since the sample before
  uint64_t value_ = 0;   // the last that was not stale
  bool stale_ = false;
  internal::ReadWindow window_;
};

struct WrittenValue {
  uint64_t bits = 0;
  internal::WrittenWindow window;

  void Write(uint64_t next, BitWriter& out) {
    if (next == kStaleNaNBits) return out.Write(0b111, 3);
    const uint64_t changed = next ^ bits;
    if (changed == 0) return out.Write(0, 1);
    const bool fits = FitsWindow(changed, window);
    out.Write(fits ? 0b10 : 0b110, fits ? 2 : 3);
    WriteChange(next, fits, out);
  }
  // Behind an unchanged time step.
  void WriteChanged(uint64_t next, BitWriter& out) {
    const bool fits = FitsWindow(next ^ bits, window);
    out.Write(fits ? 0b100 : 0b101, 3);
    WriteChange(next, fits, out);
  }

 private:
  void WriteChange(uint64_t next, bool fits, BitWriter& out) {
    if (fits) {
      WriteInWindow(next ^ bits, window, out);
    } else {
      WriteNewWindow(next ^ bits, window, out);
    }
    bits = next;
  }
};

void WriteLater(int64_t change_of_step, uint64_t next, WrittenValue& value, BitWriter& out) {
  const auto fits = [change_of_step](int bits) {
    const int64_t half = int64_t{1} << (bits - 1);
    return change_of_step >= -half && change_of_step < half;
  };
  if (change_of_step == 0) {
    if (next == kStaleNaNBits) return out.Write(0b11111, 5);
    if (next == value.bits) return out.Write(0, 1);
    return value.WriteChanged(next, out);
  }
  const uint64_t raw = static_cast<uint64_t>(change_of_step);
  if (fits(13)) {
    out.Write(0b110, 3);
    out.Write(raw, 13);
  } else if (fits(20)) {
    out.Write(0b1110, 4);
    out.Write(raw, 20);
  } else {
    out.Write(0b11110, 5);
    out.Write(raw, 64);
  }
  value.Write(next, out);
}

}  // namespace

absl::Status DecodeXor2(std::string_view bytes, int64_t min_t, int64_t max_t, SampleColumns& out) {
  if (bytes.size() < kHeaderBytes) {
    return MakeStatus(absl::StatusCode::kDataLoss, "XOR2 chunk of {} bytes has no header",
                      bytes.size());
  }
  Xor2Reader reader(bytes);
  const size_t total = XorSampleCount(bytes);
  for (size_t i = 0; i < total; ++i) {
    if (const char* const error = reader.Next(); error != nullptr) {
      return MakeStatus(absl::StatusCode::kDataLoss, "XOR2 chunk of {} bytes and {} samples: {}",
                        bytes.size(), total, error);
    }
    if (reader.t() > max_t) break;
    if (reader.t() >= min_t) out.push_back(reader.t(), reader.value(), reader.start());
  }
  return absl::OkStatus();
}

std::string EncodeXor2(const int64_t* t, const double* v, const int64_t* start, size_t count) {
  count = std::min<size_t>(count, UINT16_MAX);
  BitWriter out;
  out.Write(count, 16);
  out.Write(0, 8);
  internal::StartTimes starts;
  WrittenValue value;
  uint64_t change = 0;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t bits = std::bit_cast<uint64_t>(v[i]);
    if (i == 0) {
      out.WriteVarint(t[0]);
      out.Write(bits, 64);
      if (bits != kStaleNaNBits) value.bits = bits;
    } else {
      const uint64_t next = static_cast<uint64_t>(t[i]) - static_cast<uint64_t>(t[i - 1]);
      if (i == 1) {
        out.WriteUvarint(next);
        value.Write(bits, out);
      } else {
        WriteLater(static_cast<int64_t>(next - change), bits, value, out);
      }
      change = next;
    }
    starts.Write(out, i, t[i], i == 0 ? 0 : t[i - 1], start == nullptr ? 0 : start[i]);
  }
  out.bytes()[2] = static_cast<char>(starts.header());
  return out.Take();
}

}  // namespace synoptic::promql
