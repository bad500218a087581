// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/store/store_records.h"

#include <bit>
#include <limits>

#include "base/status.h"
#include "base/varint.h"
#include "promql/model/histogram_writer.h"

namespace synoptic::aggregator {
namespace {

constexpr uint64_t kSign = uint64_t{1} << 63;  // flipped: negative numbers come first
constexpr int64_t kAnyTime = std::numeric_limits<int64_t>::max();

void PutNumber(std::string& out, uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
}

void PutText(std::string& out, std::string_view text) {
  PutVarint(out, text.size());
  out.append(text);
}
bool TakeText(std::string_view& in, std::string_view& text) {
  uint64_t size = 0;
  if (!TakeVarint(in, size) || size > in.size()) return false;
  text = in.substr(0, size);
  in.remove_prefix(size);
  return true;
}
bool TakeNumber(std::string_view& in, uint64_t& number) {
  if (in.size() < 8) return false;
  number = NumberOf(in.substr(0, 8));
  in.remove_prefix(8);
  return true;
}

std::string PackHistogram(int64_t t, const promql::FloatHistogram& histogram) {
  promql::HistogramWriter<promql::FloatHistogram> writer(/*with_start=*/false);
  writer.Append(t, histogram);
  return std::move(writer.Take().front().bytes);
}
promql::HistogramPtr UnpackHistogram(std::string_view bytes) {
  promql::HistogramColumns out;
  const absl::Status status = promql::DecodeHistograms(promql::ChunkEncoding::kFloatHistogram,
                                                       bytes, -kAnyTime, kAnyTime, out);
  return status.ok() && out.size() == 1 ? out.h[0] : nullptr;
}

}  // namespace

std::string NumberKey(uint64_t number) {
  std::string out;
  PutNumber(out, number);
  return out;
}

uint64_t NumberOf(std::string_view key) {
  if (key.size() != 8) return 0;
  uint64_t number = 0;
  for (const char c : key) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

std::string DayKey(int64_t day) { return NumberKey(static_cast<uint64_t>(day) ^ kSign); }
int64_t DayOfKey(std::string_view key) {
  return static_cast<int64_t>(NumberOf(key.substr(0, 8)) ^ kSign);
}

std::string ChunkPrefix(int64_t day, SeriesId id) {
  std::string out = DayKey(day);
  PutNumber(out, id);
  return out;
}

std::string ChunkKey(int64_t day, SeriesId id, int64_t min_t) {
  std::string out = ChunkPrefix(day, id);
  PutNumber(out, static_cast<uint64_t>(min_t) ^ kSign);
  return out;
}

std::string PackLabels(const promql::Labels& labels) {
  std::string out;
  for (const promql::Label label : labels) {
    PutText(out, label.name);
    PutText(out, label.value);
  }
  return out;
}

std::optional<promql::Labels> UnpackLabels(std::string_view bytes) {
  std::vector<promql::Label> labels;
  while (!bytes.empty()) {
    promql::Label label;
    if (!TakeText(bytes, label.name) || !TakeText(bytes, label.value)) return std::nullopt;
    labels.push_back(label);
  }
  return promql::Labels::FromSorted(labels.data(), labels.size());
}

std::string PackEnd(const SeriesEnd& end) {
  std::string out;
  PutVarint(out, ZigZag(end.first_t));
  PutVarint(out, ZigZag(end.last_t));
  PutNumber(out, std::bit_cast<uint64_t>(end.last_value));
  for (const promql::Chunk& chunk : end.open) PutText(out, PackChunk(chunk));
  return out;
}

absl::StatusOr<SeriesEnd> UnpackEnd(std::string_view bytes) {
  const absl::Status bad =
      MakeStatus(absl::StatusCode::kDataLoss, "the end of a series is damaged");
  SeriesEnd end;
  uint64_t first = 0, last = 0, value = 0;
  if (!TakeVarint(bytes, first) || !TakeVarint(bytes, last) || !TakeNumber(bytes, value))
    return bad;
  end.first_t = UnZigZag(first);
  end.last_t = UnZigZag(last);
  end.last_value = std::bit_cast<double>(value);
  while (!bytes.empty()) {
    std::string_view text;
    if (!TakeText(bytes, text)) return bad;
    const auto owner = std::make_shared<const std::string>(text);
    ASSIGN_OR_RETURN(promql::Chunk chunk, UnpackChunk(*owner, owner));
    end.open.push_back(std::move(chunk));
  }
  return end;
}

std::string PackEntry(const LogEntry& entry) {
  std::string out;
  const int64_t base = entry.samples.empty() ? 0 : entry.samples.front().sample.t;
  out.push_back(entry.inserted ? 1 : 0);
  PutVarint(out, ZigZag(base));
  for (const LogEntry::One& one : entry.samples) {
    PutVarint(out, one.id << 1 | (one.sample.h != nullptr ? 1 : 0));
    PutVarint(out, ZigZag(one.sample.t - base));
    if (one.sample.h != nullptr) {
      PutText(out, PackHistogram(one.sample.t, *one.sample.h));
    } else {
      PutNumber(out, std::bit_cast<uint64_t>(one.sample.v));
    }
  }
  return out;
}

std::optional<LogEntry> UnpackEntry(std::string_view bytes) {
  LogEntry entry;
  if (bytes.empty()) return std::nullopt;
  entry.inserted = bytes.front() != 0;
  bytes.remove_prefix(1);
  uint64_t base = 0;
  if (!TakeVarint(bytes, base)) return std::nullopt;
  while (!bytes.empty()) {
    LogEntry::One one;
    uint64_t id = 0, offset = 0;
    if (!TakeVarint(bytes, id) || !TakeVarint(bytes, offset)) return std::nullopt;
    one.id = id >> 1;
    one.sample.t = UnZigZag(base) + UnZigZag(offset);
    if ((id & 1) != 0) {
      std::string_view text;
      if (!TakeText(bytes, text)) return std::nullopt;
      one.sample.h = UnpackHistogram(text);
      if (one.sample.h == nullptr) return std::nullopt;
    } else {
      uint64_t value = 0;
      if (!TakeNumber(bytes, value)) return std::nullopt;
      one.sample.v = std::bit_cast<double>(value);
    }
    entry.samples.push_back(std::move(one));
  }
  return entry;
}

}  // namespace synoptic::aggregator
