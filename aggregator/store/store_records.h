// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Keys and values of the series store's database. Numbers in keys are big-endian, so that their
// order is the database's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "aggregator/store/open_chunk.h"
#include "aggregator/store/series_index.h"
#include "promql/model/labels.h"

namespace synoptic::aggregator {

std::string NumberKey(uint64_t number);
uint64_t NumberOf(std::string_view key);  // 0: no such key

// day, series, first time.
std::string ChunkKey(int64_t day, SeriesId id, int64_t min_t);
std::string ChunkPrefix(int64_t day, SeriesId id);
std::string DayKey(int64_t day);
int64_t DayOfKey(std::string_view key);  // of a key that begins with a DayKey

std::string PackLabels(const promql::Labels& labels);
std::optional<promql::Labels> UnpackLabels(std::string_view bytes);

// The end of a series.
struct SeriesEnd {
  int64_t first_t = 0;
  int64_t last_t = 0;
  double last_value = 0;
  std::vector<promql::Chunk> open;
};
std::string PackEnd(const SeriesEnd& end);
absl::StatusOr<SeriesEnd> UnpackEnd(std::string_view bytes);

// One entry of the log: samples that came together.
struct LogEntry {
  struct One {
    SeriesId id = 0;
    promql::MixedSample sample;
  };
  bool inserted = false;  // they are in chunks already
  std::vector<One> samples;
};
std::string PackEntry(const LogEntry& entry);
std::optional<LogEntry> UnpackEntry(std::string_view bytes);

}  // namespace synoptic::aggregator
