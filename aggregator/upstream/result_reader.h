// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Reads an answer of the query API (`query`, `query_range`) as its bytes arrive and hands its
// series on, one at a time. Holds one series.
//
// The order of keys is free. Refused (DataLoss): what is not that shape, a known key twice, a label
// twice, a label without a name, times that do not rise, a resultType that does not match what
// came, more than the limits. Native histograms end the reading: the sink says with which error.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "aggregator/upstream/json_stream.h"
#include "base/budget.h"
#include "promql/model/labels.h"
#include "promql/model/sample.h"

namespace synoptic::aggregator {

// Takes the series of an answer.
class SeriesSink {
 public:
  virtual ~SeriesSink() = default;
  // `labels`: sorted by name, unique. May take `samples` or leave them; they are cleared after.
  virtual absl::Status OnSeries(std::span<const promql::Label> labels,
                                promql::SampleColumns& samples) = 0;
  // A series (its labels, as far as they came) holds native histograms. Their JSON tells bounds and
  // counts of buckets alone, so nobody takes it for the histogram. Returns the error to end with.
  virtual absl::Status OnHistograms(std::string_view series);
  // Whether a vector's series may come by OnPoint instead, labels as they stand in the answer.
  virtual bool TakesPoints() const { return false; }
  virtual absl::Status OnPoint(const JsonStream::Object& labels, int64_t t, double v);
};

// Limits of one upstream's answer.
inline constexpr size_t kMaxLabelsPerSeries = 128;
inline constexpr size_t kMaxLabelNameBytes = 1 << 10;
inline constexpr size_t kMaxLabelValueBytes = 16 << 10;
inline constexpr size_t kMaxNotes = 10;
inline constexpr size_t kMaxNoteBytes = 256;

// `text` cut to kMaxNoteBytes, at the boundary of a character.
std::string Shorten(std::string_view text);

class ResultReader {
 public:
  struct Options {
    size_t max_points_per_series = SIZE_MAX;
    MemoryBudget* budget = nullptr;  // charged for the series at hand
  };
  // `sink` must outlive the reader.
  ResultReader(SeriesSink& sink, const Options& options)
      : sink_(sink), options_(options), column_charge_(options.budget) {}

  absl::Status Feed(std::string_view data);
  // After the last byte: OK when one whole answer came, be it a success or an error.
  absl::Status Finish();

  // What the answer says, after Finish.
  bool success() const { return status_ == "success"; }
  const std::string& result_type() const { return result_type_; }
  const std::string& error_type() const { return error_type_; }
  const std::string& error() const { return error_; }
  const std::vector<std::string>& warnings() const { return warnings_; }
  const std::vector<std::string>& infos() const { return infos_; }

 private:
  using Event = JsonStream::Event;
  // Where the next event belongs.
  enum class At : uint8_t {
    kStart,
    kTop,
    kTopString,
    kNotesStart,
    kNotes,
    kDataStart,
    kData,
    kResultType,
    kResultStart,
    kResult,
    kSeries,
    kMetricStart,
    kMetric,
    kLabelValue,
    kValuesStart,
    kValues,
    kPointStart,
    kPointTime,
    kPointValue,
    kPointEnd,
    kSkip,
    kDone,
  };
  enum Seen : uint32_t {
    kStatus = 1,
    kErrorType = 2,
    kError = 4,
    kWarnings = 8,
    kInfos = 16,
    kDataKey = 32,
    kType = 64,
    kResultKey = 128,
    kMetricKey = 256,
    kValuesKey = 512,
    kValueKey = 1024,
  };
  static constexpr uint32_t kSeriesKeys = kMetricKey | kValuesKey | kValueKey;

  absl::Status Drain();
  absl::Status On(Event event);
  absl::Status OnTop(Event event);
  absl::Status OnNotes(Event event);
  absl::Status OnData(Event event);
  absl::Status OnResult(Event event);
  absl::Status OnSeries(Event event);
  absl::Status OnMetric(Event event);
  absl::Status OnPoint(Event event);
  absl::Status OnSkip(Event event);
  absl::Status AddLabel(std::string_view name, std::string_view value);
  absl::Status AddLabelName(std::string_view text);
  absl::Status AddLabelValue(std::string_view text);
  absl::Status AddPoint(int64_t t, double v);
  absl::Status EndSeries();
  absl::Status Once(Seen key);
  absl::Status Expected(std::string_view what) const;
  void Skip(At after);
  absl::Status TakePoints();
  std::string SeriesText() const;

  // A label inside label_text_.
  struct LabelRef {
    size_t name_at, name_size, value_at, value_size;
  };

  SeriesSink& sink_;
  const Options options_;
  JsonStream stream_;
  At at_ = At::kStart;
  At after_skip_ = At::kTop;
  int skip_depth_ = 0;
  bool scalar_ = false;     // the point at hand is the whole result
  bool in_values_ = false;  // the point at hand is in `values`
  uint32_t seen_ = 0;
  bool any_vector_ = false;
  bool any_matrix_ = false;
  std::string* string_target_ = nullptr;
  std::vector<std::string>* notes_target_ = nullptr;
  std::string scalar_text_;
  int64_t point_time_ = 0;
  std::string label_text_;
  std::vector<LabelRef> label_refs_;
  std::vector<promql::Label> labels_;
  JsonStream::Object object_;
  promql::SampleColumns samples_;
  Reservation column_charge_;
  std::string status_, result_type_, error_type_, error_;
  std::vector<std::string> warnings_, infos_;
};

}  // namespace synoptic::aggregator
