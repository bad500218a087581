// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Layout: number of samples (two bytes, as in every chunk), kind of values, first time, step, the
// times' distances in steps (packed), then the values:
//   decimals: exponent, exceptions, integers
//   multiples: factor, exceptions, integers, offsets (packed)
//   bits: integers; signed bits: the same with the sign last, where both signs are found
//   xored: no times either, but a whole XOR chunk
// Exceptions: how many, then index after the last one and eight bytes each.
#include "promql/model/column_chunk.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>

#include "absl/container/inlined_vector.h"
#include "base/status.h"
#include "base/varint.h"
#include "promql/model/column_models.h"
#include "promql/model/packed_ints.h"

namespace synoptic::promql {
namespace {

enum Kind : char { kDecimals = 0, kMultiples = 1, kBits = 2, kXored = 3, kSignedBits = 4 };

constexpr size_t kHeaderBytes = 2;

using Ints = absl::InlinedVector<int64_t, 256>;

absl::Status Damaged(std::string_view what) {
  return MakeStatus(absl::StatusCode::kDataLoss, "column chunk: {}", what);
}

void PutDouble(std::string& out, double v) {
  auto bits = std::bit_cast<uint64_t>(v);
  for (int i = 0; i < 8; ++i, bits >>= 8) out.push_back(static_cast<char>(bits));
}
bool TakeDouble(std::string_view& in, double& v) {
  if (in.size() < sizeof(v)) return false;
  std::memcpy(&v, in.data(), sizeof(v));
  in.remove_prefix(sizeof(v));
  return true;
}

void PutTimes(std::string& out, const int64_t* t, size_t count) {
  PutVarint(out, ZigZag(t[0]));
  if (count == 1) return;
  std::vector<int64_t> between;
  between.reserve(count - 1);
  int64_t step = 0;
  for (size_t i = 1; i < count; ++i) {
    between.push_back(t[i] - t[i - 1]);
    step = std::gcd(step, between.back());
  }
  for (int64_t& one : between) one /= step;
  PutVarint(out, static_cast<uint64_t>(step));
  PutPacked(out, between);
}

bool TakeTimes(std::string_view& in, std::span<int64_t> t) {
  uint64_t first = 0;
  if (!TakeVarint(in, first)) return false;
  t[0] = UnZigZag(first);
  if (t.size() == 1) return true;
  uint64_t unsigned_step = 0;
  if (!TakeVarint(in, unsigned_step) || !TakePacked(in, t.subspan(1))) return false;
  const auto step = static_cast<int64_t>(unsigned_step);
  if (step <= 0) return false;
  for (size_t i = 1; i < t.size(); ++i) {
    int64_t between = 0;
    if (t[i] <= 0 || __builtin_mul_overflow(t[i], step, &between) ||
        __builtin_add_overflow(t[i - 1], between, &t[i])) {
      return false;
    }
  }
  return true;
}

void PutExceptions(std::string& out, const std::vector<size_t>& exceptions, const double* v) {
  PutVarint(out, exceptions.size());
  size_t after = 0;
  for (const size_t i : exceptions) {
    PutVarint(out, i - after);
    PutDouble(out, v[i]);
    after = i;
  }
}

// Sets those of [from, from + values.size()) of the column.
bool ApplyExceptions(std::string_view in, uint64_t count, size_t column, size_t from,
                     std::span<double> values) {
  size_t at = 0;
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t gap = 0;
    double value = 0;
    if (!TakeVarint(in, gap) || !TakeDouble(in, value) || gap >= column - at) return false;
    at += gap;
    if (at >= from && at - from < values.size()) values[at - from] = value;
  }
  return true;
}

bool SkipExceptions(std::string_view& in, uint64_t& count) {
  if (!TakeVarint(in, count)) return false;
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t gap = 0;
    double value = 0;
    if (!TakeVarint(in, gap) || !TakeDouble(in, value)) return false;
  }
  return true;
}

void PutValues(std::string& out, const double* v, size_t count) {
  const std::span<const double> values(v, count);
  if (const auto decimals = internal::FindDecimals(values)) {
    out.push_back(kDecimals);
    out.push_back(static_cast<char>(decimals->exponent));
    PutExceptions(out, decimals->exceptions, v);
    PutInts(out, decimals->n);
    return;
  }
  if (const auto multiples = internal::FindMultiples(values)) {
    out.push_back(kMultiples);
    PutDouble(out, multiples->factor);
    PutExceptions(out, multiples->exceptions, v);
    PutInts(out, multiples->n);
    PutPacked(out, multiples->off);
    return;
  }
  std::vector<int64_t> bits;
  bits.reserve(count);
  for (const double one : values) bits.push_back(internal::OrderedBits(one));
  const auto [least, most] = std::minmax_element(bits.begin(), bits.end());
  const bool both = *least < 0 && *most >= 0;
  out.push_back(both ? kSignedBits : kBits);
  if (both) {
    for (int64_t& one : bits) one = static_cast<int64_t>(ZigZag(one));
  }
  PutInts(out, bits);
}

// The values from index `from` on, of a column of `n.size()`. `n` and `off` are room to work in.
bool TakeValues(std::string_view in, char kind, size_t from, std::span<double> values, Ints& n,
                Ints& off) {
  std::string_view exceptions;
  uint64_t strange = 0;
  switch (kind) {
    case kDecimals: {
      if (in.empty()) return false;
      const auto exponent = static_cast<unsigned char>(in.front());
      in.remove_prefix(1);
      if (exponent >= std::size(internal::kPowersOfTen)) return false;
      exceptions = in;
      if (!SkipExceptions(in, strange) || !TakeInts(in, std::span(n))) return false;
      const double power = internal::kPowersOfTen[exponent];
      for (size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<double>(n[from + i]) / power;
      }
      break;
    }
    case kMultiples: {
      double factor = 0;
      if (!TakeDouble(in, factor)) return false;
      exceptions = in;
      if (!SkipExceptions(in, strange) || !TakeInts(in, std::span(n)) ||
          !TakePacked(in, std::span(off))) {
        return false;
      }
      for (size_t i = 0; i < values.size(); ++i) {
        const int64_t bits = internal::OrderedBits(static_cast<double>(n[from + i]) * factor);
        values[i] = internal::FromOrderedBits(static_cast<int64_t>(
            static_cast<uint64_t>(bits) + static_cast<uint64_t>(off[from + i])));
      }
      break;
    }
    case kBits:
    case kSignedBits:
      if (!TakeInts(in, std::span(n))) return false;
      for (size_t i = 0; i < values.size(); ++i) {
        const int64_t one = n[from + i];
        values[i] =
            internal::FromOrderedBits(kind == kBits ? one : UnZigZag(static_cast<uint64_t>(one)));
      }
      return in.empty();
    default:
      return false;
  }
  if (!in.empty()) return false;
  uint64_t ignored = 0;
  TakeVarint(exceptions, ignored);
  return ApplyExceptions(exceptions, strange, n.size(), from, values);
}

}  // namespace

EncodedFloats EncodeFloats(const int64_t* t, const double* v, size_t count) {
  if (count < kLeastColumnSamples) return {ChunkEncoding::kXor, EncodeXor(t, v, count)};
  std::string values;
  PutValues(values, v, count);
  std::string bytes = {static_cast<char>(count >> 8), static_cast<char>(count), values.front()};
  PutTimes(bytes, t, count);
  bytes.append(values, 1);
  if (bytes.size() > count) {
    const std::string xored = EncodeXor(t, v, count);
    if (xored.size() < bytes.size()) {
      bytes.resize(kHeaderBytes);
      bytes.push_back(kXored);
      bytes += xored;
    }
  }
  return {kColumnChunk, std::move(bytes)};
}

absl::Status DecodeColumns(std::string_view bytes, int64_t min_t, int64_t max_t,
                           SampleColumns& out) {
  if (bytes.size() <= kHeaderBytes) return Damaged("cut short");
  const size_t count = XorSampleCount(bytes);
  if (count == 0) return Damaged("no samples");
  std::string_view in = bytes.substr(kHeaderBytes);
  const char kind = in.front();
  in.remove_prefix(1);
  if (kind == kXored) {
    if (XorSampleCount(in) != count) return Damaged("another number of samples within");
    return DecodeXor(in, min_t, max_t, out);
  }
  Ints n(count);
  if (!TakeTimes(in, std::span(n))) return Damaged("times cut short or not rising");
  const auto first = std::lower_bound(n.begin(), n.end(), min_t);
  const auto last = std::upper_bound(first, n.end(), max_t);
  const auto from = static_cast<size_t>(first - n.begin());
  const size_t old = out.t.size();
  out.t.insert(out.t.end(), first, last);
  out.v.resize(out.t.size());
  if (!out.st.empty()) out.st.resize(out.t.size(), 0);
  Ints off(kind == kMultiples ? count : 0);
  if (TakeValues(in, kind, from, std::span(out.v).subspan(old), n, off)) return absl::OkStatus();
  out.t.resize(old);
  out.v.resize(old);
  if (!out.st.empty()) out.st.resize(old);
  return Damaged("values cut short");
}

}  // namespace synoptic::promql
