// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

#include "promql/parse/token.h"

#include <algorithm>
#include <array>

#include "base/go_format.h"
#include "base/status.h"

namespace synoptic::promql::internal {
namespace {

using enum TokenKind;

struct Word {
  std::string_view text;
  TokenKind kind;
};

constexpr auto kWords = std::to_array<Word>({
    {"anchored", kAnchored},
    {"and", kLand},
    {"atan2", kAtan2},
    {"avg", kAvg},
    {"bool", kBool},
    {"bottomk", kBottomk},
    {"by", kBy},
    {"count", kCount},
    {"count_values", kCountValues},
    {"end", kEnd},
    {"fill", kFill},
    {"fill_left", kFillLeft},
    {"fill_right", kFillRight},
    {"group", kGroup},
    {"group_left", kGroupLeft},
    {"group_right", kGroupRight},
    {"ignoring", kIgnoring},
    {"inf", kNumber},
    {"limit_ratio", kLimitRatio},
    {"limitk", kLimitk},
    {"max", kMax},
    {"max_of", kMaxOf},
    {"min", kMin},
    {"min_of", kMinOf},
    {"nan", kNumber},
    {"offset", kOffset},
    {"on", kOn},
    {"or", kLor},
    {"quantile", kQuantile},
    {"range", kRange},
    {"smoothed", kSmoothed},
    {"start", kStart},
    {"stddev", kStddev},
    {"stdvar", kStdvar},
    {"step", kStep},
    {"sum", kSum},
    {"topk", kTopk},
    {"unless", kLunless},
    {"without", kWithout},
});
static_assert(std::ranges::is_sorted(kWords, {}, &Word::text));

constexpr auto kHistogramDescriptors = std::to_array<Word>({
    {"buckets", kBucketsDesc},
    {"count", kCountDesc},
    {"counter_reset_hint", kCounterResetHintDesc},
    {"custom_values", kCustomValuesDesc},
    {"n_buckets", kNegativeBucketsDesc},
    {"n_offset", kNegativeOffsetDesc},
    {"offset", kOffsetDesc},
    {"schema", kSchemaDesc},
    {"sum", kSumDesc},
    {"z_bucket", kZeroBucketDesc},
    {"z_bucket_w", kZeroBucketWidthDesc},
});
static_assert(std::ranges::is_sorted(kHistogramDescriptors, {}, &Word::text));

constexpr auto kCounterResetHints = std::to_array<Word>({
    {"gauge", kGaugeType},
    {"not_reset", kNotCounterReset},
    {"reset", kCounterReset},
    {"unknown", kUnknownCounterReset},
});

template <size_t N>
TokenKind Find(const std::array<Word, N>& words, std::string_view text) {
  const auto it = std::ranges::lower_bound(words, text, {}, &Word::text);
  return it != words.end() && it->text == text ? it->kind : kIdentifier;
}

// What Prometheus calls a kind when the token's own text does not say it.
std::string_view KindName(TokenKind kind) {
  switch (kind) {
    case kError:
      return "error";
    case kComment:
      return "comment";
    case kIdentifier:
      return "identifier";
    case kMetricIdentifier:
      return "metric identifier";
    case kNumber:
      return "number";
    case kDuration:
      return "duration";
    case kString:
      return "string";
    default:
      return {};
  }
}

// The first ten runes of a longer text, quoted.
std::string QuoteShort(std::string_view text) {
  if (text.size() <= 10) return GoQuote(text);
  size_t end = 0;
  for (int runes = 0; runes < 10 && end < text.size(); ++runes) {
    ++end;
    while (end < text.size() && (static_cast<uint8_t>(text[end]) & 0xC0) == 0x80) ++end;
  }
  return GoQuote(text.substr(0, end)) + "...";
}

bool IsHistogramWord(TokenKind kind) {
  return (kind >= kSumDesc && kind <= kCounterResetHintDesc) || kind >= kUnknownCounterReset;
}

// Prometheus has no names for these and prints its generated numbers.
int PrometheusNumber(TokenKind kind) {
  const auto number = [](TokenKind k) { return static_cast<int>(k); };
  if (kind >= kUnknownCounterReset) return 57445 + number(kind) - number(kUnknownCounterReset);
  return 57370 + number(kind) - number(kSumDesc);
}

}  // namespace

bool IsOperator(TokenKind kind) { return kind >= kAdd && kind <= kAtan2; }
bool IsAggregator(TokenKind kind) { return kind >= kAvg && kind <= kLimitRatio; }
bool IsKeyword(TokenKind kind) { return kind >= kBool && kind <= kWithout; }

bool IsMetricIdentifier(TokenKind kind) {
  switch (kind) {
    case kIdentifier:
    case kMetricIdentifier:
    case kBy:
    case kFill:
    case kFillLeft:
    case kFillRight:
    case kLand:
    case kLor:
    case kLunless:
    case kOffset:
    case kWithout:
    case kAnchored:
    case kSmoothed:
      return true;
    default:
      return IsAggregator(kind) || (kind >= kStart && kind <= kMinOf);
  }
}

bool IsGroupingLabel(TokenKind kind) {
  switch (kind) {
    case kWithout:
      return false;
    case kAtan2:
      return true;
    default:
      return IsMetricIdentifier(kind) || IsKeyword(kind);
  }
}

TokenKind KeywordOf(std::string_view lower) { return Find(kWords, lower); }
TokenKind HistogramDescriptorOf(std::string_view lower) {
  return Find(kHistogramDescriptors, lower);
}
TokenKind CounterResetHintOf(std::string_view lower) { return Find(kCounterResetHints, lower); }

std::string Describe(const Token& token) {
  if (token.kind == kEof) return "end of input";
  if (IsKeyword(token.kind)) return fmt::format("<{}>", token.text);
  if (IsOperator(token.kind)) return fmt::format("<op:{}>", token.text);
  if (IsAggregator(token.kind)) return fmt::format("<aggr:{}>", token.text);
  if (token.kind == kIdentifier || token.kind == kMetricIdentifier) {
    return fmt::format("{} {}", KindName(token.kind), GoQuote(token.text));
  }
  if (IsHistogramWord(token.kind)) {
    return fmt::format("\"<Item {}>\" {}", PrometheusNumber(token.kind), QuoteShort(token.text));
  }
  const std::string_view name = KindName(token.kind);
  return name.empty() ? QuoteShort(token.text) : fmt::format("{} {}", name, QuoteShort(token.text));
}

}  // namespace synoptic::promql::internal
