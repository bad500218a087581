// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

#include "promql/parse/series_description.h"

#include <set>

#include "base/status.h"
#include "promql/model/histogram_math.h"
#include "promql/model/sample.h"
#include "promql/parse/literals.h"
#include "promql/parse/parser_impl.h"

namespace synoptic::promql {
namespace internal {
namespace {

using enum TokenKind;

SeriesItem Omitted() {
  SeriesItem item;
  item.omitted = true;
  return item;
}

SeriesItem Float(double value) {
  SeriesItem item;
  item.value = value;
  return item;
}

class SeriesParser : public ParserImpl {
 public:
  SeriesParser(std::string_view text, size_t max_items)
      : ParserImpl(text, {}, {.series_description = true}), max_items_(max_items) {}

  SeriesDescription Parse() {
    SeriesDescription description;
    description.labels = ParseMetric();
    InContext context(*this, {"series values", ""});
    if (!At(kSpace) && !At(kEof)) FailUnexpected();
    while (!failed() && TakeIf(kSpace)) {
      if (AtItem()) ParseItem(description.items);
    }
    context.Become({"", ""});
    ExpectEnd();
    return description;
  }

 private:
  using Items = std::vector<SeriesItem>;

  bool AtNumber() { return At(kNumber) || At(kDuration); }
  bool AtItem() {
    return At(kBlank) || At(kIdentifier) || AtNumber() || At(kAdd) || At(kSub) || At(kOpenHist);
  }

  void ParseItem(Items& items) {
    if (TakeIf(kBlank)) {
      // _xN omits N samples, while 1xN stands for N + 1.
      Repeat(items, Omitted(), TakeIf(kTimes) ? ParseUnsigned() : 1);
    } else if (At(kOpenHist)) {
      ParseHistogramItem(items);
    } else {
      ParseFloatItem(items);
    }
  }

  void Repeat(Items& items, const SeriesItem& item, uint64_t times) {
    if (HasRoom(items, times)) items.insert(items.end(), times, item);
  }

  bool HasRoom(const Items& items, uint64_t more) {
    if (!failed() && more > max_items_ - items.size()) {
      Fail(next_.range(), fmt::format("series has more than {} values", max_items_));
    }
    return !failed();
  }

  void ParseFloatItem(Items& items) {
    double value = ParseValue();
    double step = 0;
    const bool steps = At(kAdd) || At(kSub);
    if (steps) step = ParseSignedNumber();
    if (failed()) return;
    if (steps && !At(kTimes)) {
      FailUnexpected();
      return;
    }
    if (!TakeIf(kTimes)) return Repeat(items, Float(value), 1);
    const uint64_t times = ParseUnsigned();
    if (!HasRoom(items, times) || !HasRoom(items, times + 1)) return;
    for (uint64_t i = 0; i <= times; ++i) {
      items.push_back(Float(value));
      if (steps) value += step;
    }
  }

  double ParseValue() {
    if (!At(kIdentifier)) return ParseSignedNumber();
    if (Take().text != "stale") {
      InContext context(*this, {"series values", "number or \"stale\""});
      FailUnexpected();
    }
    return StaleNaN();
  }

  uint64_t ParseUnsigned() {
    if (!Expect(kNumber)) return 0;
    const auto value = UnsignedValue(next_.text);
    if (value.ok()) return *value;
    Fail(next_.range(),
         fmt::format("invalid repetition in series values: {}", MessageOf(value.status())));
    return 0;
  }

  int64_t ParseInt() {
    const bool negative = TakeIf(kSub);
    const auto value = static_cast<int64_t>(ParseUnsigned());
    return negative ? -value : value;
  }

  void ParseHistogramItem(Items& items) {
    SeriesItem item = ParseHistogram();
    if (failed()) return;
    if (At(kAdd) || At(kSub)) return ParseHistogramSeries(items, std::move(item));
    if (!TakeIf(kTimes)) return Repeat(items, item, 1);
    const uint64_t times = ParseUnsigned();
    if (HasRoom(items, times)) Repeat(items, item, times + 1);
  }

  // What follows {{base}}: +{{change}}x3
  void ParseHistogramSeries(Items& items, SeriesItem item) {
    const bool grows = Take().kind == kAdd;
    if (!At(kOpenHist)) return FailUnexpected();
    const SeriesItem change = ParseHistogram();
    if (failed() || !Expect(kTimes)) return;
    const uint64_t times = ParseUnsigned();
    if (!HasRoom(items, times) || !HasRoom(items, times + 1)) return;
    item.hint_given = change.hint_given;  // Prometheus forgets the base's
    items.push_back(item);
    for (uint64_t i = 0; i < times; ++i) {
      auto next = std::make_shared<FloatHistogram>(*item.histogram);
      const absl::Status status = Combine(*next, *change.histogram, grows);
      if (!status.ok()) return Fail(next_.range(), std::string(MessageOf(status)));
      item.histogram = std::move(next);
      items.push_back(item);
    }
  }

  static absl::Status Combine(FloatHistogram& h, const FloatHistogram& change, bool grows) {
    if (h.schema > change.schema) {
      return InvalidArgument("error combining histograms: cannot merge from schema {} to {}",
                             change.schema, h.schema);
    }
    return (grows ? Add(h, change) : Subtract(h, change)).status();
  }

  // {{key:value key:value}}
  SeriesItem ParseHistogram() {
    auto histogram = std::make_shared<FloatHistogram>();
    SeriesItem item;
    Take();
    if (TakeIf(kSpace)) {
      Expect(kCloseHist);
    } else if (!TakeIf(kCloseHist)) {
      ParseFields(*histogram, item.hint_given);
    }
    SetSpan(histogram->positive_spans, positive_offset_, histogram->positive_buckets.size());
    SetSpan(histogram->negative_spans, negative_offset_, histogram->negative_buckets.size());
    item.histogram = std::move(histogram);
    return item;
  }

  void ParseFields(FloatHistogram& histogram, bool& hint_given) {
    std::set<TokenKind> seen;
    positive_offset_ = negative_offset_ = 0;
    seen.insert(ParseField(histogram));
    InContext context(
        *this, {"histogram description", "histogram description key, e.g. buckets:[5 10 7]"});
    while (!failed() && !TakeIf(kCloseHist)) {
      if (!Expect(kSpace) || TakeIf(kCloseHist)) break;
      const std::string_view key = KeyText();
      if (!seen.insert(ParseField(histogram)).second && !failed()) {
        Fail({}, fmt::format("duplicate key \"{}\" in histogram", key));
      }
    }
    hint_given = seen.contains(kCounterResetHintDesc);
  }

  std::string_view KeyText() {
    Peek();
    return next_.text;
  }

  TokenKind ParseField(FloatHistogram& h) {
    const TokenKind key = Peek();
    if (key < kSumDesc || key > kCounterResetHintDesc) {
      FailUnexpected();
      return key;
    }
    Take();
    if (Expect(kColon)) ParseFieldValue(key, h);
    return key;
  }

  void ParseFieldValue(TokenKind key, FloatHistogram& h) {
    switch (key) {
      case kSumDesc:
        h.sum = ParseSignedNumber();
        break;
      case kCountDesc:
        h.count = ParseSignedNumber();
        break;
      case kSchemaDesc:
        h.schema = static_cast<int32_t>(ParseInt());
        break;
      case kOffsetDesc:
        positive_offset_ = static_cast<int32_t>(ParseInt());
        break;
      case kNegativeOffsetDesc:
        negative_offset_ = static_cast<int32_t>(ParseInt());
        break;
      case kBucketsDesc:
        h.positive_buckets = ParseBuckets();
        break;
      case kNegativeBucketsDesc:
        h.negative_buckets = ParseBuckets();
        break;
      case kZeroBucketDesc:
        h.zero_count = ParseSignedNumber();
        break;
      case kZeroBucketWidthDesc: {
        bool is_duration = false;
        h.zero_threshold = TakeNumber(&is_duration);
        break;
      }
      case kCustomValuesDesc:
        h.custom_values = ParseBuckets();
        break;
      default:
        h.hint = ParseHint();
        break;
    }
  }

  // [1 2 3]
  std::vector<double> ParseBuckets() {
    std::vector<double> values;
    if (!Expect(kLeftBracket)) return values;
    while (!failed()) {
      values.push_back(ParseSignedNumber());
      if (failed() || TakeIf(kRightBracket)) break;
      if (!Expect(kSpace) || TakeIf(kRightBracket)) break;
    }
    return values;
  }

  CounterResetHint ParseHint() {
    switch (Peek()) {
      case kUnknownCounterReset:
        Take();
        return CounterResetHint::kUnknown;
      case kCounterReset:
        Take();
        return CounterResetHint::kReset;
      case kNotCounterReset:
        Take();
        return CounterResetHint::kNotReset;
      case kGaugeType:
        Take();
        return CounterResetHint::kGauge;
      default:
        FailUnexpected();
        return CounterResetHint::kUnknown;
    }
  }

  static void SetSpan(SharedVector<HistogramSpan>& spans, int32_t offset, size_t buckets) {
    if (buckets > 0) spans = {{offset, static_cast<uint32_t>(buckets)}};
  }

  const size_t max_items_;
  int32_t positive_offset_ = 0;
  int32_t negative_offset_ = 0;
};

}  // namespace
}  // namespace internal

absl::StatusOr<SeriesDescription> ParseSeriesDescription(std::string_view text, size_t max_items) {
  internal::SeriesParser parser(text, max_items);
  SeriesDescription description = parser.Parse();
  if (parser.failed()) return parser.status();
  return description;
}

}  // namespace synoptic::promql
