// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/http_clients.h"

#include "absl/strings/escaping.h"
#include "app/version.h"
#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic::app {
namespace {

// Length-prefixed, so that no two lists of parts look the same.
void Put(std::string_view part, std::string& out) {
  out += fmt::format("{}:", part.size());
  out += part;
}

}  // namespace

std::string FingerprintOf(const net::TlsOptions& tls) {
  std::string out;
  Put(tls.ca_pem, out);
  Put(tls.certificate_pem, out);
  Put(tls.private_key_pem, out);
  Put(tls.server_name, out);
  Put(tls.insecure_skip_verify ? "1" : "0", out);
  return out;
}

std::string FingerprintOf(const aggregator::HttpAuth& auth) {
  std::string out;
  Put(auth.username, out);
  Put(auth.password.Reveal(), out);
  Put(auth.authorization_type, out);
  Put(auth.authorization_credentials.Reveal(), out);
  for (const auto& [name, value] : auth.headers) {
    Put(name, out);
    Put(value.Reveal(), out);
  }
  return out;
}

std::string FingerprintOf(const aggregator::Region& region, const aggregator::Shard& shard) {
  std::string out;
  Put(region.name, out);
  Put(region.labels.ToString(), out);
  for (const std::string& label : region.replica_labels) Put(label, out);
  Put(shard.name, out);
  Put(shard.labels.ToString(), out);
  for (const aggregator::Replica& replica : shard.replicas) Put(replica.url, out);
  out += fmt::format("{} {} {} {} {} {} {};", static_cast<int>(shard.flavor),
                     static_cast<int>(shard.read), shard.timeout_ms, shard.min_age_ms,
                     shard.max_age_ms, shard.max_concurrency, shard.max_response_bytes);
  return out + FingerprintOf(shard.auth) + FingerprintOf(shard.tls);
}

std::string FingerprintOfPlace(const aggregator::Region& region, const aggregator::Shard& shard) {
  std::string out;
  for (const aggregator::Shard& store : region.shards) {
    if (LabelsOf(region, store) == LabelsOf(region, shard)) out += FingerprintOf(region, store);
  }
  return out;
}

absl::StatusOr<net::HttpClient*> HttpClients::Get(const net::TlsOptions& tls) {
  std::unique_ptr<net::HttpClient>& client = clients_[FingerprintOf(tls)];
  if (client == nullptr) {
    net::HttpClientOptions options;
    options.tls = tls;
    options.user_agent = fmt::format("synoptic/{}", kVersion);
    ASSIGN_OR_RETURN(client, net::NewHttpClient(executor_, clock_, std::move(options)));
  }
  return client.get();
}

net::Headers AuthHeaders(const aggregator::HttpAuth& auth) {
  net::Headers headers;
  if (!auth.username.empty()) {
    const std::string pair = auth.username + ":" + auth.password.Reveal();
    headers.Set("Authorization", "Basic " + absl::Base64Escape(ToAbsl(pair)));
  } else if (!auth.authorization_credentials.empty()) {
    headers.Set("Authorization",
                auth.authorization_type + " " + auth.authorization_credentials.Reveal());
  }
  for (const auto& [name, value] : auth.headers) headers.Set(name, value.Reveal());
  return headers;
}

}  // namespace synoptic::app
