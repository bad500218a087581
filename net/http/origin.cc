// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/status.h"
#include "base/strings.h"
#include "net/http/client.h"
#include "net/http/wire.h"

namespace synoptic::net {

namespace {

absl::Status Bad(std::string_view url, std::string_view what) {
  return InvalidArgument("URL \"{}\": {}; expected http(s)://host[:port][/path]", url, what);
}

}  // namespace

absl::StatusOr<Origin> Origin::Parse(std::string_view url) {
  // Secrets in a URL end up in logs: refused, and not repeated here.
  const size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return Bad(url, "no scheme");
  const std::string_view after = url.substr(scheme_end + 3);
  const size_t slash = after.find_first_of("/?#");
  std::string_view authority = after.substr(0, slash);
  if (authority.find('@') != std::string_view::npos) {
    return InvalidArgument(
        "URL of \"{}\": user info is not allowed in a URL; use basic_auth or authorization",
        authority.substr(authority.rfind('@') + 1));
  }
  Origin origin;
  const std::string scheme = ToLowerAscii(url.substr(0, scheme_end));
  if (scheme != "http" && scheme != "https") return Bad(url, "unknown scheme");
  origin.tls = scheme == "https";
  origin.port = origin.tls ? 443 : 80;
  const std::string_view path = slash == std::string_view::npos ? "" : after.substr(slash);
  if (path.find_first_of("?#") != std::string_view::npos) return Bad(url, "query or fragment");
  if (!internal::IsVisibleAscii(url)) return Bad(url, "space or special character");

  std::string_view port;
  bool has_port = false;
  if (authority.starts_with('[')) {
    const size_t end = authority.find(']');
    if (end == std::string_view::npos) return Bad(url, "no ] after the address");
    origin.host = authority.substr(1, end - 1);
    const std::string_view rest = authority.substr(end + 1);
    if (!rest.empty() && rest[0] != ':') return Bad(url, "text after the address");
    has_port = !rest.empty();
    if (has_port) port = rest.substr(1);
  } else {
    const size_t colon = authority.find(':');
    origin.host = authority.substr(0, colon);
    has_port = colon != std::string_view::npos;
    if (has_port) port = authority.substr(colon + 1);
  }
  if (origin.host.empty()) return Bad(url, "no host");
  if (has_port) {
    const auto number = internal::ParseContentLength(port);
    if (!number.has_value() || *number < 1 || *number > 65535) return Bad(url, "invalid port");
    origin.port = static_cast<uint16_t>(*number);
  }
  origin.path_prefix = path;
  while (origin.path_prefix.ends_with('/')) origin.path_prefix.pop_back();
  return origin;
}

std::string HostField(const Origin& origin) {
  const bool v6 = origin.host.find(':') != std::string::npos;
  std::string host = v6 ? "[" + origin.host + "]" : origin.host;
  if (origin.port != (origin.tls ? 443 : 80)) host += ":" + std::to_string(origin.port);
  return host;
}

absl::Status StringSink::OnHead(int status, const Headers& headers) {
  status_ = status;
  headers_ = headers;
  return absl::OkStatus();
}

absl::Status StringSink::OnData(std::string_view data) {
  if (data.size() > max_bytes_ - body_.size()) {
    return MakeStatus(absl::StatusCode::kResourceExhausted, "response over {} bytes", max_bytes_);
  }
  body_.append(data);
  return absl::OkStatus();
}

}  // namespace synoptic::net
