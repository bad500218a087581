// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/http/chunked.h"

#include <algorithm>

#include "base/status.h"
#include "net/http/wire.h"

namespace synoptic::net::internal {

absl::Status ChunkedDecoder::Feed(std::string_view& input, std::string_view& payload) {
  payload = {};
  while (!input.empty() && state_ != State::kDone) {
    if (state_ == State::kData) {
      const size_t n = static_cast<size_t>(std::min<int64_t>(size_, std::ssize(input)));
      payload = input.substr(0, n);
      input.remove_prefix(n);
      size_ -= static_cast<int64_t>(n);
      if (size_ == 0) state_ = State::kDataCr;
      return absl::OkStatus();
    }
    const char c = input.front();
    input.remove_prefix(1);
    RETURN_IF_ERROR(OnControl(c));
  }
  return absl::OkStatus();
}

absl::Status ChunkedDecoder::OnControl(char c) {
  switch (state_) {
    case State::kSize: {
      int digit = -1;
      if (c >= '0' && c <= '9') digit = c - '0';
      if (c >= 'a' && c <= 'f') digit = c - 'a' + 10;
      if (c >= 'A' && c <= 'F') digit = c - 'A' + 10;
      if (digit >= 0) {
        size_ = size_ * 16 + digit;
        if (++digits_ > 16 || size_ > kMaxChunk) return InvalidArgument("chunk size too large");
        return absl::OkStatus();
      }
      if (digits_ == 0) return InvalidArgument("chunk without a size");
      if (c == '\r') {
        state_ = State::kSizeLf;
      } else if (c == ';') {
        state_ = State::kExtension;
      } else {
        return InvalidArgument("invalid character in a chunk size");
      }
      return absl::OkStatus();
    }
    case State::kExtension:
      if (c == '\r') {
        state_ = State::kSizeLf;
        return absl::OkStatus();
      }
      if (++extension_bytes_ > kMaxExtensionBytes) {
        return InvalidArgument("chunk extensions over {} bytes", kMaxExtensionBytes);
      }
      if (!IsFieldText({&c, 1})) return InvalidArgument("control character in a chunk extension");
      return absl::OkStatus();
    case State::kSizeLf:
      if (c != '\n') return InvalidArgument("chunk size line does not end in CRLF");
      return OnSizeEnd();
    case State::kDataCr:
      if (c != '\r') return InvalidArgument("chunk longer than its size");
      state_ = State::kDataLf;
      return absl::OkStatus();
    case State::kDataLf:
      if (c != '\n') return InvalidArgument("chunk does not end in CRLF");
      state_ = State::kSize;
      size_ = 0;
      digits_ = 0;
      return absl::OkStatus();
    case State::kTrailer:
      if (++trailer_bytes_ > kMaxTrailerBytes) {
        return InvalidArgument("trailers over {} bytes", kMaxTrailerBytes);
      }
      if (c == '\r') {
        state_ = State::kTrailerLf;
      } else if (c == '\n') {
        return InvalidArgument("bare LF in a trailer");
      } else {
        trailer_.push_back(c);
      }
      return absl::OkStatus();
    case State::kTrailerLf:
      if (c != '\n') return InvalidArgument("trailer line does not end in CRLF");
      return OnTrailerLine();
    case State::kData:
    case State::kDone:
      break;
  }
  return absl::OkStatus();
}

absl::Status ChunkedDecoder::OnSizeEnd() {
  state_ = size_ == 0 ? State::kTrailer : State::kData;
  return absl::OkStatus();
}

absl::Status ChunkedDecoder::OnTrailerLine() {
  if (trailer_.empty()) {
    state_ = State::kDone;
    return absl::OkStatus();
  }
  std::string_view reason;
  const auto field = ParseFieldLine(trailer_, &reason);
  if (!field.has_value()) return InvalidArgument("trailer: {}", reason);
  if (refuse_trailers_ && IsForbiddenTrailer(field->name)) {
    return InvalidArgument("trailer field {} is not allowed", field->name);
  }
  trailer_.clear();
  state_ = State::kTrailer;
  return absl::OkStatus();
}

}  // namespace synoptic::net::internal
