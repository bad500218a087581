// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/raw_reader.h"

#include <algorithm>
#include <variant>

#include "base/status.h"

namespace synoptic::promql::internal {

absl::StatusOr<SampleSpan> RawReader::Read(const RawSeries& series, int64_t min_t, int64_t max_t) {
  if (const auto* columns = std::get_if<SampleColumns>(&series.data)) {
    const auto first = std::lower_bound(columns->t.begin(), columns->t.end(), min_t);
    const auto last = std::upper_bound(first, columns->t.end(), max_t);
    const size_t offset = static_cast<size_t>(first - columns->t.begin());
    const size_t count = static_cast<size_t>(last - first);
    return SampleSpan{std::span(columns->t).subspan(offset, count),
                      std::span(columns->v).subspan(offset, count)};
  }
  buffer_.clear();
  RETURN_IF_ERROR(ReadSamples(series, min_t, max_t, buffer_));
  RETURN_IF_ERROR(ChargeBuffer());
  return SampleSpan{buffer_.t, buffer_.v};
}

absl::StatusOr<SampleSpan> RawReader::ReadLive(const RawSeries& series, int64_t min_t,
                                               int64_t max_t) {
  ASSIGN_OR_RETURN(SampleSpan samples, Read(series, min_t, max_t));
  size_t first_stale = 0;
  while (first_stale < samples.size() && !IsStaleNaN(samples.v[first_stale])) ++first_stale;
  if (first_stale == samples.size()) return samples;
  if (samples.t.data() != buffer_.t.data()) {
    buffer_.t.assign(samples.t.begin(), samples.t.end());
    buffer_.v.assign(samples.v.begin(), samples.v.end());
    RETURN_IF_ERROR(ChargeBuffer());
  }
  size_t kept = first_stale;
  for (size_t i = first_stale; i < buffer_.size(); ++i) {
    if (IsStaleNaN(buffer_.v[i])) continue;
    buffer_.t[kept] = buffer_.t[i];
    buffer_.v[kept] = buffer_.v[i];
    ++kept;
  }
  buffer_.t.resize(kept);
  buffer_.v.resize(kept);
  return SampleSpan{buffer_.t, buffer_.v};
}

absl::Status RawReader::ChargeBuffer() {
  const int64_t bytes = static_cast<int64_t>(buffer_.t.capacity() * sizeof(int64_t) +
                                             buffer_.v.capacity() * sizeof(double));
  return bytes > memory_.bytes() ? memory_.Grow(bytes - memory_.bytes()) : absl::OkStatus();
}

}  // namespace synoptic::promql::internal
