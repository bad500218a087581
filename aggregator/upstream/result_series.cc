// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// ResultReader inside one series: which event may come where.
#include "aggregator/upstream/malformed.h"
#include "aggregator/upstream/result_reader.h"
#include "aggregator/upstream/sample_text.h"

namespace synoptic::aggregator {

absl::Status ResultReader::OnSeries(Event event) {
  if (event == Event::kObjectEnd) return EndSeries();
  const std::string_view key = stream_.text();
  if (key == "metric") {
    at_ = At::kMetricStart;
    return Once(kMetricKey);
  }
  if (key == "value") {
    any_vector_ = true;
    in_values_ = false;
    at_ = At::kPointStart;
    return Once(kValueKey);
  }
  if (key == "values") {
    any_matrix_ = true;
    in_values_ = true;
    at_ = At::kValuesStart;
    return Once(kValuesKey);
  }
  if (key == "histogram" || key == "histograms") {
    return sink_.OnHistograms(SeriesText());
  }
  Skip(At::kSeries);
  return absl::OkStatus();
}

absl::Status ResultReader::OnMetric(Event event) {
  if (at_ == At::kMetricStart) {
    if (event != Event::kObject) return Expected("labels as an object");
    at_ = At::kMetric;
    return absl::OkStatus();
  }
  const std::string_view text = stream_.text();
  if (at_ == At::kLabelValue) {
    if (event != Event::kString) return Expected("a label's value as a string");
    at_ = At::kMetric;
    return AddLabelValue(text);
  }
  if (event == Event::kObjectEnd) {
    at_ = At::kSeries;
    return absl::OkStatus();
  }
  at_ = At::kLabelValue;
  return AddLabelName(text);
}

absl::Status ResultReader::OnPoint(Event event) {
  switch (at_) {
    case At::kValuesStart:
      if (event != Event::kArray) return Expected("values as a list");
      at_ = At::kValues;
      return absl::OkStatus();
    case At::kValues:
      if (event == Event::kArrayEnd) {
        at_ = At::kSeries;
        return absl::OkStatus();
      }
      [[fallthrough]];
    case At::kPointStart:
      if (event != Event::kArray) return Expected("a point as a list");
      at_ = At::kPointTime;
      return absl::OkStatus();
    case At::kPointTime:
      if (event != Event::kNumber || !ParseTimestamp(stream_.text(), &point_time_)) {
        return Expected("a time in seconds and milliseconds");
      }
      at_ = At::kPointValue;
      return absl::OkStatus();
    case At::kPointValue: {
      if (event != Event::kString) return Expected("a value as a string");
      at_ = At::kPointEnd;
      if (scalar_) {
        scalar_text_ = stream_.text();
        return absl::OkStatus();
      }
      double value = 0;
      if (!ParseSampleValue(stream_.text(), &value)) {
        return Malformed("series {}: value \"{}\": expected a number", SeriesText(),
                         Shorten(stream_.text()));
      }
      return AddPoint(point_time_, value);
    }
    default:
      if (event != Event::kArrayEnd) return Expected("the end of a point");
      at_ = scalar_ ? At::kData : in_values_ ? At::kValues : At::kSeries;
      return absl::OkStatus();
  }
}

std::string ResultReader::SeriesText() const {
  std::string out = "{";
  const std::string_view text = label_text_;
  for (const LabelRef& ref : label_refs_) {
    if (out.size() > 1) out += ", ";
    out += text.substr(ref.name_at, ref.name_size);
    out += "=\"";
    out += text.substr(ref.value_at, ref.value_size);
    out += '"';
  }
  return Shorten(out + "}");
}

}  // namespace synoptic::aggregator
