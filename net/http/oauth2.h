// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// OAuth 2 for outgoing requests: the client-credentials grant (RFC 6749, section 4.4). The token is
// fetched when the first request needs it, kept, fetched anew before it ends, and at once after a
// 401. Whoever needs one meanwhile waits for the fetch under way.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/http/client.h"

namespace synoptic::net {

struct OAuth2Options {
  std::string client_id;
  std::string client_secret;  // never shown
  std::string token_url;
  std::vector<std::string> scopes;
  std::vector<std::pair<std::string, std::string>> endpoint_params;
  TlsOptions tls;  // of the token's endpoint
};

// A client that sends through `inner` with a token of its own, asked for through `token_client`.
// Errors of the endpoint are Unavailable and name it: `oauth2 token from https://...: HTTP 401`.
// Both clients and the clock outlive it. InvalidArgument: the URL.
absl::StatusOr<std::unique_ptr<HttpClient>> NewOAuth2Client(HttpClient& inner,
                                                            HttpClient& token_client,
                                                            const Clock& clock,
                                                            OAuth2Options options);

}  // namespace synoptic::net
