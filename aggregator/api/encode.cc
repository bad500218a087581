// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/api/encode.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <span>

#include "base/go_format.h"
#include "base/json.h"

namespace synoptic::aggregator {
namespace {

void AppendInteger(uint64_t value, std::string& out) {
  char buffer[24];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  out.append(buffer, end);
}

void AppendPoint(int64_t t, double v, std::string& out) {
  out += '[';
  AppendTimestamp(t, out);
  out += ",\"";
  AppendGoJsonFloat(v, out);
  out += "\"]";
}

void AppendHistogramPoint(int64_t t, const promql::FloatHistogram& h, std::string& out) {
  out += '[';
  AppendTimestamp(t, out);
  out += ',';
  AppendHistogram(h, out);
  out += ']';
}

// The `,[1435781451.781,"` of every step: the same for all series, so written once.
class StepPrefixes {
 public:
  static constexpr size_t kRoom = 32;  // the longest time is 22 bytes

  explicit StepPrefixes(const promql::Grid& grid) : grid_(grid), prefixes_(grid.size()) {
    std::string text;
    for (size_t i = 0; i < prefixes_.size(); ++i) {
      text = ",[";
      AppendTimestamp(grid.at(i), text);
      text += ",\"";
      prefixes_[i].size = text.size();
      std::copy(text.begin(), text.end(), prefixes_[i].text.begin());
    }
  }
  const promql::Grid& grid() const { return grid_; }
  size_t size() const { return prefixes_.size(); }
  // Writes step `i`'s; kRoom bytes may be written.
  char* Write(size_t i, char* out) const {
    std::memcpy(out, prefixes_[i].text.data(), kRoom);
    return out + prefixes_[i].size;
  }

 private:
  struct Prefix {
    std::array<char, kRoom> text;
    size_t size;
  };
  const promql::Grid grid_;
  std::vector<Prefix> prefixes_;
};

// `,"values":[[...],...]`; nothing when there are none.
void AppendValues(std::span<const double> values, const StepPrefixes& prefixes, std::string& out) {
  constexpr size_t kRoom = StepPrefixes::kRoom + kGoJsonFloatBytes + 2;  // of a point
  constexpr std::string_view kBegin = ",\"values\":[";
  char buffer[64 * kRoom];
  char* const full = buffer + sizeof buffer - kRoom;
  char* at = buffer;
  bool any = false;
  for (size_t i = 0; i < values.size(); ++i) {
    if (promql::IsAbsent(values[i])) continue;
    char* const begin = at;
    at = WriteGoJsonFloat(values[i], prefixes.Write(i, at));
    *at++ = '"';
    *at++ = ']';
    if (!any) {
      any = true;
      out += kBegin;
      out.append(begin + 1, at);  // without its comma
      at = buffer;
    } else if (at > full) {
      out.append(buffer, at);
      at = buffer;
    }
  }
  out.append(buffer, at);
  if (any) out += ']';
}

bool HasSample(const promql::StepSeries& series) {
  const auto& h = series.histograms;
  return std::any_of(series.values.begin(), series.values.end(),
                     [](double v) { return !promql::IsAbsent(v); }) ||
         std::any_of(h.begin(), h.end(), [](const auto& one) { return one != nullptr; });
}

void AppendRangeSeries(const promql::StepSeries& series, const StepPrefixes& prefixes,
                       std::string& out) {
  out += "{\"metric\":";
  AppendLabels(series.labels, out);
  const size_t steps = std::min(series.values.size(), prefixes.size());
  AppendValues(std::span(series.values).first(steps), prefixes, out);
  bool first = true;
  const size_t points = std::min(series.histograms.size(), prefixes.size());
  for (size_t i = 0; i < points; ++i) {
    if (series.histograms[i] == nullptr) continue;
    out += first ? ",\"histograms\":[" : ",";
    first = false;
    AppendHistogramPoint(prefixes.grid().at(i), *series.histograms[i], out);
  }
  out += first ? "}" : "]}";
}

void AppendPoints(const promql::QueryValue::PointSeries& series, std::string& out) {
  out += "{\"metric\":";
  AppendLabels(series.labels, out);
  for (size_t i = 0; i < series.samples.size(); ++i) {
    out += i == 0 ? ",\"values\":[" : ",";
    AppendPoint(series.samples.t[i], series.samples.v[i], out);
  }
  if (!series.samples.empty()) out += ']';
  for (size_t i = 0; i < series.histograms.size(); ++i) {
    out += i == 0 ? ",\"histograms\":[" : ",";
    AppendHistogramPoint(series.histograms.t[i], *series.histograms.h[i], out);
  }
  out += series.histograms.empty() ? "}" : "]}";
}

// Commas between the elements of a list. Once some are written it is known what all will take: a
// large answer is not copied as it grows, and takes no more memory than it needs.
class List {
 public:
  List(size_t size, std::string& out) : size_(size), out_(out), begin_(out.size()) {}
  void Next() {
    if (done_ > 0) out_ += ',';
    if (done_ == kSeen) {
      const size_t each = (out_.size() - begin_) / kSeen + 1;
      out_.reserve(out_.size() + (size_ - kSeen) * (each + each / 16));
    }
    ++done_;
  }

 private:
  static constexpr size_t kSeen = 16;
  const size_t size_;
  std::string& out_;
  const size_t begin_;
  size_t done_ = 0;
};

void AppendMatrix(const promql::QueryValue& value, std::string& out) {
  out += '[';
  List list(value.points.size() + value.series.size(), out);
  for (const promql::QueryValue::PointSeries& series : value.points) {
    list.Next();
    AppendPoints(series, out);
  }
  if (!value.series.empty()) {
    const StepPrefixes prefixes(value.grid);
    for (const promql::StepSeries& series : value.series) {
      if (!HasSample(series)) continue;
      list.Next();
      AppendRangeSeries(series, prefixes, out);
    }
  }
  out += ']';
}

void AppendVector(const promql::QueryValue& value, std::string& out) {
  out += '[';
  List list(value.series.size(), out);
  for (const promql::StepSeries& series : value.series) {
    if (series.values.empty() || !HasSample(series)) continue;
    list.Next();
    out += "{\"metric\":";
    AppendLabels(series.labels, out);
    if (promql::IsAbsent(series.values[0])) {
      out += ",\"histogram\":";
      AppendHistogramPoint(value.grid.start, *series.histograms[0], out);
    } else {
      out += ",\"value\":";
      AppendPoint(value.grid.start, series.values[0], out);
    }
    out += '}';
  }
  out += ']';
}

// Scalars and strings go through encoding/json in Prometheus: the time is a plain float.
std::string ScalarTime(const promql::QueryValue& value) {
  return GoFloatF(static_cast<double>(value.grid.start) / 1000);
}

}  // namespace

void AppendLabels(const promql::Labels& labels, std::string& out) {
  out += '{';
  bool first = true;
  for (const promql::Label label : labels) {
    if (!first) out += ',';
    first = false;
    AppendJsonString(label.name, out);
    out += ':';
    AppendJsonString(label.value, out);
  }
  out += '}';
}

void AppendTimestamp(int64_t ms, std::string& out) {
  uint64_t magnitude = static_cast<uint64_t>(ms);
  if (ms < 0) {
    out += '-';
    magnitude = 0 - magnitude;
  }
  AppendInteger(magnitude / 1000, out);
  const auto fraction = static_cast<int>(magnitude % 1000);
  if (fraction == 0) return;
  const char digits[] = {'.', static_cast<char>('0' + fraction / 100),
                         static_cast<char>('0' + fraction / 10 % 10),
                         static_cast<char>('0' + fraction % 10)};
  out.append(digits, sizeof digits);
}

void AppendHistogram(const promql::FloatHistogram& h, std::string& out) {
  out += "{\"count\":\"";
  AppendGoJsonFloat(h.count, out);
  out += "\",\"sum\":\"";
  AppendGoJsonFloat(h.sum, out);
  out += '"';
  bool first = true;
  for (const promql::HistogramBucket& bucket : h.Buckets()) {
    // As in Prometheus, a zero bucket shows when it counts something above nothing.
    const bool zero = !h.UsesCustomBuckets() && bucket.lower == -bucket.upper;
    if (bucket.count == 0 || (zero && !(bucket.count > 0))) continue;
    out += first ? ",\"buckets\":[[" : ",[";
    first = false;
    // 0: the upper bound belongs to it, 1: the lower one, 2: neither, 3: both.
    out += bucket.lower_inclusive ? (bucket.upper_inclusive ? '3' : '1')
                                  : (bucket.upper_inclusive ? '0' : '2');
    for (const double number : {bucket.lower, bucket.upper, bucket.count}) {
      out += ",\"";
      AppendGoJsonFloat(number, out);
      out += '"';
    }
    out += ']';
  }
  out += first ? "}" : "]}";
}

void AppendQueryValue(const promql::QueryValue& value, std::string& out) {
  out += "\"resultType\":\"";
  out += promql::ApiName(value.type);
  out += "\",\"result\":";
  switch (value.type) {
    case promql::ValueType::kScalar: {
      const bool has_value = !value.series.empty() && !value.series[0].values.empty();
      out += '[' + ScalarTime(value) + ",\"";
      out += GoFloatF(has_value ? value.series[0].values[0] : promql::NormalNaN());
      out += "\"]";
      return;
    }
    case promql::ValueType::kString:
      out += '[' + ScalarTime(value) + ',';
      AppendJsonHtmlString(value.string, out);
      out += ']';
      return;
    case promql::ValueType::kVector:
      return AppendVector(value, out);
    case promql::ValueType::kMatrix:
    case promql::ValueType::kNone:
      return AppendMatrix(value, out);
  }
}

void AppendPoints(const PointUnion& points, int64_t t, std::string& out) {
  std::string time = ",\"value\":[";
  AppendTimestamp(t, time);
  time += ",\"";
  constexpr std::string_view kBegin = "{\"metric\":", kEnd = "\"]},";
  out.reserve(out.size() + points.text_bytes() +
              points.size() * (kBegin.size() + time.size() + kGoJsonFloatBytes + kEnd.size()));
  out += "\"resultType\":\"vector\",\"result\":[";
  for (size_t i = 0; i < points.size(); ++i) {
    if (i > 0) out += ',';
    out += kBegin;
    out += points.set(i);
    out += time;
    AppendGoJsonFloat(points.value(i), out);
    out += "\"]}";
  }
  out += ']';
}

size_t CountSamples(const promql::QueryValue& value) {
  // A histogram is about as long as this many floats.
  constexpr size_t kHistogram = 16;
  size_t count = 0;
  for (const auto& series : value.series) {
    count += series.values.size() + series.histograms.size() * kHistogram;
  }
  for (const auto& series : value.points) {
    count += series.samples.size() + series.histograms.size() * kHistogram;
  }
  return count;
}

}  // namespace synoptic::aggregator
