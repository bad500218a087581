// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/frame_reader.h"

#include <algorithm>

#include "aggregator/upstream/wire_reader.h"
#include "base/crc32c.h"
#include "base/grow.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {
constexpr size_t kChecksumBytes = 4;
constexpr size_t kMaxVarintBytes = 10;
constexpr size_t kFirstBuffer = 64 << 10;
}  // namespace

absl::Status FrameReader::Feed(std::string_view data) {
  while (!data.empty()) {
    if (size_ == 0) {
      RETURN_IF_ERROR(ReadHeader(data));
    } else {
      RETURN_IF_ERROR(ReadBody(data));
    }
  }
  return absl::OkStatus();
}

absl::Status FrameReader::ReadHeader(std::string_view& data) {
  while (!data.empty()) {
    header_ += data.front();
    data.remove_prefix(1);
    uint64_t size = 0;
    const char* const end = header_.data() + header_.size();
    const char* rest = ReadVarint(header_.data(), end, &size);
    if (rest == nullptr) {
      if (header_.size() < kMaxVarintBytes) continue;
      return MakeStatus(absl::StatusCode::kDataLoss, "frame {}: malformed length", frames_);
    }
    if (size > kMaxFrameBytes) {
      return MakeStatus(absl::StatusCode::kResourceExhausted, "frame {} of {} bytes: limit is {}",
                        frames_, size, kMaxFrameBytes);
    }
    if (size == 0) return MakeStatus(absl::StatusCode::kDataLoss, "frame {} is empty", frames_);
    if (static_cast<size_t>(end - rest) < kChecksumBytes) continue;
    checksum_ = 0;
    for (size_t i = 0; i < kChecksumBytes; ++i) {
      checksum_ = checksum_ << 8 | static_cast<uint8_t>(rest[i]);
    }
    size_ = static_cast<size_t>(size);
    header_.clear();
    return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::Status FrameReader::ReadBody(std::string_view& data) {
  const size_t take = std::min(size_ - buffer_.size(), data.size());
  const std::string_view piece = data.substr(0, take);
  data.remove_prefix(take);
  if (take == size_) return EndFrame(piece);
  const size_t needed = buffer_.size() + take;
  if (buffer_.capacity() < needed) {
    // A string at least doubles.
    const size_t capacity =
        std::max(std::min(size_, std::max(needed, kFirstBuffer)), 2 * buffer_.capacity());
    RETURN_IF_ERROR(held_.Grow(static_cast<int64_t>(capacity) - held_.bytes()));
    GrowTo(buffer_, capacity);
  }
  buffer_.append(piece);
  return buffer_.size() < size_ ? absl::OkStatus() : EndFrame(buffer_);
}

absl::Status FrameReader::EndFrame(std::string_view frame) {
  if (Crc32c(frame) != checksum_) {
    return MakeStatus(absl::StatusCode::kDataLoss, "frame {}: checksum mismatch", frames_);
  }
  ++frames_;
  RETURN_IF_ERROR(on_frame_(frame));
  buffer_.clear();
  size_ = 0;
  return absl::OkStatus();
}

absl::Status FrameReader::Finish() {
  buffer_ = std::string();
  held_.Reset();
  if (size_ == 0 && header_.empty()) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kDataLoss, "the body ends inside frame {}", frames_);
}

}  // namespace synoptic::aggregator
