// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Alertmanager's API v2: POST <prefix>/api/v2/alerts.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "alerting/receivers/receiver.h"
#include "net/http/client.h"

namespace synoptic::alerting {

struct AlertmanagerOptions {
  std::string url;  // without credentials
  net::Origin origin;
  net::Headers headers;  // authorization
};

// `client` must outlive the receiver.
std::unique_ptr<Receiver> NewAlertmanager(AlertmanagerOptions options, net::HttpClient& client);

// The request body.
std::string EncodeAlerts(std::span<const OutgoingAlert> alerts);

// What a status code means for the batch (see Receiver::Send).
absl::Status StatusOfAlertmanagerReply(int http_status, std::string_view body);

}  // namespace synoptic::alerting
