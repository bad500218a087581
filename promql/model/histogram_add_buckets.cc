// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Adds one side's buckets to another's. Results keep the spans they had: a bucket that was missing
// extends the span before it, else the one behind it, else makes its own. (Layouts are visible: in
// sizes, and where results are compared.)
#include <algorithm>
#include <bit>
#include <cstdint>
#include <utility>

#include "promql/model/histogram_internal.h"
#include "promql/model/histogram_runs.h"
#include "promql/model/kahan.h"

namespace synoptic::promql::internal {
namespace {

struct Term {
  double count;
  double lost;
};

// How a count is added: plainly, or with what rounding loses.
struct Plain {
  static constexpr bool kCompensated = false;
  static void Add(Term term, double& sum, double& /*c*/) { sum += term.count; }
};
struct Compensated {
  static constexpr bool kCompensated = true;
  static void Add(Term term, double& sum, double& c) {
    KahanSum total{sum, c};
    total.Add(term.count);
    if (term.lost != 0) total.Add(term.lost);
    sum = total.sum;
    c = total.c;
  }
};

struct Terms {
  SideView from;
  bool subtract;
  Term operator[](size_t i) const {
    const double count = from.counts[i];
    const double lost = from.c.empty() ? 0 : from.c[i];
    return subtract ? Term{-count, -lost} : Term{count, lost};
  }
};

template <class Sum>
void AddAt(Side& a, size_t i, Term term) {
  double unused = 0;
  Sum::Add(term, a.counts[i], Sum::kCompensated ? (*a.c)[i] : unused);
}

// Both have the very same buckets: loops that the compiler makes vectors of.
void AddAlike(double* sums, const double* terms, size_t size, bool subtract) {
  if (subtract) {
    for (size_t i = 0; i < size; ++i) sums[i] -= terms[i];
  } else {
    for (size_t i = 0; i < size; ++i) sums[i] += terms[i];
  }
}
void AddAlikeCompensated(double* sums, double* lost, const double* terms, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    KahanSum total{sums[i], lost[i]};
    total.Add(terms[i]);
    sums[i] = total.sum;
    lost[i] = total.c;
  }
}

// A run of buckets that both have.
template <class Sum>
void AddRun(Side a, const Terms& b, size_t at, size_t from, size_t size) {
  if constexpr (!Sum::kCompensated) {
    AddAlike(a.counts.data() + at, b.from.counts.data() + from, size, b.subtract);
  } else if (b.from.c.empty() && !b.subtract) {
    AddAlikeCompensated(a.counts.data() + at, a.c->data() + at, b.from.counts.data() + from, size);
  } else {
    for (size_t i = 0; i < size; ++i) AddAt<Sum>(a, at + i, b[from + i]);
  }
}

// Adds in place; false, with nothing changed, when `a` misses a bucket.
template <class Sum>
bool AddWithin(Side a, const Terms& b, size_t skip) {
  if (CountBuckets(a.spans.get()) != a.counts.size() ||
      CountBuckets(b.from.spans.get()) != b.from.counts.size() ||
      !ForCommonRuns(a.spans.get(), b.from.spans.get(), skip, [](size_t, size_t, size_t) {})) {
    return false;
  }
  ForCommonRuns(a.spans.get(), b.from.spans.get(), skip,
                [&](size_t at, size_t from, size_t size) { AddRun<Sum>(a, b, at, from, size); });
  return true;
}

// A side that grows outwards.
struct GrowingSide {
  std::vector<HistogramSpan> spans;
  Counts counts;
  Counts c;
  int64_t end = 0;  // index behind the last bucket

  void Open(int64_t index) {
    spans.push_back({static_cast<int32_t>(index - end), 0});
    end = index;
  }
  void Push(double count, double lost, bool with_c) {
    ++spans.back().length;
    ++end;
    counts.push_back(count);
    if (with_c) c.push_back(lost);
  }
};

template <class Sum>
void Merge(Side a, BucketCursor b, const Terms& terms) {
  GrowingSide out;
  out.counts.reserve(a.counts.size() + terms.from.counts.size());
  out.spans.reserve(a.spans.size() + terms.from.spans.size());
  if (Sum::kCompensated) out.c.reserve(out.counts.capacity());
  const auto insert = [&] {
    if (out.spans.empty() || b.index() != out.end) out.Open(b.index());
    const Term term = terms[b.position()];
    out.Push(term.count, term.lost, Sum::kCompensated);
    b.Next();
  };
  int64_t index = 0;
  size_t position = 0;
  for (const HistogramSpan& span : a.spans) {
    index += span.offset;
    bool joins = false;
    while (b.valid() && b.index() < index) {
      const bool extends = !out.spans.empty() && b.index() == out.end;
      joins = !extends && b.index() + 1 == index;
      insert();
    }
    if (!joins) out.Open(index);
    for (uint32_t i = 0; i < span.length && position < a.counts.size(); ++i, ++index, ++position) {
      double sum = a.counts[position];
      double c = Sum::kCompensated ? (*a.c)[position] : 0;
      while (b.valid() && b.index() < index) b.Next();  // only where offsets are not valid
      if (b.valid() && b.index() == index) {
        Sum::Add(terms[b.position()], sum, c);
        b.Next();
      }
      out.Push(sum, c, Sum::kCompensated);
    }
  }
  while (b.valid()) insert();
  a.spans = std::move(out.spans);
  a.counts = std::move(out.counts);
  if (Sum::kCompensated) *a.c = std::move(out.c);
}

template <class Sum>
void AddBy(Side a, SideView b, size_t skip, bool subtract) {
  const Terms terms{b, subtract};
  if (a.counts.size() == b.counts.size() && a.spans == b.spans) {
    return AddRun<Sum>(a, terms, skip, skip, b.counts.size() - skip);
  }
  if (AddWithin<Sum>(a, terms, skip)) return;
  BucketCursor cursor(b.spans.get(), b.counts.size());
  for (size_t i = 0; i < skip; ++i) cursor.Next();
  Merge<Sum>(a, cursor, terms);
}

// Told by powers of two alone, which is quicker than the bound itself and mostly enough. False: not
// known.
bool EndsSurelyAbove(double threshold, int64_t index, int32_t schema) {
  if (schema < kExponentialSchemaMin || schema > kExponentialSchemaMax) return false;
  // The bucket ends at 2^power or further up, and the threshold is below 2^(exponent + 1).
  const int64_t power = schema < 0 ? index * (int64_t{1} << -schema) : index >> schema;
  const int64_t exponent = static_cast<int64_t>(std::bit_cast<uint64_t>(threshold) >> 52) - 1023;
  constexpr int64_t kNormal = 1000;  // and no infinity
  return power > exponent && power > -kNormal && power < kNormal;
}

}  // namespace

size_t CoveredByZero(std::span<const HistogramSpan> spans, size_t counts, int32_t schema,
                     double threshold) {
  size_t covered = 0;
  ForBuckets(spans, counts, [&](int64_t index, size_t) {
    if (EndsSurelyAbove(threshold, index, schema) || ExponentialBound(index, schema) > threshold) {
      return false;
    }
    ++covered;
    return true;
  });
  return covered;
}

void AddBuckets(Side a, SideView b, int32_t schema, double threshold, bool subtract) {
  if (b.counts.empty()) return;
  const size_t skip = schema == kCustomBucketsSchema
                          ? 0
                          : CoveredByZero(b.spans.get(), b.counts.size(), schema, threshold);
  if (a.c == nullptr) return AddBy<Plain>(a, b, skip, subtract);
  AddBy<Compensated>(a, b, skip, subtract);
}

}  // namespace synoptic::promql::internal
