// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Bytes of an upstream in, one response out: head as values, body piece by piece. The client's
// counterpart of RequestIntake, as strict: no folded lines, no bare LF, one framing, and always a
// framing (a body that ends with the connection could be cut anywhere unseen).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "net/http/chunked.h"
#include "net/http/message.h"

namespace synoptic::net::internal {

class ResponseIntake {
 public:
  // `head_only`: the answer to a HEAD request.
  explicit ResponseIntake(bool head_only) : head_only_(head_only) {}

  // Takes what it can off the front of `input`: the head, or one piece of body into `piece`. What
  // is left must be offered again with what follows it. InvalidArgument: not HTTP as we accept it;
  // ResourceExhausted: head too large.
  absl::Status Feed(std::string_view& input, std::string_view& piece);

  bool head_done() const { return state_ == State::kBody || state_ == State::kDone; }
  bool done() const { return state_ == State::kDone; }
  int status() const { return status_; }
  const Headers& headers() const { return headers_; }
  // The connection may carry another request.
  bool keep_alive() const { return keep_alive_; }

 private:
  enum class State { kStatusLine, kFields, kBody, kDone };
  absl::Status OnStatusLine(std::string_view line);
  absl::Status OnField(std::string_view line);
  absl::Status OnHeadEnd();
  absl::Status FeedHead(std::string_view& input);

  static constexpr size_t kMaxHeadBytes = 64 << 10;
  static constexpr size_t kMaxFields = 256;
  static constexpr int kMaxInterim = 8;  // 1xx responses before the real one

  const bool head_only_;
  State state_ = State::kStatusLine;
  int status_ = 0;
  Headers headers_;
  bool keep_alive_ = true;
  int minor_version_ = 1;
  int interim_ = 0;
  size_t head_bytes_ = 0;
  bool has_transfer_encoding_ = false;
  std::optional<int64_t> content_length_;
  int64_t body_left_ = 0;
  std::optional<ChunkedDecoder> chunked_;
};

}  // namespace synoptic::net::internal
