// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The reader works on a 64-bit window of the stream and branches on the common cases first: time
// step and value unchanged, then value changed inside the known window of bits. A plain bit reader
// takes five times as long.
#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "base/status.h"
#include "promql/model/chunk.h"
#include "promql/model/xor_batch.h"

namespace synoptic::promql {
namespace {

constexpr size_t kHeaderBytes = 2;
// The longest sample (the first: ten bytes of time, eight of value; later ones 4 + 64 + 77 bits)
// and an eight-byte load past its end fit into this many bytes: while they are left no read is
// checked.
constexpr size_t kMargin = 32;
// A chunk of up to so many bytes is read from a copy: copying it takes less than one sample with a
// guessed branch gone wrong. The first two samples together are far shorter.
constexpr size_t kCopied = 1024;
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
    // Up to seven bits of Peek may be missing: they are at the front of the ninth byte.
    const uint64_t ninth = static_cast<uint8_t>(data_[(bit_ >> 3) + 8]);
    const uint64_t all = Peek() | ninth >> (8 - (bit_ & 7));
    Skip(bits);
    return all >> (64 - bits);
  }
  size_t bit() const { return bit_; }
  const char* data() const { return data_; }

 private:
  const char* data_;
  size_t bit_;
};

enum class Outcome { kMore, kDone, kBadVarint, kNotRising, kTooWide, kEndsEarly };

// Where decoding stands between two samples.
struct XorState {
  int64_t t = 0;
  uint64_t delta = 0;  // wraps as the writer's arithmetic does; positive as a signed number
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
  void Put(int64_t time, uint64_t value) {
    t[count] = time;
    v[count] = std::bit_cast<double>(value);
    count += time >= min_t ? 1 : 0;
  }
};

// Go's base-128 varint: false when it does not end within ten bytes or overflows 64 bits.
bool ReadUvarint(BitReader& in, uint64_t& value) {
  // Up to seven bytes at once; the lowest ones come first.
  const uint64_t bytes = __builtin_bswap64(in.Peek());
  const uint64_t ends = ~bytes & 0x80808080808080;
  if (ends != 0) [[likely]] {
    const uint64_t kept = bytes & (ends ^ (ends - 1));
    // Seven bits of each byte, brought together in pairs, fours, and all.
    uint64_t x = kept & 0x7F7F7F7F7F7F7F7F;
    x = (x & 0x7F007F007F007F) | (x & 0x7F007F007F007F00) >> 1;
    x = (x & 0x3FFF00003FFF) | (x & 0x3FFF00003FFF0000) >> 2;
    value = (x & 0xFFFFFFF) | (x & 0xFFFFFFF00000000) >> 4;
    in.Skip(std::countr_zero(ends) + 1);
    return true;
  }
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
  int bits = 14;
  int prefix = 2;
  if (((w >> 62) & 1) != 0) [[unlikely]] {
    const int ones = std::countl_one(w);
    if (ones >= 4) {
      in.Skip(4);
      return in.Read(64);
    }
    bits = ones == 2 ? 17 : 20;
    prefix = ones + 1;
  }
  const uint64_t raw = (w << prefix) >> (64 - bits);
  in.Skip(prefix + bits);
  // The positive extreme belongs to the range, the negative one does not.
  return raw > (uint64_t{1} << (bits - 1)) ? raw - (uint64_t{1} << bits) : raw;
}

// The value behind the time; `w` are the next bits, of which kPeekBits - 1 are valid. False when
// the window it announces does not fit into 64 bits.
inline bool ReadValue(BitReader& in, uint64_t w, XorState& s) {
  if ((w >> 63) == 0) {
    in.Skip(1);
    return true;
  }
  int prefix = 2;
  if (((w >> 62) & 1) != 0) {  // a new window
    const int leading = static_cast<int>((w >> 57) & 31);
    const int width = static_cast<int>((w >> 51) & 63);
    s.width = width == 0 ? 64 : width;
    s.trailing = 64 - leading - s.width;
    if (s.trailing < 0) return false;
    prefix = 13;
  }
  if (prefix + s.width < kPeekBits) [[likely]] {
    s.v ^= ((w << prefix) >> (64 - s.width)) << s.trailing;
    in.Skip(prefix + s.width);
  } else {
    in.Skip(prefix);
    s.v ^= in.Read(s.width) << s.trailing;
  }
  return true;
}

// Puts the next sample's time; kMore when it is in range or before it.
inline Outcome Advance(XorState& s, Sink& sink) {
  int64_t next;
  if (__builtin_add_overflow(s.t, static_cast<int64_t>(s.delta), &next)) return Outcome::kNotRising;
  if (next > sink.max_t) return Outcome::kDone;
  s.t = next;
  ++s.read;
  sink.Put(next, s.v);
  return Outcome::kMore;
}

// The first two samples, which spell their times in full. A sample that ends behind `end_bit` is an
// error.
Outcome ReadFirstTwo(BitReader& in, size_t end_bit, size_t total, XorState& s, Sink& sink) {
  for (; s.read < 2;) {
    if (s.read == total) return Outcome::kDone;
    uint64_t number;
    if (!ReadUvarint(in, number)) return Outcome::kBadVarint;
    if (s.read == 0) {
      s.t = static_cast<int64_t>((number >> 1) ^ (0 - (number & 1)));
      s.v = in.Read(64);
    } else {
      s.delta = number;
      if (static_cast<int64_t>(s.delta) <= 0) return Outcome::kNotRising;
      if (!ReadValue(in, in.Peek(), s)) return Outcome::kTooWide;
    }
    if (in.bit() > end_bit) return Outcome::kEndsEarly;
    if (const Outcome outcome = Advance(s, sink); outcome != Outcome::kMore) return outcome;
  }
  return Outcome::kMore;
}

// All samples from here on that are just 00: time step and value unchanged. `w` is Peek().
inline Outcome ReadRun(BitReader& in, uint64_t w, size_t end_bit, size_t total, XorState& s,
                       Sink& sink) {
  const size_t zeros = static_cast<size_t>(std::min(std::countl_zero(w), kPeekBits));
  const size_t run = std::min(zeros, end_bit - in.bit()) / 2;
  if (run == 0) return Outcome::kEndsEarly;
  for (size_t n = std::min(run, total - s.read); n > 0; --n) {
    in.Skip(2);
    if (const Outcome outcome = Advance(s, sink); outcome != Outcome::kMore) return outcome;
  }
  return Outcome::kMore;
}

// Samples of the form that ReadXorStretch knows; false when there were few, and asking again soon
// does not pay.
bool ReadStretch(BitReader& in, size_t safe_bit, size_t end_bit, size_t total, XorState& s,
                 Sink& sink) {
  // As many as end in range, in the stream's time.
  const uint64_t until_end = static_cast<uint64_t>(sink.max_t) - static_cast<uint64_t>(s.t);
  XorStretch stretch{in.data(),
                     in.bit(),
                     end_bit,
                     safe_bit,
                     std::min<size_t>(total - s.read, until_end / s.delta),
                     s.v,
                     s.width,
                     s.trailing};
  if (stretch.most < 4) return false;
  double* const v = sink.v + sink.count;
  const size_t read = ReadXorStretch(stretch, v);
  in.Skip(static_cast<int>(stretch.bit - in.bit()));
  s.v = stretch.v;
  s.width = stretch.width;
  s.trailing = stretch.trailing;
  s.read += read;
  // Those before the range: the others take their place.
  size_t early = 0;
  if (s.t < sink.min_t) {
    const uint64_t missing = static_cast<uint64_t>(sink.min_t) - static_cast<uint64_t>(s.t);
    early = std::min<uint64_t>(read, (missing - 1) / s.delta);
    std::copy(v + early, v + read, v);
  }
  const uint64_t first = static_cast<uint64_t>(s.t) + s.delta * (early + 1);
  FillTimes(first, s.delta, read - early, sink.t + sink.count);
  s.t = static_cast<int64_t>(static_cast<uint64_t>(s.t) + s.delta * read);
  sink.count += read - early;
  return read >= 8;
}

// Samples from the third on that begin before `stop_bit`. kTail: those that end behind `end_bit`
// are an error; else there is room enough not to ask. Works on copies of its arguments: state that
// others can see would have to be written each time.
template <bool kTail>
Outcome ReadUntil(BitReader& in_out, size_t stop_bit, size_t end_bit, size_t total, XorState& s_out,
                  Sink& sink_out) {
  // Where stretches are short they are not tried again for some samples.
  const int patience = CanReadXorStretches() ? 8 : std::numeric_limits<int>::max();
  int wait = std::min(patience, 1);
  BitReader in = in_out;
  XorState s = s_out;
  Sink sink = sink_out;
  Outcome outcome = Outcome::kMore;
  while (outcome == Outcome::kMore && (kTail || in.bit() < stop_bit)) {
    if (s.read == total) {
      outcome = Outcome::kDone;
      break;
    }
    uint64_t w = in.Peek();
    if ((w >> 63) == 0 && --wait <= 0) {
      const size_t before = s.read;
      wait = ReadStretch(in, stop_bit, end_bit, total, s, sink) ? 0 : patience;
      if (s.read != before) continue;
    }
    if ((w >> 62) == 0) {
      outcome = ReadRun(in, w, kTail ? stop_bit : SIZE_MAX, total, s, sink);
      continue;
    }
    if ((w >> 63) == 0) {
      in.Skip(1);
      w <<= 1;
    } else {
      s.delta += ReadDeltaOfDelta(in, w);
      w = in.Peek();
      if (static_cast<int64_t>(s.delta) <= 0) {
        outcome = Outcome::kNotRising;
        break;
      }
    }
    if (!ReadValue(in, w, s)) {
      outcome = Outcome::kTooWide;
    } else if (kTail && in.bit() > stop_bit) {
      outcome = Outcome::kEndsEarly;
    } else {
      outcome = Advance(s, sink);
    }
  }
  in_out = in;
  s_out = s;
  sink_out = sink;
  return outcome;
}

Outcome Decode(std::string_view bytes, size_t total, Sink& sink) {
  XorState state;
  BitReader body(bytes.data(), kHeaderBytes * 8);
  if (bytes.size() > kCopied) {
    Outcome outcome = ReadFirstTwo(body, SIZE_MAX, total, state, sink);
    const size_t stop_bit = (bytes.size() - kMargin) * 8;
    if (outcome == Outcome::kMore)
      outcome = ReadUntil<false>(body, stop_bit, bytes.size() * 8, total, state, sink);
    if (outcome != Outcome::kMore) return outcome;
  }
  // What is left, mostly all of it, is read from a copy with zeros behind it.
  char tail[kCopied + kMargin];
  const size_t first = body.bit() / 8;
  std::memcpy(tail, bytes.data() + first, bytes.size() - first);
  std::memset(tail + (bytes.size() - first), 0, kMargin);
  BitReader rest(tail, body.bit() % 8);
  const size_t end_bit = (bytes.size() - first) * 8;
  if (const Outcome outcome = ReadFirstTwo(rest, end_bit, total, state, sink);
      outcome != Outcome::kMore) {
    return outcome;
  }
  return ReadUntil<true>(rest, end_bit, end_bit, total, state, sink);
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
  // A sample takes two bits or more, so a header that lies cannot make us allocate much. Some more:
  // Put writes before it decides whether to keep, and stretches write eight at a time.
  const size_t room = std::min(total, bytes.size() * 4) + kStretchRoom;
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
