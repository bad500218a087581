// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The reader works on a 64-bit window of the stream and branches on the common cases first: time
// step and value unchanged, then value changed inside the known window of bits. A plain bit reader
// takes five times as long.
#include <algorithm>
#include <bit>
#include <cstring>

#include "base/status.h"
#include "promql/model/chunk.h"

namespace synoptic::promql {
namespace {

constexpr size_t kHeaderBytes = 2;
// The longest sample (the first: ten bytes of time, eight of value; later ones 4 + 64 + 77 bits)
// and an eight-byte load past its end fit into this many bytes: while they are left no read is
// checked.
constexpr size_t kMargin = 32;
// Valid bits that Peek has at least, whatever bit it starts at.
constexpr int kPeekBits = 57;

// Bits of one contiguous piece that is readable for kMargin bytes past the bit read last.
class BitReader {
 public:
  BitReader(const char* data, size_t bit) : data_(data), bit_(bit) {}

  // The next bits, left-aligned.
  uint64_t Peek() const {
    uint64_t word;
    std::memcpy(&word, data_ + (bit_ >> 3), sizeof word);
    return __builtin_bswap64(word) << (bit_ & 7);
  }
  void Skip(int bits) { bit_ += static_cast<size_t>(bits); }
  // REQUIRES: 1 <= bits <= 64.
  uint64_t Read(int bits) {
    if (bits > kPeekBits) {
      const uint64_t high = Read(32);
      return (high << (bits - 32)) | Read(bits - 32);
    }
    const uint64_t value = Peek() >> (64 - bits);
    Skip(bits);
    return value;
  }
  size_t bit() const { return bit_; }

 private:
  const char* data_;
  size_t bit_;
};

enum class Outcome { kMore, kDone, kBadVarint, kNotRising, kTooWide, kEndsEarly };

// Where decoding stands between two samples. Times wrap as the writer's arithmetic does.
struct XorState {
  uint64_t t = 0;
  uint64_t delta = 0;
  uint64_t v = 0;
  // Window of the bits that change: all of them until the first window is read, as in Prometheus.
  int trailing = 0;
  int width = 64;
  size_t read = 0;  // samples so far
};

// Output columns already sized for every sample; the first `count` are in the wanted range.
struct Sink {
  int64_t* t;
  double* v;
  size_t count;
  int64_t min_t;
  int64_t max_t;

  // A sample before min_t is overwritten by the next one: no branch.
  void Put(uint64_t time, uint64_t value) {
    t[count] = static_cast<int64_t>(time);
    v[count] = std::bit_cast<double>(value);
    count += static_cast<int64_t>(time) >= min_t ? 1 : 0;
  }
};

// Go's base-128 varint: false when it does not end within ten bytes or overflows 64 bits.
bool ReadUvarint(BitReader& in, uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    const uint64_t byte = in.Read(8);
    if (shift == 63 && byte > 1) return false;
    value |= (byte & 0x7F) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

// The delta of deltas behind a leading 1 bit; `w` is Peek().
inline uint64_t ReadDeltaOfDelta(BitReader& in, uint64_t w) {
  const int ones = std::countl_one(w);
  if (ones >= 4) {
    in.Skip(4);
    return in.Read(64);
  }
  constexpr int kBits[] = {0, 14, 17, 20};
  const int bits = kBits[ones];
  const uint64_t raw = (w << (ones + 1)) >> (64 - bits);
  in.Skip(ones + 1 + bits);
  // The positive extreme belongs to the range, the negative one does not.
  return raw > (uint64_t{1} << (bits - 1)) ? raw - (uint64_t{1} << bits) : raw;
}

// The value behind the time; false when the window it announces does not fit into 64 bits.
inline bool ReadValue(BitReader& in, XorState& s) {
  const uint64_t w = in.Peek();
  if ((w >> 63) == 0) {
    in.Skip(1);
    return true;
  }
  if (((w >> 62) & 1) == 0) {  // the same window again
    if (s.width <= kPeekBits - 2) [[likely]] {
      s.v ^= ((w << 2) >> (64 - s.width)) << s.trailing;
      in.Skip(2 + s.width);
      return true;
    }
    in.Skip(2);
  } else {
    const int leading = static_cast<int>((w >> 57) & 31);
    const int width = static_cast<int>((w >> 51) & 63);
    s.width = width == 0 ? 64 : width;
    s.trailing = 64 - leading - s.width;
    if (s.trailing < 0) return false;
    in.Skip(13);
  }
  s.v ^= in.Read(s.width) << s.trailing;
  return true;
}

// Samples one and two, which spell time and value differently from all others.
Outcome ReadFirst(BitReader& in, XorState& s) {
  uint64_t zigzag;
  if (!ReadUvarint(in, zigzag)) return Outcome::kBadVarint;
  s.t = (zigzag >> 1) ^ (0 - (zigzag & 1));
  s.v = in.Read(64);
  return Outcome::kMore;
}

Outcome ReadSecond(BitReader& in, XorState& s) {
  if (!ReadUvarint(in, s.delta)) return Outcome::kBadVarint;
  return ReadValue(in, s) ? Outcome::kMore : Outcome::kTooWide;
}

// Reads the next sample's time step and value into `s`, not yet its time.
inline Outcome ReadSample(BitReader& in, XorState& s) {
  if (s.read < 2) [[unlikely]] {
    return s.read == 0 ? ReadFirst(in, s) : ReadSecond(in, s);
  }
  const uint64_t w = in.Peek();
  if ((w >> 63) == 0) {
    in.Skip(1);
  } else {
    s.delta += ReadDeltaOfDelta(in, w);
  }
  return ReadValue(in, s) ? Outcome::kMore : Outcome::kTooWide;
}

// Decodes the samples that begin before `stop_bit`; one that ends behind `end_bit` is an error.
// Works on copies of its arguments: state that others can see would have to be written each time.
Outcome ReadUntil(BitReader& in_out, size_t stop_bit, size_t end_bit, size_t total, XorState& s_out,
                  Sink& sink_out) {
  BitReader in = in_out;
  XorState s = s_out;
  Sink sink = sink_out;
  Outcome outcome = Outcome::kMore;
  while (in.bit() < stop_bit) {
    if (s.read == total) {
      outcome = Outcome::kDone;
      break;
    }
    if (outcome = ReadSample(in, s); outcome != Outcome::kMore) break;
    const uint64_t t = s.t + s.delta;
    if (in.bit() > end_bit) outcome = Outcome::kEndsEarly;
    if (s.read > 0 && static_cast<int64_t>(t) <= static_cast<int64_t>(s.t)) {
      outcome = Outcome::kNotRising;
    }
    if (static_cast<int64_t>(t) > sink.max_t) outcome = Outcome::kDone;
    if (outcome != Outcome::kMore) break;
    s.t = t;
    ++s.read;
    sink.Put(t, s.v);
  }
  in_out = in;
  s_out = s;
  sink_out = sink;
  return outcome;
}

Outcome Decode(std::string_view bytes, size_t total, Sink& sink) {
  XorState state;
  BitReader body(bytes.data(), kHeaderBytes * 8);
  const size_t end_bit = bytes.size() * 8;
  if (bytes.size() > kMargin) {
    const size_t stop_bit = (bytes.size() - kMargin) * 8;
    const Outcome outcome = ReadUntil(body, stop_bit, end_bit, total, state, sink);
    if (outcome != Outcome::kMore) return outcome;
  }
  // What is left is at most kMargin bytes: read from a copy with zeros behind it.
  char tail[2 * kMargin] = {};
  const size_t first = body.bit() / 8;
  std::memcpy(tail, bytes.data() + first, bytes.size() - first);
  BitReader rest(tail, body.bit() % 8);
  return ReadUntil(rest, SIZE_MAX, end_bit - first * 8, total, state, sink);
}

const char* Describe(Outcome outcome) {
  switch (outcome) {
    case Outcome::kBadVarint:
      return "a varint does not fit into 64 bits";
    case Outcome::kNotRising:
      return "times do not rise";
    case Outcome::kTooWide:
      return "a value is wider than 64 bits";
    default:
      return "ends early";
  }
}

}  // namespace

size_t XorSampleCount(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return 0;
  return static_cast<size_t>(static_cast<uint8_t>(bytes[0])) << 8 | static_cast<uint8_t>(bytes[1]);
}

absl::Status DecodeXor(std::string_view bytes, int64_t min_t, int64_t max_t, SampleColumns& out) {
  const size_t total = XorSampleCount(bytes);
  if (bytes.size() < kHeaderBytes) {
    return MakeStatus(absl::StatusCode::kDataLoss, "XOR chunk of {} bytes has no header",
                      bytes.size());
  }
  const size_t before = out.size();
  // A sample takes two bits or more, so a header that lies cannot make us allocate much. One more:
  // Put writes before it decides whether to keep.
  const size_t room = std::min(total, bytes.size() * 4) + 1;
  out.t.resize(before + room);
  out.v.resize(before + room);
  Sink sink{out.t.data() + before, out.v.data() + before, 0, min_t, max_t};
  const Outcome outcome = Decode(bytes, total, sink);
  out.t.resize(before + sink.count);
  out.v.resize(before + sink.count);
  if (outcome == Outcome::kDone) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kDataLoss, "XOR chunk of {} bytes and {} samples: {}",
                    bytes.size(), total, Describe(outcome));
}

}  // namespace synoptic::promql
