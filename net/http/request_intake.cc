// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/http/request_intake.h"

#include <algorithm>

#include "base/status.h"
#include "base/strings.h"
#include "net/http/wire.h"

namespace synoptic::net::internal {

namespace {

// "GET ", " HTTP/1.1" and some air, beside the target.
constexpr size_t kRequestLineOverhead = 32;

bool IsHost(std::string_view host) {
  if (host.empty()) return false;
  return std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view(".-_~:[]%").find(c) != std::string_view::npos;
  });
}

bool IsKnownMethod(std::string_view method) {
  static constexpr std::string_view kKnown[] = {"GET",    "HEAD",    "POST", "PUT",
                                                "DELETE", "OPTIONS", "PATCH"};
  return std::find(std::begin(kKnown), std::end(kKnown), method) != std::end(kKnown);
}

}  // namespace

void RequestIntake::Fail(int status, std::string reason) {
  error_ = Error{status, std::move(reason)};
  keep_alive_ = false;
}

void RequestIntake::Reset() {
  state_ = State::kRequestLine;
  request_ = HttpRequest();
  head_bytes_ = 0;
  minor_version_ = 1;
  keep_alive_ = true;
  wants_continue_ = false;
  has_host_ = false;
  has_transfer_encoding_ = false;
  content_length_.reset();
  body_left_ = 0;
  chunked_.reset();
}

void RequestIntake::Feed(std::string_view& input) {
  while (!error_ && (state_ == State::kRequestLine || state_ == State::kFields)) {
    const size_t before = input.size();
    FeedHead(input);
    if (input.size() == before) return;
  }
  if (!error_ && state_ == State::kBody) FeedBody(input);
}

void RequestIntake::FeedHead(std::string_view& input) {
  if (input.empty()) return;
  const bool first = state_ == State::kRequestLine;
  // What cannot begin a request (a TLS hello, an empty line) is refused at its first byte.
  if (first && !IsToken(input.substr(0, 1))) return Fail(400, "malformed request line");
  const size_t room =
      first ? std::min(limits_.max_header_bytes, limits_.max_target_bytes + kRequestLineOverhead)
            : limits_.max_header_bytes - head_bytes_;
  const Line line = TakeLine(input.substr(0, room));
  if (line.kind == Line::kNeedMore) {
    if (input.size() < room) return;
    if (first) return Fail(414, "request line too long");
    return Fail(431, "request header too large");
  }
  if (line.kind == Line::kBad) return Fail(400, "line does not end in CRLF");
  head_bytes_ += line.consumed;
  input.remove_prefix(line.consumed);
  if (first) return OnRequestLine(line.text);
  if (line.text.empty()) return OnHeadEnd();
  OnField(line.text);
}

void RequestIntake::OnRequestLine(std::string_view line) {
  const size_t space = line.find(' ');
  const size_t last = line.rfind(' ');
  if (space == std::string_view::npos || space == last) return Fail(400, "malformed request line");
  const std::string_view method = line.substr(0, space);
  const std::string_view target = line.substr(space + 1, last - space - 1);
  const std::string_view version = line.substr(last + 1);
  if (!IsToken(method)) return Fail(400, "invalid method");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    if (version.size() == 8 && version.starts_with("HTTP/")) {
      return Fail(505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    }
    return Fail(400, "malformed request line");
  }
  if (method == "CONNECT" || method == "TRACE") return Fail(405, "method not allowed");
  if (!IsKnownMethod(method)) return Fail(501, "unknown method");
  if (!target.starts_with('/')) return Fail(400, "request target is not a path");
  if (target.size() > limits_.max_target_bytes) return Fail(414, "request target too long");
  if (!IsVisibleAscii(target) || target.find('#') != std::string_view::npos) {
    return Fail(400, "invalid character in the request target");
  }
  minor_version_ = version.back() - '0';
  keep_alive_ = minor_version_ == 1;
  request_.method = method;
  request_.target = target;
  state_ = State::kFields;
}

void RequestIntake::OnField(std::string_view line) {
  std::string_view reason;
  const auto field = ParseFieldLine(line, &reason);
  if (!field.has_value()) return Fail(400, std::string(reason));
  if (request_.headers.fields().size() >= limits_.max_header_count) {
    return Fail(431, "too many header fields");
  }
  OnFramingField(field->name, field->value);
  if (!error_) request_.headers.Add(std::string(field->name), std::string(field->value));
}

void RequestIntake::OnFramingField(std::string_view name, std::string_view value) {
  if (EqualsIgnoreCaseAscii(name, "host")) {
    if (std::exchange(has_host_, true)) return Fail(400, "more than one Host");
    if (!IsHost(value)) return Fail(400, "invalid Host");
  } else if (EqualsIgnoreCaseAscii(name, "content-length")) {
    if (content_length_.has_value()) return Fail(400, "more than one Content-Length");
    content_length_ = ParseContentLength(value);
    if (!content_length_.has_value()) return Fail(400, "invalid Content-Length");
  } else if (EqualsIgnoreCaseAscii(name, "transfer-encoding")) {
    if (std::exchange(has_transfer_encoding_, true)) {
      return Fail(400, "more than one Transfer-Encoding");
    }
    if (!EqualsIgnoreCaseAscii(value, "chunked")) {
      return Fail(ListContains(value, "chunked") ? 501 : 400, "unsupported Transfer-Encoding");
    }
  } else if (EqualsIgnoreCaseAscii(name, "expect")) {
    if (!EqualsIgnoreCaseAscii(value, "100-continue")) return Fail(417, "unknown expectation");
    wants_continue_ = true;
  } else if (EqualsIgnoreCaseAscii(name, "connection")) {
    if (ListContains(value, "close")) keep_alive_ = false;
    // HTTP/1.0 keep-alive is not offered: the connection is simply closed.
  }
}

void RequestIntake::OnHeadEnd() {
  if (!has_host_ && minor_version_ == 1) return Fail(400, "no Host");
  if (has_transfer_encoding_) {
    if (content_length_.has_value()) {
      return Fail(400, "both Transfer-Encoding and Content-Length");
    }
    if (minor_version_ == 0) return Fail(400, "Transfer-Encoding in HTTP/1.0");
    chunked_.emplace(/*refuse_trailers=*/true);
  } else if (content_length_.has_value()) {
    if (*content_length_ > static_cast<int64_t>(limits_.max_body_bytes)) {
      return Fail(413, "request body too large");
    }
    body_left_ = *content_length_;
  }
  state_ = chunked_.has_value() || body_left_ > 0 ? State::kBody : State::kReady;
}

void RequestIntake::FeedBody(std::string_view& input) {
  if (!chunked_.has_value()) {
    const size_t n = static_cast<size_t>(std::min<int64_t>(body_left_, std::ssize(input)));
    request_.body.append(input.substr(0, n));
    input.remove_prefix(n);
    body_left_ -= static_cast<int64_t>(n);
    if (body_left_ == 0) state_ = State::kReady;
    return;
  }
  while (!input.empty() && !chunked_->done()) {
    std::string_view payload;
    const absl::Status status = chunked_->Feed(input, payload);
    if (!status.ok()) return Fail(400, std::string(MessageOf(status)));
    if (payload.size() > limits_.max_body_bytes - request_.body.size()) {
      return Fail(413, "request body too large");
    }
    request_.body.append(payload);
  }
  if (chunked_->done()) state_ = State::kReady;
}

}  // namespace synoptic::net::internal
