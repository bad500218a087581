// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Responses as bytes: status line, headers, framing, gzip.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "net/http/message.h"

namespace synoptic::net::internal {

std::string_view ReasonPhrase(int status);

// "Sun, 06 Nov 1994 08:49:37 GMT", made once a second.
class DateLine {
 public:
  explicit DateLine(const Clock& clock) : clock_(clock) {}
  std::string_view Now();

 private:
  const Clock& clock_;
  int64_t second_ = -1;
  std::string text_;
};

// The client's Accept-Encoding allows gzip (q=0 forbids it).
bool AcceptsGzip(const Headers& request_headers);

// A body worth compressing: large enough, not coded already, status with a body.
bool WantsGzip(const HttpResponse& response, size_t min_bytes);

// Appends the head to `out`, for a body of `body_size` bytes. Connection, Content-Length and Date
// are ours: a handler's are dropped. Controls in a header value become spaces (no response
// splitting).
void AppendHead(const HttpResponse& response, size_t body_size, bool close, std::string_view date,
                std::string& out);

}  // namespace synoptic::net::internal
