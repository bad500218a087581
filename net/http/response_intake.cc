// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/http/response_intake.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "base/strings.h"
#include "net/http/wire.h"

namespace synoptic::net::internal {

absl::Status ResponseIntake::Feed(std::string_view& input, std::string_view& piece) {
  piece = {};
  while (!head_done()) {
    const size_t before = input.size();
    RETURN_IF_ERROR(FeedHead(input));
    if (input.size() == before) return absl::OkStatus();
    if (head_done()) return absl::OkStatus();  // let the caller look at it before the body
  }
  if (done()) return absl::OkStatus();
  if (chunked_.has_value()) {
    RETURN_IF_ERROR(chunked_->Feed(input, piece));
    if (chunked_->done()) state_ = State::kDone;
    return absl::OkStatus();
  }
  const size_t n = static_cast<size_t>(std::min<int64_t>(body_left_, std::ssize(input)));
  piece = input.substr(0, n);
  input.remove_prefix(n);
  body_left_ -= static_cast<int64_t>(n);
  if (body_left_ == 0) state_ = State::kDone;
  return absl::OkStatus();
}

absl::Status ResponseIntake::FeedHead(std::string_view& input) {
  const size_t room = kMaxHeadBytes - head_bytes_;
  const Line line = TakeLine(input.substr(0, room));
  if (line.kind == Line::kNeedMore) {
    if (input.size() < room) return absl::OkStatus();
    return MakeStatus(absl::StatusCode::kResourceExhausted, "response head over {} bytes",
                      kMaxHeadBytes);
  }
  if (line.kind == Line::kBad) return InvalidArgument("not HTTP: line does not end in CRLF");
  head_bytes_ += line.consumed;
  input.remove_prefix(line.consumed);
  if (state_ == State::kStatusLine) return OnStatusLine(line.text);
  if (line.text.empty()) return OnHeadEnd();
  return OnField(line.text);
}

absl::Status ResponseIntake::OnStatusLine(std::string_view line) {
  const bool http = line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 ");
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!http || line.size() < 12 || !std::all_of(line.begin() + 9, line.begin() + 12, is_digit) ||
      (line.size() > 12 && line[12] != ' ') || !IsFieldText(line)) {
    return InvalidArgument("not HTTP: no status line");
  }
  minor_version_ = line[7] - '0';
  status_ = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  if (status_ < 100 || status_ > 599) return InvalidArgument("not HTTP: status {}", status_);
  keep_alive_ = minor_version_ == 1;
  state_ = State::kFields;
  return absl::OkStatus();
}

absl::Status ResponseIntake::OnField(std::string_view line) {
  std::string_view reason;
  const auto field = ParseFieldLine(line, &reason);
  if (!field.has_value()) return InvalidArgument("not HTTP: {}", reason);
  if (headers_.fields().size() >= kMaxFields) {
    return MakeStatus(absl::StatusCode::kResourceExhausted, "more than {} response header fields",
                      kMaxFields);
  }
  if (EqualsIgnoreCaseAscii(field->name, "content-length")) {
    if (content_length_.has_value()) return InvalidArgument("not HTTP: two Content-Length fields");
    content_length_ = ParseContentLength(field->value);
    if (!content_length_.has_value()) return InvalidArgument("not HTTP: invalid Content-Length");
  } else if (EqualsIgnoreCaseAscii(field->name, "transfer-encoding")) {
    if (std::exchange(has_transfer_encoding_, true) ||
        !EqualsIgnoreCaseAscii(field->value, "chunked")) {
      return InvalidArgument("unsupported Transfer-Encoding: expected chunked");
    }
  } else if (EqualsIgnoreCaseAscii(field->name, "connection")) {
    if (ListContains(field->value, "close")) keep_alive_ = false;
  }
  headers_.Add(std::string(field->name), std::string(field->value));
  return absl::OkStatus();
}

absl::Status ResponseIntake::OnHeadEnd() {
  if (status_ < 200) {
    if (status_ == 101) return InvalidArgument("unasked change of protocol (101)");
    if (++interim_ > kMaxInterim) {
      return MakeStatus(absl::StatusCode::kResourceExhausted, "more than {} interim responses",
                        kMaxInterim);
    }
    headers_ = Headers();
    content_length_.reset();
    has_transfer_encoding_ = false;
    state_ = State::kStatusLine;
    return absl::OkStatus();
  }
  if (has_transfer_encoding_ && content_length_.has_value()) {
    return InvalidArgument("both Transfer-Encoding and Content-Length");
  }
  if (has_transfer_encoding_ && minor_version_ == 0) {
    return InvalidArgument("Transfer-Encoding in HTTP/1.0");
  }
  if (head_only_ || status_ == 204 || status_ == 304) {
    state_ = State::kDone;
    return absl::OkStatus();
  }
  if (has_transfer_encoding_) {
    chunked_.emplace(/*refuse_trailers=*/false);
  } else if (content_length_.has_value()) {
    body_left_ = *content_length_;
  } else {
    return InvalidArgument("response body without a length: expected Content-Length or chunked");
  }
  state_ = chunked_.has_value() || body_left_ > 0 ? State::kBody : State::kDone;
  return absl::OkStatus();
}

}  // namespace synoptic::net::internal
