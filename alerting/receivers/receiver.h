// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A receiver: one way in which alerts leave the process. One pair of files each.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "alerting/rule/outgoing_alert.h"
#include "base/json.h"
#include "net/async/deadline.h"
#include "net/async/task.h"

namespace synoptic::alerting {

using SharedAlert = std::shared_ptr<const OutgoingAlert>;

struct SendRequest {
  std::vector<SharedAlert> alerts;
  int64_t now_ms = 0;  // wall clock: what fires is valid from now on
  int attempt = 1;     // of the first of them
};

// Thread-safe.
class Receiver {
 public:
  virtual ~Receiver() = default;
  // Shown in logs and metrics; without credentials.
  virtual const std::string& name() const = 0;
  // Sends one batch. OK: accepted. InvalidArgument: the receiver found fault with some of them (and
  // may have taken the others); sending the same again is no use. ResourceExhausted: the batch is
  // too large. Anything else is worth a retry, not before RetryAfterOf.
  virtual Task<> Send(SendRequest request, Deadline deadline) = 0;
  virtual size_t max_batch() const { return 64; }
  // Requests under way at a time. More than 1 only with batches of 1.
  virtual size_t at_once() const { return 1; }
  // Whether it forgets what it is not told again and again.
  virtual bool wants_repetitions() const { return true; }
  // Of one that is told each transition once: what tells this one from any other, equal in all
  // replicas of this process. Empty: such a thing is not known.
  virtual std::string KeyOf(const OutgoingAlert& /*alert*/) const { return ""; }
};

// How long a receiver asked to be left alone; zero when it did not say.
absl::Status WithRetryAfter(absl::Status status, std::string_view seconds);
MonoDuration RetryAfterOf(const absl::Status& status);

// What an HTTP status means for a batch: of 4xx, only those that speak of the content are faults.
absl::Status StatusOfReply(int http_status, std::string_view body, std::string_view retry_after);

// RFC 3339 with milliseconds, as Prometheus sends them.
std::string FormatAlertTime(int64_t ms);
// {"a":"b",...}
template <class Pairs>
void AppendJsonObject(const Pairs& pairs, std::string& out) {
  out += '{';
  bool first = true;
  for (const auto& [name, value] : pairs) {
    if (!first) out += ',';
    first = false;
    AppendJsonString(name, out);
    out += ':';
    AppendJsonString(value, out);
  }
  out += '}';
}

}  // namespace synoptic::alerting
