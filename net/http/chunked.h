// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Undoes the chunked transfer coding, strictly, byte by byte and without keeping the body. Chunk
// extensions are capped and ignored; trailer fields are checked, capped and dropped: they never
// become headers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace synoptic::net::internal {

class ChunkedDecoder {
 public:
  // `refuse_trailers`: forbidden trailer fields are an error (requests); else they are dropped too.
  explicit ChunkedDecoder(bool refuse_trailers) : refuse_trailers_(refuse_trailers) {}

  // Takes bytes off the front of `input`, at most up to the end of one piece of payload, which is
  // put in `payload` (empty: none yet). InvalidArgument says what is malformed.
  absl::Status Feed(std::string_view& input, std::string_view& payload);
  bool done() const { return state_ == State::kDone; }

 private:
  enum class State {
    kSize,
    kExtension,
    kSizeLf,
    kData,
    kDataCr,
    kDataLf,
    kTrailer,
    kTrailerLf,
    kDone
  };
  absl::Status OnControl(char c);
  absl::Status OnSizeEnd();
  absl::Status OnTrailerLine();

  static constexpr int64_t kMaxChunk = int64_t{1} << 40;
  static constexpr int kMaxExtensionBytes = 4096;  // of the whole body
  static constexpr size_t kMaxTrailerBytes = 8192;

  const bool refuse_trailers_;
  State state_ = State::kSize;
  int64_t size_ = 0;
  int digits_ = 0;
  int extension_bytes_ = 0;
  size_t trailer_bytes_ = 0;
  std::string trailer_;
};

}  // namespace synoptic::net::internal
