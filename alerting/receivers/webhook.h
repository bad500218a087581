// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A direct delivery: one POST for each time an alert begins or ends, in the form of Alertmanager's
// webhook (version 4), so that what takes those takes ours. A request may come more than once (we
// never know whether a lost answer was a yes); the Idempotency-Key header is the same each time,
// and from every replica of Synoptic.
#pragma once

#include <memory>
#include <string>

#include "alerting/receivers/receiver.h"
#include "net/http/client.h"

namespace synoptic::alerting {

struct WebhookOptions {
  std::string name;
  net::Origin origin;
  std::string target = "/";  // path and query
  net::Headers headers;
  std::string external_url;
};

// `client` must outlive the receiver.
std::unique_ptr<Receiver> NewWebhook(WebhookOptions options, net::HttpClient& client);

std::string EncodeWebhook(const OutgoingAlert& alert, const std::string& receiver,
                          const std::string& external_url);
// Of the label set, the start and whether it fires: what one transition is.
std::string IdempotencyKey(const OutgoingAlert& alert);

}  // namespace synoptic::alerting
