// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The receiving end of a Prometheus API answer: checks status and content type, hands a 200's body
// to the decoder that derives from it, and turns everything else into a status with its reason.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "net/http/client.h"

namespace synoptic::aggregator {

// What the API's error object means. `http_status` decides for types that say nothing.
//   bad_data -> InvalidArgument, execution -> FailedPrecondition (reason `query`: the same query
//   would fail at a sibling), timeout -> DeadlineExceeded, others -> Unavailable (http_<code>).
absl::Status StatusOfApiError(int http_status, std::string_view error_type, std::string_view error);

class ApiSink : public net::BodySink {
 public:
  absl::Status OnHead(int status, const net::Headers& headers) final;
  absl::Status OnData(std::string_view data) final;
  // After the whole body came: the verdict.
  absl::Status Finish();

  int http_status() const { return http_status_; }
  // What another Synoptic says is missing behind it.
  const std::string& coverage() const { return coverage_; }

 protected:
  // Of a 200's Content-Type (may be empty): DataLoss when the decoder cannot read it.
  virtual absl::Status OnContentType(std::string_view type);
  virtual absl::Status OnBody(std::string_view data) = 0;
  virtual absl::Status OnEnd() = 0;
  // 204: success without an answer.
  virtual absl::Status OnNoContent();
  // Neither: what the status and the error body mean, for a last word.
  virtual absl::Status OnRefused(absl::Status status) { return status; }

 private:
  int http_status_ = 0;
  std::string coverage_;
  std::string error_body_;
};

}  // namespace synoptic::aggregator
