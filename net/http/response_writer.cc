// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/http/response_writer.h"

#include "base/civil.h"
#include "base/strings.h"
#include "fmt/compile.h"
#include "fmt/format.h"
#include "net/http/wire.h"

namespace synoptic::net::internal {

std::string_view ReasonPhrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 499:
      return "Client Closed Request";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

std::string_view DateLine::Now() {
  const int64_t second = clock_.WallMillis() / 1000;
  if (second == second_) return text_;
  second_ = second;
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const CivilTime t = CivilOf(second);
  text_ = fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays[t.weekday], t.day,
                      kMonths[t.month - 1], t.year, t.hour, t.minute, t.second);
  return text_;
}

bool AcceptsGzip(const Headers& request_headers) {
  for (const auto& [name, value] : request_headers.fields()) {
    if (!EqualsIgnoreCaseAscii(name, "accept-encoding")) continue;
    for (std::string_view item : Split(value, ',')) {
      const size_t semicolon = item.find(';');
      if (!EqualsIgnoreCaseAscii(Trim(item.substr(0, semicolon)), "gzip")) continue;
      if (semicolon == std::string_view::npos) return true;
      const std::string_view weight = Trim(item.substr(semicolon + 1));
      // q=0, q=0.0, ... mean "not acceptable".
      return !(weight.starts_with("q=0") && weight.find_first_of("123456789") == std::string::npos);
    }
  }
  return false;
}

bool WantsGzip(const HttpResponse& response, size_t min_bytes) {
  return response.plain().size() >= min_bytes && response.status >= 200 &&
         !response.headers.Get("Content-Encoding").has_value();
}

void AppendHead(const HttpResponse& response, size_t body_size, bool close, std::string_view date,
                std::string& out) {
  fmt::format_to(std::back_inserter(out), FMT_COMPILE("HTTP/1.1 {} {}\r\nDate: {}\r\n"),
                 response.status, ReasonPhrase(response.status), date);
  for (const auto& [name, value] : response.headers.fields()) {
    if (!IsToken(name) || EqualsIgnoreCaseAscii(name, "content-length") ||
        EqualsIgnoreCaseAscii(name, "connection") || EqualsIgnoreCaseAscii(name, "date") ||
        EqualsIgnoreCaseAscii(name, "transfer-encoding")) {
      continue;
    }
    out.append(name).append(": ");
    const size_t start = out.size();
    out.append(value);
    if (!IsFieldText(value)) {
      for (size_t i = start; i < out.size(); ++i) {
        if (!IsFieldText({&out[i], 1})) out[i] = ' ';
      }
    }
    out.append("\r\n");
  }
  if (close) out.append("Connection: close\r\n");
  if (response.status != 204 && response.status != 304) {
    fmt::format_to(std::back_inserter(out), FMT_COMPILE("Content-Length: {}\r\n"), body_size);
  }
  out.append("\r\n");
}

}  // namespace synoptic::net::internal
