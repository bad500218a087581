// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/http/gzip.h"

#include <zlib.h>

#include <limits>

#include "base/status.h"

namespace synoptic::net::internal {

namespace {

constexpr int kGzipWindow = 15 + 16;  // 32 KiB, gzip framing

// One per thread: setting a deflate stream up costs more than compressing a small body.
struct Deflater {
  Deflater() {
    ok = deflateInit2(&stream, 1, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) == Z_OK;
  }
  ~Deflater() {
    if (ok) deflateEnd(&stream);
  }
  z_stream stream = {};
  bool ok = false;
};

unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<unsigned char*>(const_cast<char*>(text.data()));
}

}  // namespace

std::string GzipCompress(std::string_view body) {
  thread_local Deflater deflater;
  if (!deflater.ok || body.size() > std::numeric_limits<uInt>::max() ||
      deflateReset(&deflater.stream) != Z_OK) {
    return {};
  }
  z_stream& stream = deflater.stream;
  std::string out;
  out.resize(deflateBound(&stream, body.size()));
  stream.next_in = Bytes(body);
  stream.avail_in = static_cast<uInt>(body.size());
  stream.next_out = Bytes(out);
  stream.avail_out = static_cast<uInt>(out.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) return {};
  out.resize(stream.total_out);
  return out;
}

struct GzipReader::State {
  z_stream stream = {};
  bool ok = false;
  char buffer[kBufferBytes];
};

GzipReader::GzipReader() : state_(std::make_unique<State>()) {
  state_->ok = inflateInit2(&state_->stream, kGzipWindow) == Z_OK;
}

GzipReader::~GzipReader() {
  if (state_->ok) inflateEnd(&state_->stream);
}

absl::Status GzipReader::Feed(std::string_view input, Output output) {
  if (!state_->ok) return absl::ResourceExhaustedError("gzip: out of memory");
  z_stream& stream = state_->stream;
  stream.next_in = Bytes(input);
  stream.avail_in = static_cast<uInt>(input.size());
  while (!done_) {
    stream.next_out = reinterpret_cast<unsigned char*>(state_->buffer);
    stream.avail_out = kBufferBytes;
    const int result = inflate(&stream, Z_NO_FLUSH);
    if (result == Z_MEM_ERROR) return absl::ResourceExhaustedError("gzip: out of memory");
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
      return InvalidArgument("gzip: {}", stream.msg != nullptr ? stream.msg : "damaged data");
    }
    const size_t n = kBufferBytes - stream.avail_out;
    if (n > 0) RETURN_IF_ERROR(output({state_->buffer, n}));
    if (result == Z_STREAM_END) done_ = true;
    if (stream.avail_out != 0 && stream.avail_in == 0) break;
    if (result == Z_BUF_ERROR) break;
  }
  if (stream.avail_in != 0) return InvalidArgument("gzip: bytes behind the end");
  return absl::OkStatus();
}

}  // namespace synoptic::net::internal
