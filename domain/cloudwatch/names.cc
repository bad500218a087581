// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/cloudwatch/names.h"

#include <algorithm>
#include <array>

#include "base/strings.h"

namespace synoptic::domain {
namespace {

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// CPUUtilization stays together, TableName is parted: `_` before a capital after a small letter or
// a digit. The case is kept.
std::string PartWords(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (i > 0 && IsUpper(text[i]) && (IsLower(text[i - 1]) || IsDigit(text[i - 1]))) out += '_';
    out += text[i];
  }
  return out;
}

// cloudwatch_exporter's toSnakeCase.
std::string Snake(std::string_view text) { return ToLowerAscii(PartWords(text)); }

// cloudwatch_exporter: everything else than letters, digits and `_` (in metric names also `:`)
// becomes `_`, and runs of `_` one.
std::string Safe(std::string_view text, bool colons) {
  std::string out;
  for (const char c : text) {
    const bool kept = IsLower(c) || IsUpper(c) || IsDigit(c) || (colons && c == ':');
    const char safe = kept ? c : '_';
    if (safe == '_' && !out.empty() && out.back() == '_') continue;
    out += safe;
  }
  return out;
}

bool IsIndexMetric(const CloudWatchMetric& metric) {
  static constexpr std::array<std::string_view, 6> kNames = {
      "ConsumedReadCapacityUnits",     "ConsumedWriteCapacityUnits", "ProvisionedReadCapacityUnits",
      "ProvisionedWriteCapacityUnits", "ReadThrottleEvents",         "WriteThrottleEvents"};
  return metric.name_space == "AWS/DynamoDB" &&
         std::find(kNames.begin(), kNames.end(), metric.metric) != kNames.end() &&
         std::find(metric.dimensions.begin(), metric.dimensions.end(),
                   "GlobalSecondaryIndexName") != metric.dimensions.end();
}

// YACE's table of characters, which are not squeezed. The last is U+201C.
std::string MapCharacters(std::string_view text) {
  constexpr std::string_view kToUnderscore = " ,\t/\\.-:=@<>()";
  constexpr std::string_view kQuote = "\xe2\x80\x9c";
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (kToUnderscore.find(text[i]) != std::string_view::npos) {
      out += '_';
    } else if (text[i] == '%') {
      out += "_percent";
    } else if (text.substr(i).starts_with(kQuote)) {
      out += '_';
      i += kQuote.size() - 1;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string PromString(std::string_view text) {
  return ToLowerAscii(PartWords(MapCharacters(text)));
}

// The metric without the part of the namespace that it repeats, and one `_` after that.
std::string WithoutRepetition(const std::string& name_space, const std::string& metric) {
  for (const std::string_view part : Split(name_space, '_')) {
    if (part.empty() || !std::string_view(metric).starts_with(part)) continue;
    std::string_view rest = std::string_view(metric).substr(part.size());
    if (rest.starts_with('_')) rest.remove_prefix(1);
    return std::string(rest);
  }
  return metric;
}

}  // namespace

SeriesName CloudWatchExporterName(const CloudWatchMetric& metric) {
  SeriesName name;
  std::string text = ToLowerAscii(metric.name_space) + "_" + Snake(metric.metric);
  if (IsIndexMetric(metric)) text += "_index";
  name.metric = Safe(text, true) + "_" + Safe(Snake(metric.statistic), true);
  for (const std::string& dimension : metric.dimensions) {
    name.labels.push_back(Safe(Snake(dimension), false));
  }
  return name;
}

SeriesName YaceName(const CloudWatchMetric& metric, bool snake_labels) {
  SeriesName name;
  std::string_view bare = metric.name_space;
  if (bare.starts_with('/')) bare.remove_prefix(1);
  std::string name_space = PromString(ToLowerAscii(bare));
  if (!name_space.starts_with("aws")) name_space = "aws_" + name_space;
  name.metric = name_space + "_" + WithoutRepetition(name_space, PromString(metric.metric)) + "_" +
                PromString(metric.statistic);
  for (const std::string& dimension : metric.dimensions) {
    name.labels.push_back("dimension_" +
                          (snake_labels ? PromString(dimension) : MapCharacters(dimension)));
  }
  return name;
}

}  // namespace synoptic::domain
