// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Cuts a streamed remote-read body into frames as its bytes arrive: a varint length, a CRC-32C
// (big endian) and that many bytes. Each frame gets a buffer of its own, which whoever keeps chunks
// of it owns; it is charged and grows as bytes come, never by what the length claims.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "base/budget.h"

namespace synoptic::aggregator {

class FrameReader {
 public:
  static constexpr uint64_t kMaxFrameBytes = uint64_t{16} << 20;
  using OnFrame = std::function<absl::Status(std::shared_ptr<const std::string> frame)>;

  // `held` is charged for the frames and must outlive the reader.
  FrameReader(Reservation& held, OnFrame on_frame) : held_(held), on_frame_(std::move(on_frame)) {}

  // DataLoss for a wrong checksum or length, ResourceExhausted for a frame over the limit.
  absl::Status Feed(std::string_view data);
  // DataLoss when the body ended inside a frame.
  absl::Status Finish() const;

 private:
  absl::Status ReadHeader(std::string_view& data);
  absl::Status ReadBody(std::string_view& data);

  Reservation& held_;
  const OnFrame on_frame_;
  int64_t frames_ = 0;  // complete ones, for messages
  std::string header_;
  uint32_t checksum_ = 0;
  size_t size_ = 0;
  std::shared_ptr<std::string> frame_;  // null: in the header
};

}  // namespace synoptic::aggregator
