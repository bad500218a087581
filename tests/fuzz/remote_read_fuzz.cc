// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Remote read's answers as an upstream may send them. The first byte chooses the form: a frame's
// payload (its checksum is put right here, which chance would not find), a whole streamed body, or
// a snappy block. Oracles: the same verdict however the body is cut; memory stays within the budget
// and is all given back, whatever lengths are claimed.
#include <cstdint>
#include <cstdlib>

#include "aggregator/upstream/read_decoder.h"
#include "aggregator/upstream/testing.h"
#include "base/crc32c.h"

namespace {

using namespace synoptic;
using namespace synoptic::aggregator;

std::string Decode(std::string_view body, const char* type, size_t piece) {
  static const LabelRules rules(promql::Labels::From({{"region", "eu"}}), {"region"}, {"replica"});
  MemoryBudget budget("query memory", 4 << 20);
  std::string out;
  {
    ReadDecoder decoder(rules, promql::Labels::From({{"region", "x"}}), &budget, 1 << 20);
    const absl::Status status = FeedAll(decoder, body, type, 200, piece);
    RawAnswer answer;
    if (status.ok()) decoder.Take(answer);
    out = status.ToString() + ToText(answer.series);
    budget.Release(answer.info.charged_bytes);
  }
  if (budget.used() != 0) std::abort();
  return out;
}

std::string Framed(std::string_view payload) {
  std::string frame;
  size_t size = payload.size();
  for (; size >= 0x80; size >>= 7) frame += static_cast<char>(size | 0x80);
  frame += static_cast<char>(size);
  const uint32_t crc = Crc32c(payload);
  for (int shift = 24; shift >= 0; shift -= 8) frame += static_cast<char>(crc >> shift);
  return frame.append(payload);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const int form = data[0] % 3;
  const std::string body = form == 0 ? Framed(rest) : std::string(rest);
  const char* type = form == 2 ? "application/x-protobuf" : "application/x-streamed-protobuf";
  const std::string whole = Decode(body, type, std::string_view::npos);
  const std::string cut = Decode(body, type, 1 + data[0] % 61);
  if (cut != whole && cut.find("RESOURCE_EXHAUSTED") == std::string::npos) std::abort();
  return 0;
}
