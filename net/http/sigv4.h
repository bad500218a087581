// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// AWS Signature Version 4 for outgoing requests, by Amazon's documentation ("Create a signed AWS
// API request").
#pragma once

#include <memory>
#include <string>

#include "net/http/client.h"

namespace synoptic::net {

struct SigV4Options {
  std::string region;
  std::string service = "aps";  // Amazon's service for Prometheus
  std::string access_key;
  std::string secret_key;     // never shown
  std::string session_token;  // of temporary credentials; never shown
};

// Sets X-Amz-Date, X-Amz-Security-Token with temporary credentials, and Authorization, which signs
// the target, the body, `host` (as the Host header has it) and every header of `request` but those
// that are added or changed on the way. `target`: path and query as sent, the origin's prefix
// included.
void SignV4(const SigV4Options& options, int64_t now_ms, std::string_view host,
            std::string_view target, HttpRequest& request);

// A client that signs what it sends through `inner`. Both references outlive it.
std::unique_ptr<HttpClient> NewSigV4Client(HttpClient& inner, const Clock& clock,
                                           SigV4Options options);

}  // namespace synoptic::net
