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
  if (auth.oauth2.has_value()) {
    const net::OAuth2Options& options = *auth.oauth2;
    for (const std::string_view part :
         {std::string_view("oauth2"), std::string_view(options.client_id),
          std::string_view(options.client_secret), std::string_view(options.token_url)}) {
      Put(part, out);
    }
    Put(Join(options.scopes, " "), out);
    for (const auto& [name, value] : options.endpoint_params) {
      Put(name, out);
      Put(value, out);
    }
    out += FingerprintOf(options.tls);
  }
  if (auth.sigv4.has_value()) {
    const net::SigV4Options& options = *auth.sigv4;
    for (const std::string* part : {&options.region, &options.service, &options.access_key,
                                    &options.secret_key, &options.session_token}) {
      Put(*part, out);
    }
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
  out += fmt::format("{} {} {} {} {} {} {};", static_cast<int>(shard.flavor),
                     static_cast<int>(shard.read), shard.timeout_ms, shard.min_age_ms,
                     shard.max_age_ms, shard.max_concurrency, shard.max_response_bytes);
  return out + FingerprintOf(shard.auth) + FingerprintOf(shard.tls);
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

absl::StatusOr<net::HttpClient*> HttpClients::Get(const net::TlsOptions& tls,
                                                  const aggregator::HttpAuth& auth) {
  ASSIGN_OR_RETURN(net::HttpClient * inner, Get(tls));
  if (!auth.oauth2.has_value() && !auth.sigv4.has_value()) return inner;
  std::unique_ptr<net::HttpClient>& client = authorizing_[FingerprintOf(tls) + FingerprintOf(auth)];
  if (client != nullptr) return client.get();
  if (auth.sigv4.has_value()) {
    client = net::NewSigV4Client(*inner, clock_, *auth.sigv4);
  } else {
    ASSIGN_OR_RETURN(net::HttpClient * endpoint, Get(auth.oauth2->tls));
    ASSIGN_OR_RETURN(client, net::NewOAuth2Client(*inner, *endpoint, clock_, *auth.oauth2));
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
