// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/http/sigv4.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/time/time.h"
#include "base/percent.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic::net {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string Hex(std::string_view bytes) { return absl::BytesToHexString(ToAbsl(bytes)); }

std::string Sha256(std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  // (Fails for want of memory alone; the request is then refused by its receiver.)
  if (EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr) != 1) return "";
  return {reinterpret_cast<char*>(digest), size};
}

std::string Hmac(std::string_view key, std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest,
           &size) == nullptr) {
    return "";
  }
  return {reinterpret_cast<char*>(digest), size};
}

// Without dot segments and repeated slashes; each segment escaped once more than it was sent.
std::string CanonicalPath(std::string_view path) {
  std::vector<std::string_view> segments;
  const bool slash = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
  while (!path.empty()) {
    const size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (segment.empty() || segment == ".") continue;
    if (segment != "..") {
      segments.push_back(segment);
    } else if (!segments.empty()) {
      segments.pop_back();
    }
  }
  std::string out;
  for (const std::string_view segment : segments) out += "/" + PercentEncode(segment);
  return out.empty() || slash ? out + "/" : out;
}

// Sorted by the escaped name, then value.
std::string CanonicalQuery(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> escaped;
  const absl::StatusOr<Parameters> parameters = ParseForm(query);
  if (parameters.ok()) {
    for (const auto& [name, value] : *parameters) {
      escaped.emplace_back(PercentEncode(name), PercentEncode(value));
    }
  }
  std::sort(escaped.begin(), escaped.end());
  std::string out;
  for (const auto& [name, value] : escaped) {
    if (!out.empty()) out += '&';
    out.append(name).append("=").append(value);
  }
  return out;
}

// Without spaces around it, and one where there are several.
std::string Trimmed(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == ' ' && (out.empty() || out.back() == ' ')) continue;
    out += c;
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

bool IsSigned(const std::string& name) {
  for (const std::string_view other : {"authorization", "user-agent", "accept-encoding",
                                       "connection", "traceparent", "x-amzn-trace-id"}) {
    if (name == other) return false;
  }
  return true;
}

class SigV4Client final : public HttpClient {
 public:
  SigV4Client(HttpClient& inner, const Clock& clock, SigV4Options options)
      : inner_(inner), clock_(clock), options_(std::move(options)) {}

  Task<> Send(const Origin& origin, HttpRequest request, const ResponseLimits& limits,
              Deadline deadline, BodySink& sink) override {
    SignV4(options_, clock_.WallMillis(), HostField(origin), origin.path_prefix + request.target,
           request);
    return inner_.Send(origin, std::move(request), limits, deadline, sink);
  }

 private:
  HttpClient& inner_;
  const Clock& clock_;
  const SigV4Options options_;
};

}  // namespace

void SignV4(const SigV4Options& options, int64_t now_ms, std::string_view host,
            std::string_view target, HttpRequest& request) {
  const std::string time =
      absl::FormatTime("%Y%m%dT%H%M%SZ", absl::FromUnixMillis(now_ms), absl::UTCTimeZone());
  const std::string date = time.substr(0, 8);
  request.headers.Set("X-Amz-Date", time);
  if (!options.session_token.empty()) {
    request.headers.Set("X-Amz-Security-Token", options.session_token);
  }
  std::map<std::string, std::string> headers = {{"host", std::string(host)}};
  for (const auto& [name, value] : request.headers.fields()) {
    const std::string lower = ToLowerAscii(name);
    if (!IsSigned(lower)) continue;
    const auto [at, fresh] = headers.try_emplace(lower, Trimmed(value));
    if (!fresh) at->second += "," + Trimmed(value);
  }
  std::string lines, names;
  for (const auto& [name, value] : headers) {
    lines.append(name).append(":").append(value).append("\n");
    names += (names.empty() ? "" : ";") + name;
  }
  const size_t mark = target.find('?');
  const std::string_view query =
      mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
  const std::string canonical =
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, CanonicalPath(target.substr(0, mark)),
                  CanonicalQuery(query), lines, names, Hex(Sha256(request.body)));
  const std::string scope =
      fmt::format("{}/{}/{}/aws4_request", date, options.region, options.service);
  const std::string to_sign =
      fmt::format("{}\n{}\n{}\n{}", kAlgorithm, time, scope, Hex(Sha256(canonical)));
  std::string key = "AWS4" + options.secret_key;
  for (const std::string_view part :
       {std::string_view(date), std::string_view(options.region), std::string_view(options.service),
        std::string_view("aws4_request")}) {
    key = Hmac(key, part);
  }
  request.headers.Set("Authorization",
                      fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm,
                                  options.access_key, scope, names, Hex(Hmac(key, to_sign))));
}

std::unique_ptr<HttpClient> NewSigV4Client(HttpClient& inner, const Clock& clock,
                                           SigV4Options options) {
  return std::make_unique<SigV4Client>(inner, clock, std::move(options));
}

}  // namespace synoptic::net
