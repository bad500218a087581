// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/api/exposition.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"
#include "proto/metrics.pb.h"

namespace synoptic::aggregator {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kInstance = "instance";

// One clause of an Accept header.
struct Clause {
  std::string type;
  Pairs parameters;
  double quality = 1;

  std::string_view Get(std::string_view name) const {
    for (const auto& [key, value] : parameters) {
      if (key == name) return value;
    }
    return {};
  }
};

std::vector<Clause> ParseAccept(std::string_view accept) {
  std::vector<Clause> clauses;
  if (accept.empty()) return clauses;
  for (const std::string_view text : Split(accept, ',')) {
    Clause clause;
    for (const std::string_view part : Split(text, ';')) {
      if (clause.type.empty()) {
        clause.type = ToLowerAscii(Trim(part));
        continue;
      }
      const size_t equals = part.find('=');
      if (equals == std::string_view::npos) continue;
      std::string_view value = Trim(part.substr(equals + 1));
      if (value.size() >= 2 && value.front() == '"') value = value.substr(1, value.size() - 2);
      clause.parameters.emplace_back(ToLowerAscii(Trim(part.substr(0, equals))), value);
    }
    if (const std::string q(clause.Get("q")); !q.empty()) {
      clause.quality = std::strtod(q.c_str(), nullptr);
    }
    clauses.push_back(std::move(clause));
  }
  // The best first; of equal ones the first. (A handful: insertion keeps their order.)
  for (size_t i = 1; i < clauses.size(); ++i) {
    for (size_t j = i; j > 0 && clauses[j - 1].quality < clauses[j].quality; --j) {
      std::swap(clauses[j - 1], clauses[j]);
    }
  }
  return clauses;
}

// What stands in braces behind the name: labels, then what is added.
Pairs PairsOf(const promql::Labels& labels, const promql::Labels& external, NameEscaping escaping) {
  Pairs pairs;
  for (const promql::Label label : labels) {
    if (label.name == promql::kMetricName || label.value.empty()) continue;
    pairs.emplace_back(EscapeName(label.name, escaping), label.value);
  }
  bool instance = false;
  const auto add = [&](std::string_view name, std::string_view value) {
    if (labels.Get(name).empty()) pairs.emplace_back(EscapeName(name, escaping), value);
  };
  for (const promql::Label label : external) {
    if (!instance && label.name > kInstance) add(kInstance, "");
    instance = instance || label.name >= kInstance;
    add(label.name, label.value);
  }
  if (!instance) add(kInstance, "");
  return pairs;
}

// Bounds and cumulative counts of a histogram with custom buckets, without +Inf.
std::vector<std::pair<double, double>> ClassicBuckets(const promql::FloatHistogram& h) {
  std::vector<double> counts(h.custom_values.size() + 1, 0.0);
  size_t bucket = 0;
  int64_t index = 0;
  for (const promql::HistogramSpan& span : h.positive_spans) {
    index += span.offset;
    for (uint32_t i = 0; i < span.length; ++i, ++index, ++bucket) {
      if (index >= 0 && static_cast<size_t>(index) < counts.size() &&
          bucket < h.positive_buckets.size()) {
        counts[static_cast<size_t>(index)] = h.positive_buckets[bucket];
      }
    }
  }
  std::vector<std::pair<double, double>> buckets;
  double total = 0;
  for (size_t i = 0; i < h.custom_values.size(); ++i) {
    total += counts[i];
    buckets.emplace_back(h.custom_values[i], total);
  }
  return buckets;
}

class TextWriter {
 public:
  explicit TextWriter(std::string& out) : out_(out) {}

  void Family(const std::string& name, bool histogram) {
    name_ = name;
    out_ += "# TYPE ";
    AppendName(name_);
    out_ += histogram ? " histogram\n" : " untyped\n";
  }
  void Float(const Pairs& pairs, double v, int64_t t) { Line("", pairs, nullptr, v, t); }
  void Classic(const Pairs& pairs, const promql::FloatHistogram& h, int64_t t) {
    for (const auto& [bound, count] : ClassicBuckets(h)) Line("_bucket", pairs, &bound, count, t);
    const double infinity = std::numeric_limits<double>::infinity();
    Line("_bucket", pairs, &infinity, h.count, t);
    Line("_sum", pairs, nullptr, h.sum, t);
    Line("_count", pairs, nullptr, h.count, t);
  }

 private:
  void AppendName(std::string_view name) {
    if (IsLegacyMetricName(name)) {
      out_ += name;
    } else {
      out_ += '"';
      AppendEscaped(name);
      out_ += '"';
    }
  }
  void AppendEscaped(std::string_view text) {
    for (const char c : text) {
      if (c == '\\') {
        out_ += "\\\\";
      } else if (c == '\n') {
        out_ += "\\n";
      } else if (c == '"') {
        out_ += "\\\"";
      } else {
        out_ += c;
      }
    }
  }
  void AppendNumber(double v) { out_ += v == 0 ? "0" : GoFloatG(v); }
  void Line(std::string_view suffix, const Pairs& pairs, const double* le, double v, int64_t t) {
    const std::string name = name_ + std::string(suffix);
    char separator = '{';
    if (IsLegacyMetricName(name)) {
      out_ += name;
    } else {
      out_ += '{';
      AppendName(name);
      separator = ',';
    }
    for (const auto& [key, value] : pairs) {
      out_ += separator;
      separator = ',';
      AppendName(key);
      out_ += "=\"";
      AppendEscaped(value);
      out_ += '"';
    }
    if (le != nullptr) {
      out_ += separator;
      out_ += "le=\"";
      AppendNumber(*le);
      out_ += '"';
    }
    out_ += "} ";
    AppendNumber(v);
    out_ += ' ';
    out_ += std::to_string(t);
    out_ += '\n';
  }

  std::string& out_;
  std::string name_;
};

class ProtobufWriter {
 public:
  explicit ProtobufWriter(std::string& out) : out_(out) {}

  void Family(const std::string& name, bool histogram, bool gauge) {
    Flush();
    family_.set_name(name);
    family_.set_type(!histogram ? proto::UNTYPED
                     : gauge    ? proto::GAUGE_HISTOGRAM
                                : proto::HISTOGRAM);
  }
  void Float(const Pairs& pairs, double v, int64_t t) {
    Metric(pairs, t).mutable_untyped()->set_value(v);
  }
  void Histogram(const Pairs& pairs, const promql::FloatHistogram& h, int64_t t) {
    proto::ExposedHistogram& out = *Metric(pairs, t).mutable_histogram();
    out.set_sample_count_float(h.count);
    out.set_sample_sum(h.sum);
    if (h.UsesCustomBuckets()) {
      for (const auto& [bound, count] : ClassicBuckets(h)) {
        proto::ExposedBucket& bucket = *out.add_bucket();
        bucket.set_upper_bound(bound);
        bucket.set_cumulative_count_float(count);
      }
      return;
    }
    out.set_schema(h.schema);
    out.set_zero_threshold(h.zero_threshold);
    out.set_zero_count_float(h.zero_count);
    AddSpans(h.negative_spans, *out.mutable_negative_span());
    AddSpans(h.positive_spans, *out.mutable_positive_span());
    out.mutable_negative_count()->Add(h.negative_buckets.begin(), h.negative_buckets.end());
    out.mutable_positive_count()->Add(h.positive_buckets.begin(), h.positive_buckets.end());
  }
  // Writes the family that is open.
  void Flush() {
    if (family_.metric_size() == 0) return;
    const std::string bytes = family_.SerializeAsString();
    uint64_t size = bytes.size();
    for (; size >= 0x80; size >>= 7) out_ += static_cast<char>((size & 0x7F) | 0x80);
    out_ += static_cast<char>(size);
    out_ += bytes;
    family_.Clear();
  }

 private:
  proto::ExposedMetric& Metric(const Pairs& pairs, int64_t t) {
    proto::ExposedMetric& metric = *family_.add_metric();
    for (const auto& [name, value] : pairs) {
      proto::LabelPair& label = *metric.add_label();
      label.set_name(name);
      label.set_value(value);
    }
    metric.set_timestamp_ms(t);
    return metric;
  }
  template <class Spans>
  static void AddSpans(const std::vector<promql::HistogramSpan>& spans, Spans& to) {
    for (const promql::HistogramSpan& span : spans) {
      proto::ExposedSpan& out = *to.Add();
      out.set_offset(span.offset);
      out.set_length(span.length);
    }
  }

  std::string& out_;
  proto::MetricFamily family_;
};

}  // namespace

std::string ExpositionFormat::ContentType() const {
  return fmt::format(
      "{}; escaping={}",
      protobuf ? "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
                 "encoding=delimited"
               : "text/plain; version=0.0.4; charset=utf-8",
      NameOf(escaping));
}

ExpositionFormat NegotiateExposition(std::string_view accept) {
  ExpositionFormat format;
  for (const Clause& clause : ParseAccept(accept)) {
    if (const auto escaping = NameEscapingOf(clause.Get("escaping"))) format.escaping = *escaping;
    format.protobuf = clause.type == "application/vnd.google.protobuf" &&
                      clause.Get("proto") == "io.prometheus.client.MetricFamily" &&
                      clause.Get("encoding") == "delimited";
    const std::string_view version = clause.Get("version");
    const bool text = clause.type == "text/plain" && (version.empty() || version == "0.0.4");
    if (format.protobuf || text) break;
  }
  return format;
}

std::string Expose(std::vector<ExposedSample> samples, const promql::Labels& external,
                   const ExpositionFormat& format) {
  std::erase_if(samples, [&format](const ExposedSample& one) {
    const bool native = one.h != nullptr && !one.h->UsesCustomBuckets();
    return one.labels.Get(promql::kMetricName).empty() || (native && !format.protobuf);
  });
  // By name; within one as they came, which is by labels.
  std::sort(samples.begin(), samples.end(), [](const ExposedSample& a, const ExposedSample& b) {
    const std::string_view left = a.labels.Get(promql::kMetricName);
    const std::string_view right = b.labels.Get(promql::kMetricName);
    return left != right ? left < right : a.labels < b.labels;
  });
  std::string out;
  TextWriter text(out);
  ProtobufWriter protobuf(out);
  std::string_view last_name;
  int last_kind = -1;
  for (const ExposedSample& sample : samples) {
    const std::string_view name = sample.labels.Get(promql::kMetricName);
    const bool gauge = sample.h != nullptr && sample.h->hint == promql::CounterResetHint::kGauge;
    const int kind = sample.h == nullptr ? 0 : gauge ? 2 : 1;
    if (name != last_name || kind != last_kind) {
      // A family begins again where the kind changes: no valid exposition in the strict sense, but
      // the only way to say it, and what Prometheus writes and reads.
      const std::string escaped = EscapeName(name, format.escaping);
      if (format.protobuf) {
        protobuf.Family(escaped, sample.h != nullptr, gauge);
      } else {
        text.Family(escaped, sample.h != nullptr);
      }
      last_name = name;
      last_kind = kind;
    }
    const Pairs pairs = PairsOf(sample.labels, external, format.escaping);
    if (format.protobuf) {
      sample.h == nullptr ? protobuf.Float(pairs, sample.v, sample.t)
                          : protobuf.Histogram(pairs, *sample.h, sample.t);
    } else {
      sample.h == nullptr ? text.Float(pairs, sample.v, sample.t)
                          : text.Classic(pairs, *sample.h, sample.t);
    }
  }
  protobuf.Flush();
  return out;
}

}  // namespace synoptic::aggregator
