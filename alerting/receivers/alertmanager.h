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

// The request body. What fires ends four repetitions after `now_ms`, however long it waited here.
std::string EncodeAlerts(std::span<const SharedAlert> alerts, int64_t now_ms);

}  // namespace synoptic::alerting
