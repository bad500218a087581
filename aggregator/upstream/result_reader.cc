// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/result_reader.h"

#include <algorithm>

#include "aggregator/upstream/malformed.h"
#include "aggregator/upstream/sample_text.h"
#include "base/grow.h"

namespace synoptic::aggregator {
namespace {

using promql::Label;

// Points are charged by so many.
constexpr int64_t kBlock = 4096;

}  // namespace

std::string Shorten(std::string_view text) {
  if (text.size() <= kMaxNoteBytes) return std::string(text);
  size_t size = kMaxNoteBytes;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return std::string(text.substr(0, size));
}

absl::Status SeriesSink::OnHistograms(std::string_view series) {
  return Malformed("series {}: native histograms were not expected", series);
}

absl::Status SeriesSink::OnPoint(const JsonStream::Object& /*labels*/, int64_t /*t*/,
                                 double /*v*/) {
  return absl::InternalError("points were not expected");
}

absl::Status ResultReader::Feed(std::string_view data) {
  stream_.Feed(data);
  return Drain();
}

absl::Status ResultReader::Finish() {
  stream_.Finish();
  RETURN_IF_ERROR(Drain());
  column_charge_.Reset();
  if (status_ != "success" && status_ != "error") {
    return Malformed("status \"{}\": expected success or error", Shorten(status_));
  }
  if (!success()) return absl::OkStatus();
  if ((seen_ & kResultKey) == 0) return Malformed("an answer without a result");
  if (result_type_ == "scalar" && scalar_) {
    double value = 0;
    if (!ParseSampleValue(scalar_text_, &value)) {
      return Malformed("scalar \"{}\": expected a number", Shorten(scalar_text_));
    }
    samples_.push_back(point_time_, value);
    return sink_.OnSeries({}, samples_);
  }
  if (result_type_ == "string" && scalar_) {
    return Malformed("result of type string: expected numbers");
  }
  const bool vector = result_type_ == "vector" && !any_matrix_ && !scalar_;
  const bool matrix = result_type_ == "matrix" && !any_vector_ && !scalar_;
  if (!vector && !matrix) {
    return Malformed("resultType \"{}\" does not match the result", Shorten(result_type_));
  }
  return absl::OkStatus();
}

absl::Status ResultReader::TakePoints() {
  int64_t t = 0;
  double v = 0;
  while (stream_.NextPointOf(&object_, &t, &v)) {
    any_vector_ = true;
    RETURN_IF_ERROR(sink_.OnPoint(object_, t, v));
  }
  return absl::OkStatus();
}

absl::Status ResultReader::Drain() {
  while (true) {
    if (at_ == At::kValues) {
      int64_t t = 0;
      double v = 0;
      while (stream_.NextPoint(&t, &v)) RETURN_IF_ERROR(AddPoint(t, v));
    } else if (at_ == At::kMetric) {
      std::string_view name;
      std::string_view value;
      while (stream_.NextMember(&name, &value)) RETURN_IF_ERROR(AddLabel(name, value));
    } else if (at_ == At::kPointStart) {
      int64_t t = 0;
      double v = 0;
      if (stream_.NextPoint(&t, &v)) {
        RETURN_IF_ERROR(AddPoint(t, v));
        at_ = At::kSeries;
      }
    }
    if (at_ == At::kResult && sink_.TakesPoints()) RETURN_IF_ERROR(TakePoints());
    const Event event = stream_.Next();
    if (event == Event::kMore || event == Event::kEnd) return absl::OkStatus();
    if (event == Event::kError) return stream_.status();
    RETURN_IF_ERROR(On(event));
  }
}

absl::Status ResultReader::On(Event event) {
  switch (at_) {
    case At::kStart:
      if (event != Event::kObject) return Expected("an object");
      at_ = At::kTop;
      return absl::OkStatus();
    case At::kTop:
      return OnTop(event);
    case At::kTopString:
    case At::kResultType:
      if (event != Event::kString) return Expected("a string");
      *string_target_ = stream_.text();
      at_ = at_ == At::kTopString ? At::kTop : At::kData;
      return absl::OkStatus();
    case At::kNotesStart:
    case At::kNotes:
      return OnNotes(event);
    case At::kDataStart:
      if (event == Event::kNull) {
        at_ = At::kTop;
        return absl::OkStatus();
      }
      if (event != Event::kObject) return Expected("data as an object");
      at_ = At::kData;
      return absl::OkStatus();
    case At::kData:
      return OnData(event);
    case At::kResultStart:
    case At::kResult:
      return OnResult(event);
    case At::kSeries:
      return OnSeries(event);
    case At::kMetricStart:
    case At::kMetric:
    case At::kLabelValue:
      return OnMetric(event);
    case At::kValuesStart:
    case At::kValues:
    case At::kPointStart:
    case At::kPointTime:
    case At::kPointValue:
    case At::kPointEnd:
      return OnPoint(event);
    case At::kSkip:
      return OnSkip(event);
    case At::kDone:
      break;
  }
  return Expected("nothing more");
}

absl::Status ResultReader::OnTop(Event event) {
  if (event == Event::kObjectEnd) {
    at_ = At::kDone;
    return absl::OkStatus();
  }
  const std::string_view key = stream_.text();
  const auto string = [this](Seen seen, std::string* target) {
    string_target_ = target;
    at_ = At::kTopString;
    return Once(seen);
  };
  const auto notes = [this](Seen seen, std::vector<std::string>* target) {
    notes_target_ = target;
    at_ = At::kNotesStart;
    return Once(seen);
  };
  if (key == "status") return string(kStatus, &status_);
  if (key == "errorType") return string(kErrorType, &error_type_);
  if (key == "error") return string(kError, &error_);
  if (key == "warnings") return notes(kWarnings, &warnings_);
  if (key == "infos") return notes(kInfos, &infos_);
  if (key == "data") {
    at_ = At::kDataStart;
    return Once(kDataKey);
  }
  Skip(At::kTop);
  return absl::OkStatus();
}

absl::Status ResultReader::OnNotes(Event event) {
  if (at_ == At::kNotesStart) {
    if (event != Event::kArray && event != Event::kNull) return Expected("a list of strings");
    at_ = event == Event::kNull ? At::kTop : At::kNotes;
  } else if (event == Event::kArrayEnd) {
    at_ = At::kTop;
  } else if (event != Event::kString) {
    return Expected("a string");
  } else if (notes_target_->size() < kMaxNotes) {
    notes_target_->push_back(Shorten(stream_.text()));
  }
  return absl::OkStatus();
}

absl::Status ResultReader::OnData(Event event) {
  if (event == Event::kObjectEnd) {
    at_ = At::kTop;
    return absl::OkStatus();
  }
  const std::string_view key = stream_.text();
  if (key == "resultType") {
    string_target_ = &result_type_;
    at_ = At::kResultType;
    return Once(kType);
  }
  if (key == "result") {
    at_ = At::kResultStart;
    return Once(kResultKey);
  }
  Skip(At::kData);
  return absl::OkStatus();
}

absl::Status ResultReader::OnResult(Event event) {
  if (at_ == At::kResultStart) {
    if (event != Event::kArray) return Expected("result as a list");
    at_ = At::kResult;
    return absl::OkStatus();
  }
  if (event == Event::kArrayEnd) {
    at_ = At::kData;
    return absl::OkStatus();
  }
  if (event == Event::kNumber && !any_vector_ && !any_matrix_) {
    scalar_ = true;
    in_values_ = false;
    at_ = At::kPointTime;
    return OnPoint(event);
  }
  if (event != Event::kObject) return Expected("a series as an object");
  seen_ &= ~kSeriesKeys;
  at_ = At::kSeries;
  return absl::OkStatus();
}

absl::Status ResultReader::OnSkip(Event event) {
  const bool opened = event == Event::kObject || event == Event::kArray;
  if (!opened && event != Event::kKey && stream_.depth() == skip_depth_) at_ = after_skip_;
  return absl::OkStatus();
}

void ResultReader::Skip(At after) {
  at_ = At::kSkip;
  after_skip_ = after;
  skip_depth_ = stream_.depth();
}

absl::Status ResultReader::AddLabel(std::string_view name, std::string_view value) {
  RETURN_IF_ERROR(AddLabelName(name));
  return AddLabelValue(value);
}

absl::Status ResultReader::AddLabelValue(std::string_view text) {
  if (text.size() > kMaxLabelValueBytes) return Malformed("a label value that is too long");
  label_refs_.back().value_at = label_text_.size();
  label_refs_.back().value_size = text.size();
  label_text_ += text;
  return absl::OkStatus();
}

absl::Status ResultReader::AddLabelName(std::string_view text) {
  if (text.empty() || text.size() > kMaxLabelNameBytes) {
    return Malformed("a label name of {} bytes: expected 1 to {}", text.size(), kMaxLabelNameBytes);
  }
  if (label_refs_.size() == kMaxLabelsPerSeries) {
    return Malformed("a series with more than {} labels", kMaxLabelsPerSeries);
  }
  label_refs_.push_back({label_text_.size(), text.size(), 0, 0});
  label_text_ += text;
  return absl::OkStatus();
}

absl::Status ResultReader::AddPoint(int64_t t, double v) {
  if (!samples_.empty() && t <= samples_.t.back()) {
    return Malformed("series {}: time {} follows {}: expected rising times", SeriesText(),
                     FormatSeconds(t), FormatSeconds(samples_.t.back()));
  }
  const size_t size = samples_.size();
  if (size == options_.max_points_per_series) {
    return Malformed("series {}: more points than the {} asked for", SeriesText(), size);
  }
  if (size % static_cast<size_t>(kBlock) == 0 &&
      column_charge_.bytes() <= static_cast<int64_t>(size * 16)) {
    RETURN_IF_ERROR(column_charge_.Grow(kBlock * 16));
  }
  if (size == samples_.t.capacity() && size >= static_cast<size_t>(kBlock)) {
    GrowTo(samples_.t, 2 * size);
    GrowTo(samples_.v, 2 * size);
  }
  samples_.push_back(t, v);
  return absl::OkStatus();
}

absl::Status ResultReader::EndSeries() {
  if ((seen_ & kMetricKey) == 0 || (seen_ & (kValueKey | kValuesKey)) == 0) {
    return Malformed("a series without labels or without values");
  }
  if ((seen_ & kValueKey) != 0 && (seen_ & kValuesKey) != 0) {
    return Malformed("a series with both value and values");
  }
  labels_.clear();
  const std::string_view text = label_text_;
  for (const LabelRef& ref : label_refs_) {
    labels_.push_back(
        {text.substr(ref.name_at, ref.name_size), text.substr(ref.value_at, ref.value_size)});
  }
  const auto by_name = [](const Label& a, const Label& b) { return a.name < b.name; };
  if (!std::is_sorted(labels_.begin(), labels_.end(), by_name)) {
    std::sort(labels_.begin(), labels_.end(), by_name);
  }
  for (size_t i = 1; i < labels_.size(); ++i) {
    if (labels_[i].name == labels_[i - 1].name) {
      return Malformed("label \"{}\" is given twice in one series", Shorten(labels_[i].name));
    }
  }
  RETURN_IF_ERROR(sink_.OnSeries(labels_, samples_));
  samples_.clear();
  // The first block stays for the next series: charging is no trifle where series are many.
  if (column_charge_.bytes() > kBlock * 16) column_charge_.Reset();
  label_text_.clear();
  label_refs_.clear();
  at_ = At::kResult;
  return absl::OkStatus();
}

absl::Status ResultReader::Once(Seen key) {
  if ((seen_ & key) != 0) return Malformed("key \"{}\" is given twice", stream_.text());
  seen_ |= key;
  return absl::OkStatus();
}

absl::Status ResultReader::Expected(std::string_view what) const {
  return Malformed("unexpected JSON: expected {}", what);
}

}  // namespace synoptic::aggregator
