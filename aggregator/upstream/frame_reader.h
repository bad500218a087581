// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Cuts a streamed remote-read body into frames as its bytes arrive: a varint length, a CRC-32C
// (big endian) and that many bytes. A frame that comes in pieces is gathered in a buffer, which is
// charged and grows as bytes come, never by what the length claims.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "base/budget.h"

namespace synoptic::aggregator {

class FrameReader {
 public:
  static constexpr uint64_t kMaxFrameBytes = uint64_t{16} << 20;
  // The frame is valid during the call.
  using OnFrame = std::function<absl::Status(std::string_view frame)>;

  // The buffer is charged to the budget (may be null), which outlives the reader.
  FrameReader(MemoryBudget* budget, OnFrame on_frame)
      : held_(budget), on_frame_(std::move(on_frame)) {}

  // DataLoss for a wrong checksum or length, ResourceExhausted for a frame over the limit.
  absl::Status Feed(std::string_view data);
  // DataLoss when the body ended inside a frame. Lets the buffer go.
  absl::Status Finish();

 private:
  absl::Status ReadHeader(std::string_view& data);
  absl::Status ReadBody(std::string_view& data);
  absl::Status EndFrame(std::string_view frame);

  Reservation held_;
  const OnFrame on_frame_;
  int64_t frames_ = 0;  // complete ones, for messages
  std::string header_;
  uint32_t checksum_ = 0;
  size_t size_ = 0;     // of the frame at hand; 0: in the header
  std::string buffer_;  // its beginning
};

}  // namespace synoptic::aggregator
