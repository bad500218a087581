// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/http/bounded_reader.h"

#include <algorithm>

#include "base/status.h"
#include "base/strings.h"

namespace synoptic::net {

namespace {

constexpr int64_t kRatioFrom = int64_t{1} << 20;

absl::Status Limit(std::string_view what, int64_t limit) {
  return MakeStatus(absl::StatusCode::kResourceExhausted, "response over its limit of {} {}", limit,
                    what);
}

double Seconds(MonoDuration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

BoundedReader::BoundedReader(const Clock& clock, const ResponseLimits& limits, Deadline deadline,
                             MemoryBudget* budget)
    : clock_(clock), limits_(limits), deadline_(deadline), reservation_(budget) {}

absl::Status BoundedReader::OnWire(size_t bytes) {
  const MonoTime now = clock_.Mono();
  if (!last_progress_.has_value()) window_start_ = now;
  last_progress_ = now;
  wire_bytes_ += static_cast<int64_t>(bytes);
  window_bytes_ += static_cast<int64_t>(bytes);
  if (wire_bytes_ > limits_.max_wire_bytes)
    return Limit("bytes on the wire", limits_.max_wire_bytes);
  return absl::OkStatus();
}

absl::Status BoundedReader::BeginBody(std::string_view content_encoding) {
  // Remote read's snappy is one block, not a stream: whoever asked for it undoes it, within limits.
  if (content_encoding.empty() || EqualsIgnoreCaseAscii(content_encoding, "identity") ||
      EqualsIgnoreCaseAscii(content_encoding, "snappy")) {
    return absl::OkStatus();
  }
  if (!EqualsIgnoreCaseAscii(content_encoding, "gzip")) {
    return InvalidArgument("content encoding \"{}\": expected gzip or none",
                           content_encoding.substr(0, 64));
  }
  RETURN_IF_ERROR(reservation_.Grow(internal::GzipReader::kMemoryBytes));
  gzip_.emplace();
  return absl::OkStatus();
}

absl::Status BoundedReader::OnBody(std::string_view piece, Output output) {
  if (!gzip_.has_value()) return OnDecoded(piece, output);
  return gzip_->Feed(piece, [&](std::string_view decoded) { return OnDecoded(decoded, output); });
}

absl::Status BoundedReader::OnDecoded(std::string_view piece, Output output) {
  decoded_bytes_ += std::ssize(piece);
  if (decoded_bytes_ > limits_.max_decoded_bytes) {
    return Limit("decoded bytes", limits_.max_decoded_bytes);
  }
  if (decoded_bytes_ > kRatioFrom && decoded_bytes_ / limits_.max_ratio > wire_bytes_) {
    return MakeStatus(absl::StatusCode::kResourceExhausted,
                      "response over its limit of {} decoded bytes for each on the wire",
                      limits_.max_ratio);
  }
  return output(piece);
}

absl::Status BoundedReader::EndBody() {
  if (gzip_.has_value() && !gzip_->done()) {
    return absl::UnavailableError("truncated: the gzip stream ends too early");
  }
  return absl::OkStatus();
}

absl::Status BoundedReader::CheckTime() {
  const MonoTime now = clock_.Mono();
  if (deadline_.Expired(clock_)) return absl::DeadlineExceededError("deadline exceeded");
  if (!last_progress_.has_value()) return absl::OkStatus();
  if (now - *last_progress_ >= limits_.no_progress) {
    return MakeStatus(absl::StatusCode::kDeadlineExceeded, "no byte for {:.3g} s",
                      Seconds(now - *last_progress_));
  }
  const MonoDuration window = now - window_start_;
  if (window < limits_.grace) return absl::OkStatus();
  const double rate = static_cast<double>(window_bytes_) / Seconds(window);
  if (rate < static_cast<double>(limits_.min_bytes_per_second)) {
    return MakeStatus(absl::StatusCode::kDeadlineExceeded,
                      "too slow: {:.0f} bytes/s over {:.3g} s, at least {} expected", rate,
                      Seconds(window), limits_.min_bytes_per_second);
  }
  window_start_ = now;
  window_bytes_ = 0;
  return absl::OkStatus();
}

MonoTime BoundedReader::NextCheck() const {
  if (!last_progress_.has_value()) return deadline_.at();
  return std::min(
      {deadline_.at(), *last_progress_ + limits_.no_progress, window_start_ + limits_.grace});
}

}  // namespace synoptic::net
