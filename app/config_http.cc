// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/config_sections.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic::app {
namespace {

using aggregator::Secret;

constexpr size_t kMaxPemBytes = 1 << 20;

void ReadBasicAuth(const YamlValue& value, aggregator::HttpAuth* out) {
  YamlMap map = value.ReadMap();
  std::string password;
  map.String("username", &out->username);
  map.Secret("password", &password);
  map.Finish();
  out->password = Secret(std::move(password));
  if (!value.is_null() && !value.IsEmpty() && out->username.empty()) {
    value.Fail("expected `username`, got nothing");
  }
}

void ReadAuthorization(const YamlValue& value, aggregator::HttpAuth* out) {
  YamlMap map = value.ReadMap();
  std::string credentials;
  std::string type = "Bearer";
  map.String("type", &type);
  map.Secret("credentials", &credentials);
  map.Finish();
  if (EqualsIgnoreCaseAscii(type, "basic")) {
    value.Fail("expected another type than \"Basic\": use basic_auth");
  }
  if (credentials.empty()) return;
  out->authorization_type = std::move(type);
  out->authorization_credentials = Secret(std::move(credentials));
}

// PEM text from `key` or from the file that `<key>_file` names.
void ReadPem(YamlContext* context, YamlMap* map, const std::string& key, bool secret,
             std::string* out) {
  if (auto value = map->Find(key); value && !value->is_null()) {
    if (auto text = secret ? value->ReadSecret() : value->ReadString()) *out = *std::move(text);
  }
  auto file = map->Find(key + "_file");
  if (!file || file->is_null()) return;
  const auto path = file->ReadString();
  if (!path || path->empty()) return;
  if (!out->empty()) return file->Fail(fmt::format("expected one of `{0}` and `{0}_file`", key));
  auto content = context->fs()->ReadFile(context->Resolve(*path), kMaxPemBytes);
  if (!content.ok()) return file->Fail(MessageOf(content.status()));
  *out = *std::move(content);
}

}  // namespace

void ReadTls(YamlContext* context, const YamlValue& value, net::TlsOptions* out) {
  YamlMap map = value.ReadMap();
  ReadPem(context, &map, "ca", false, &out->ca_pem);
  ReadPem(context, &map, "cert", false, &out->certificate_pem);
  ReadPem(context, &map, "key", true, &out->private_key_pem);
  map.String("server_name", &out->server_name);
  map.Bool("insecure_skip_verify", &out->insecure_skip_verify);
  NotSupportedYet(map.Find("min_version"), "choosing the TLS version");
  NotSupportedYet(map.Find("max_version"), "choosing the TLS version");
  map.Finish();
  if (out->certificate_pem.empty() != out->private_key_pem.empty()) {
    value.Fail("expected a certificate and its key, got one of them");
  }
}

namespace {

void ReadOAuth2(YamlContext* context, const YamlValue& value, aggregator::HttpAuth* out) {
  if (value.is_null() || value.IsEmpty()) return;
  YamlMap map = value.ReadMap();
  net::OAuth2Options options;
  if (auto v = map.Require("client_id", "the client's name")) {
    options.client_id = v->ReadString().value_or("");
  }
  map.Secret("client_secret", &options.client_secret);
  if (auto v = map.Require("token_url", "where tokens come from")) {
    options.token_url = v->ReadString().value_or("");
    if (auto origin = net::Origin::Parse(options.token_url); !origin.ok()) {
      v->Fail(MessageOf(origin.status()));
    }
  }
  map.Strings("scopes", &options.scopes);
  if (auto v = map.Find("endpoint_params")) options.endpoint_params = v->ReadStringMap();
  if (auto v = map.Find("tls_config")) ReadTls(context, *v, &options.tls);
  map.Finish();
  if (options.client_secret.empty()) {
    value.Fail("expected `client_secret` or `client_secret_file`, got nothing");
  }
  out->oauth2 = std::move(options);
}

// Keys as in Prometheus; credentials that are not there come from the environment, as AWS' own
// tools take them.
void ReadSigV4(YamlContext* context, const YamlValue& value, aggregator::HttpAuth* out) {
  if (value.is_null() || value.IsEmpty()) return;
  YamlMap map = value.ReadMap();
  net::SigV4Options options;
  if (auto v = map.Require("region", "the AWS region")) {
    options.region = v->ReadString().value_or("");
  }
  map.String("service_name", &options.service);
  map.String("access_key", &options.access_key);
  map.Secret("secret_key", &options.secret_key);
  map.Secret("session_token", &options.session_token);
  NotSupportedYet(map.Find("profile"), "AWS profiles");
  NotSupportedYet(map.Find("role_arn"), "taking on AWS roles");
  map.Finish();
  if (options.access_key.empty() && options.secret_key.empty() && context->environment()) {
    const auto& environment = context->environment();
    options.access_key = environment("AWS_ACCESS_KEY_ID").value_or("");
    options.secret_key = environment("AWS_SECRET_ACCESS_KEY").value_or("");
    options.session_token = environment("AWS_SESSION_TOKEN").value_or("");
  }
  if (options.access_key.empty() || options.secret_key.empty()) {
    value.Fail(
        "expected `access_key` and `secret_key`, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in "
        "the environment");
  }
  out->sigv4 = std::move(options);
}

void ReadHeaders(const YamlValue& value, aggregator::HttpAuth* out) {
  constexpr std::string_view kReserved[] = {
      "host",       "content-length",    "content-type",    "content-encoding",
      "connection", "transfer-encoding", "accept-encoding", "authorization"};
  YamlMap map = value.ReadMap();
  for (const auto& [name, unused] : map.self().ReadStringMap()) {
    auto header = map.Find(name);
    auto text = header->ReadSecret();
    for (const std::string_view reserved : kReserved) {
      if (EqualsIgnoreCaseAscii(name, reserved)) header->Fail("this header is ours to set");
    }
    if (text && text->find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      header->Fail("expected one line of text");
    }
    if (text) out->headers.emplace_back(name, Secret(*std::move(text)));
  }
}

}  // namespace

void ReadHttpSettings(YamlContext* context, YamlMap* map, HttpSettings* out) {
  if (auto v = map->Find("basic_auth")) ReadBasicAuth(*v, &out->auth);
  if (auto v = map->Find("authorization")) ReadAuthorization(*v, &out->auth);
  if (auto v = map->Find("oauth2")) ReadOAuth2(context, *v, &out->auth);
  if (auto v = map->Find("sigv4")) ReadSigV4(context, *v, &out->auth);
  const int ways = (out->auth.username.empty() ? 0 : 1) +
                   (out->auth.authorization_credentials.empty() ? 0 : 1) +
                   (out->auth.oauth2.has_value() ? 1 : 0) + (out->auth.sigv4.has_value() ? 1 : 0);
  if (ways > 1) {
    map->self().Fail("expected one of basic_auth, authorization, oauth2 and sigv4, got several");
  }
  if (auto v = map->Find("tls_config")) ReadTls(context, *v, &out->tls);
  if (auto v = map->Find("headers")) ReadHeaders(*v, &out->auth);
}

}  // namespace synoptic::app
