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
  // The same, for requests whose authorization depends on time or content (OAuth 2, AWS
  // signatures); other kinds are headers that the caller adds.
  absl::StatusOr<net::HttpClient*> Get(const net::TlsOptions& tls,
                                       const aggregator::HttpAuth& auth);
  // Closes all connections: before the event loop goes away.
  void Clear() {
    authorizing_.clear();
    clients_.clear();
  }

 private:
  const boost::asio::any_io_executor executor_;
  const Clock& clock_;
  std::map<std::string, std::unique_ptr<net::HttpClient>> clients_;      // by fingerprint
  std::map<std::string, std::unique_ptr<net::HttpClient>> authorizing_;  // use those above
};

// Tells two sets of options apart. Holds secrets: never shown.
std::string FingerprintOf(const net::TlsOptions& tls);
std::string FingerprintOf(const aggregator::HttpAuth& auth);
// All but the replicas, which come and go.
std::string FingerprintOf(const aggregator::Region& region, const aggregator::Shard& shard);

// Authorization and the configured headers.
net::Headers AuthHeaders(const aggregator::HttpAuth& auth);

}  // namespace synoptic::app
