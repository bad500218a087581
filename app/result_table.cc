// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/result_table.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "base/go_format.h"
#include "base/status.h"
#include "simdjson.h"

namespace synoptic::app {
namespace {

using simdjson::SUCCESS;
using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

std::string Text(object from, std::string_view key) {
  std::string_view text;
  return from.at_key(key).get(text) == SUCCESS ? std::string(text) : "";
}

std::vector<std::string> Texts(object from, std::string_view key) {
  std::vector<std::string> out;
  array list;
  if (from.at_key(key).get(list) != SUCCESS) return out;
  for (const element item : list) {
    std::string_view text;
    if (item.get(text) == SUCCESS) out.emplace_back(text);
  }
  return out;
}

// Bounds as a bucket's text has them, by the number that says which belong to it.
std::string BucketText(array bucket) {
  int64_t bounds = 0;
  std::string_view lower, upper, count;
  if (bucket.size() != 4 || bucket.at(0).get(bounds) != SUCCESS ||
      bucket.at(1).get(lower) != SUCCESS || bucket.at(2).get(upper) != SUCCESS ||
      bucket.at(3).get(count) != SUCCESS) {
    return "?";
  }
  return fmt::format("{}{},{}{}:{}", bounds == 1 || bounds == 3 ? '[' : '(', lower, upper,
                     bounds == 0 || bounds == 3 ? ']' : ')', count);
}

std::string HistogramText(object from) {
  std::string out = fmt::format("{{count:{}, sum:{}", Text(from, "count"), Text(from, "sum"));
  array buckets;
  if (from.at_key("buckets").get(buckets) == SUCCESS) {
    for (const element item : buckets) {
      array bucket;
      out += ", " + (item.get(bucket) == SUCCESS ? BucketText(bucket) : "?");
    }
  }
  return out + '}';
}

double NumberOf(const std::string& text) { return std::strtod(text.c_str(), nullptr); }

bool ReadPoint(element from, Result::Series* series) {
  array pair;
  std::string_view value;
  object histogram;
  double time = 0;
  if (from.get(pair) != SUCCESS || pair.size() != 2 || pair.at(0).get(time) != SUCCESS) {
    return false;
  }
  if (pair.at(1).get(value) == SUCCESS) {
    const std::string text(value);
    series->points.push_back({time, text, NumberOf(text)});
    return true;
  }
  if (pair.at(1).get(histogram) != SUCCESS) return false;
  const double count = NumberOf(Text(histogram, "count"));
  series->points.push_back(
      {time, HistogramText(histogram), NumberOf(Text(histogram, "sum")) / count});
  series->histograms = true;
  return true;
}

void ReadSeries(object from, Result* result) {
  Result::Series& series = result->series.emplace_back();
  object metric;
  std::vector<std::pair<std::string, std::string>> labels;
  if (from.at_key("metric").get(metric) == SUCCESS) {
    for (const auto& field : metric) {
      std::string_view value;
      if (field.value.get(value) == SUCCESS) labels.emplace_back(field.key, value);
    }
  }
  series.labels = promql::Labels::From(std::move(labels));
  for (const char* key : {"value", "histogram"}) {
    element point;
    if (from.at_key(key).get(point) == SUCCESS) ReadPoint(point, &series);
  }
  for (const char* key : {"values", "histograms"}) {
    array points;
    if (from.at_key(key).get(points) != SUCCESS) continue;
    for (const element point : points) ReadPoint(point, &series);
  }
  std::sort(series.points.begin(), series.points.end(),
            [](const auto& a, const auto& b) { return a.time_s < b.time_s; });
}

std::string CsvField(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

}  // namespace

absl::StatusOr<Result> ParseResult(std::string_view json) {
  simdjson::dom::parser parser;
  object root;
  if (parser.parse(simdjson::padded_string(json)).get(root) != SUCCESS) {
    return InvalidArgument("expected JSON, got {}", GoQuote(json.substr(0, 200)));
  }
  if (Text(root, "status") != "success") {
    return InvalidArgument("{}: {}", Text(root, "errorType"), Text(root, "error"));
  }
  Result result;
  result.warnings = Texts(root, "warnings");
  result.infos = Texts(root, "infos");
  result.explain = Text(root, "explain");
  object data;
  array list;
  if (root.at_key("data").get(data) != SUCCESS || data.at_key("result").get(list) != SUCCESS) {
    return InvalidArgument("expected data.result, got none");
  }
  result.type = Text(data, "resultType");
  if (result.type == "scalar" || result.type == "string") {
    ReadPoint(data.at_key("result").value(), &result.series.emplace_back());
    return result;
  }
  for (const element item : list) {
    object series;
    if (item.get(series) == SUCCESS) ReadSeries(series, &result);
  }
  return result;
}

std::string TableOf(const Result& result) {
  std::string out;
  size_t width = 0;
  for (const Result::Series& series : result.series) {
    width = std::max(width, series.labels.ToString().size());
  }
  for (const Result::Series& series : result.series) {
    for (const Result::Point& point : series.points) {
      const bool bare = result.type == "scalar" || result.type == "string";
      if (!bare) out += fmt::format("{:<{}}  ", series.labels.ToString(), width);
      if (result.type == "matrix") out += GoFloatF(point.time_s) + "  ";
      out += point.value + "\n";
    }
  }
  return out;
}

std::string CsvOf(const Result& result) {
  std::set<std::string> names;
  for (const Result::Series& series : result.series) {
    for (const promql::Label label : series.labels) names.emplace(label.name);
  }
  std::string out;
  for (const std::string& name : names) out += CsvField(name) + ",";
  out += "timestamp,value\n";
  for (const Result::Series& series : result.series) {
    std::string prefix;
    for (const std::string& name : names) prefix += CsvField(series.labels.Get(name)) + ",";
    for (const Result::Point& point : series.points) {
      out += prefix + GoFloatF(point.time_s) + "," + CsvField(point.value) + "\n";
    }
  }
  return out;
}

}  // namespace synoptic::app
