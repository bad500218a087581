// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/promql/series_text.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>

#include "base/status.h"
#include "base/strings.h"
#include "promql/model/sample.h"
#include "promql/parse/parser.h"

namespace synoptic::promqltest {
namespace {

// Where the metric ends: the first space outside braces and quotes.
size_t MetricEnd(std::string_view line) {
  int depth = 0;
  char quote = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote != 0) {
      if (c == '\\') ++i;
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'' || c == '`') {
      quote = c;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}') {
      --depth;
    } else if (depth == 0 && (c == ' ' || c == '\t')) {
      return i;
    }
  }
  return line.size();
}

// Reads items off the front of a text.
class Sequence {
 public:
  explicit Sequence(std::string_view text) : rest_(text) {}

  absl::StatusOr<std::vector<SequenceValue>> Parse() {
    std::vector<SequenceValue> values;
    for (SkipSpace(); !rest_.empty(); SkipSpace()) RETURN_IF_ERROR(Item(values));
    return values;
  }

 private:
  absl::Status Item(std::vector<SequenceValue>& values) {
    if (Take("_")) {
      ASSIGN_OR_RETURN(const size_t times, Times(1));
      values.insert(values.end(), times, SequenceValue{true, false, 0});
      return absl::OkStatus();
    }
    if (Take("stale")) {
      values.push_back({false, false, promql::StaleNaN()});
      return absl::OkStatus();
    }
    if (rest_.starts_with("{{")) return Histograms(values);
    double value = 0, step = 0;
    if (!Number(value)) return Unexpected();
    if (!rest_.empty() && (rest_[0] == '+' || rest_[0] == '-') && !Number(step)) {
      return Unexpected();
    }
    ASSIGN_OR_RETURN(const size_t times, Times(0));
    for (size_t i = 0; i <= times; ++i) {
      values.push_back({false, false, value});
      value += step;
    }
    return absl::OkStatus();
  }

  absl::Status Histograms(std::vector<SequenceValue>& values) {
    do {
      const size_t end = rest_.find("}}");
      if (end == std::string_view::npos) return Unexpected();
      rest_.remove_prefix(end + 2);
    } while ((Take("+") || Take("-")) && rest_.starts_with("{{"));
    ASSIGN_OR_RETURN(const size_t times, Times(0));
    values.insert(values.end(), times + 1, SequenceValue{false, true, 0});
    return absl::OkStatus();
  }

  // x<count>, or `otherwise` when there is none.
  absl::StatusOr<size_t> Times(size_t otherwise) {
    if (!Take("x")) return otherwise;
    size_t times = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), times);
    if (error != std::errc()) return Unexpected();
    rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
    return times;
  }

  bool Number(double& value) {
    const bool negative = rest_.starts_with('-');
    const size_t sign = negative || rest_.starts_with('+') ? 1 : 0;
    if (sign == rest_.size() || rest_[sign] == '-') return false;
    const auto [end, error] =
        std::from_chars(rest_.data() + sign, rest_.data() + rest_.size(), value);
    if (error != std::errc()) return false;
    if (std::isnan(value)) value = promql::NormalNaN();
    if (negative) value = -value;
    rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
    return true;
  }

  bool Take(std::string_view prefix) {
    if (!rest_.starts_with(prefix)) return false;
    rest_.remove_prefix(prefix.size());
    return true;
  }
  void SkipSpace() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t')) rest_.remove_prefix(1);
  }
  absl::Status Unexpected() const {
    return InvalidArgument("unexpected \"{}\" in series values", rest_);
  }

  std::string_view rest_;
};

}  // namespace

absl::StatusOr<SeriesText> ParseSeriesText(std::string_view line) {
  const size_t end = MetricEnd(line);
  SeriesText series;
  ASSIGN_OR_RETURN(series.labels, promql::ParseMetric(line.substr(0, end)));
  ASSIGN_OR_RETURN(series.values, Sequence(line.substr(end)).Parse());
  return series;
}

bool IsStartTimestampLine(std::string_view line) {
  return line.substr(0, MetricEnd(line)).ends_with("@st");
}

absl::StatusOr<promql::Labels> ParseStartTimestampLine(std::string_view line) {
  const size_t end = MetricEnd(line);
  return promql::ParseMetric(line.substr(0, end - std::string_view("@st").size()));
}

bool ParseNumberLine(std::string_view line, double& value) {
  if (line.empty() || line.find_first_of(" \t{}\"") != std::string_view::npos) return false;
  const std::string text(line);
  char* end = nullptr;
  // strtod knows hexadecimal, inf and nan; what it takes too much of (nan(...)) no script has.
  value = std::strtod(text.c_str(), &end);
  return end == text.c_str() + text.size();
}

}  // namespace synoptic::promqltest
