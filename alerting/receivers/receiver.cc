// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/receivers/receiver.h"

#include <charconv>
#include <chrono>

#include "absl/strings/cord.h"
#include "base/status.h"

namespace synoptic::alerting {
namespace {

constexpr char kRetryAfter[] = "synoptic/retry-after-seconds";
constexpr int64_t kMaxRetryAfterSeconds = 120;  // less than what alerts are valid for

}  // namespace

absl::Status WithRetryAfter(absl::Status status, std::string_view seconds) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(seconds.data(), seconds.data() + seconds.size(), value);
  // A date is allowed too; whoever sends one gets our own backoff.
  if (error != std::errc() || end != seconds.data() + seconds.size() || value <= 0) return status;
  const std::string text = std::to_string(std::min(value, kMaxRetryAfterSeconds));
  status.SetPayload(kRetryAfter, absl::Cord(absl::string_view(text)));
  return status;
}

MonoDuration RetryAfterOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kRetryAfter);
  if (!payload.has_value()) return MonoDuration::zero();
  return std::chrono::seconds(std::atoi(std::string(*payload).c_str()));
}

absl::Status StatusOfReply(int http_status, std::string_view body, std::string_view retry_after) {
  if (http_status / 100 == 2) return absl::OkStatus();
  // 401, 403, 404, ... are about us, the address or what stands in between: no reason to drop.
  const bool faulty = http_status == 400 || http_status == 422;
  const absl::StatusCode code = http_status == 413 ? absl::StatusCode::kResourceExhausted
                                : faulty           ? absl::StatusCode::kInvalidArgument
                                                   : absl::StatusCode::kUnavailable;
  return WithRetryAfter(MakeStatus(code, "HTTP {}: {}", http_status, body.substr(0, 200)),
                        retry_after);
}

std::string FormatAlertTime(int64_t ms) {
  using std::chrono::days;
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(ms)};
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

}  // namespace synoptic::alerting
