// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The process' HTTP clients: one for each set of TLS options, so that connections are pooled across
// shards and reloads. Lives on the event loop's executor.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "aggregator/upstream/inventory.h"
#include "net/http/client.h"

namespace synoptic::app {

class HttpClients {
 public:
  HttpClients(boost::asio::any_io_executor executor, const Clock& clock)
      : executor_(std::move(executor)), clock_(clock) {}

  // Lives as long as this object. Errors name what is wrong with the options.
  absl::StatusOr<net::HttpClient*> Get(const net::TlsOptions& tls);
  // Closes all connections: before the event loop goes away.
  void Clear() { clients_.clear(); }

 private:
  const boost::asio::any_io_executor executor_;
  const Clock& clock_;
  std::map<std::string, std::unique_ptr<net::HttpClient>> clients_;  // by fingerprint
};

// Tells two sets of options apart. Holds secrets: never shown.
std::string FingerprintOf(const net::TlsOptions& tls);
std::string FingerprintOf(const aggregator::HttpAuth& auth);
std::string FingerprintOf(const aggregator::Region& region, const aggregator::Shard& shard);
// Of all stores of the shard's place (aggregator/upstream/inventory.h).
std::string FingerprintOfPlace(const aggregator::Region& region, const aggregator::Shard& shard);

// Authorization and the configured headers.
net::Headers AuthHeaders(const aggregator::HttpAuth& auth);

}  // namespace synoptic::app
