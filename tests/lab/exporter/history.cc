// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
// Runs the model over the past and writes each tick's samples.
#include "tests/lab/exporter/history.h"

#include <charconv>

namespace synoptic::lab {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;

void AppendNumber(std::string& out, double value) {
  char buffer[32];
  const auto [end, code] = std::to_chars(buffer, buffer + sizeof(buffer), value);
  out.append(buffer, end);
}

// The labels of our own model need no escaping.
void AppendLabel(std::string& out, std::string_view name, std::string_view value) {
  if (out.back() != '{') out += ',';
  out.append(name).append("=\"").append(value).append("\"");
}

class Writer {
 public:
  Writer(const HistoryOptions& options, std::ostream& out) : options_(options), out_(out) {}

  void Tick(const std::vector<MetricFamily>& families, double seconds) {
    stamp_.clear();
    AppendNumber(stamp_, seconds);
    text_.clear();
    for (const MetricFamily& family : families) {
      for (const ClientMetric& metric : family.metric) Metric(family, metric);
    }
    Sample("up", "", {}, "", 1);
    out_ << text_;
  }

 private:
  void Metric(const MetricFamily& family, const ClientMetric& metric) {
    switch (family.type) {
      case prometheus::MetricType::Counter:
        Sample(family.name, "", metric, "", metric.counter.value);
        break;
      case prometheus::MetricType::Histogram:
        for (const auto& bucket : metric.histogram.bucket) {
          std::string le;
          if (bucket.upper_bound == std::numeric_limits<double>::infinity()) {
            le = "+Inf";
          } else {
            AppendNumber(le, bucket.upper_bound);
          }
          Sample(family.name, "_bucket", metric, le, static_cast<double>(bucket.cumulative_count));
        }
        Sample(family.name, "_sum", metric, "", metric.histogram.sample_sum);
        Sample(family.name, "_count", metric, "",
               static_cast<double>(metric.histogram.sample_count));
        break;
      default:
        Sample(family.name, "", metric, "", metric.gauge.value);
    }
  }

  void Sample(std::string_view name, std::string_view suffix, const ClientMetric& metric,
              std::string_view le, double value) {
    text_.append(name).append(suffix).append("{");
    for (const auto& label : metric.label) AppendLabel(text_, label.name, label.value);
    for (const auto& [key, text] : options_.labels) AppendLabel(text_, key, text);
    if (!le.empty()) AppendLabel(text_, "le", le);
    text_.append("} ");
    AppendNumber(text_, value);
    text_.append(" ").append(stamp_).append("\n");
  }

  const HistoryOptions& options_;
  std::ostream& out_;
  std::string stamp_;
  std::string text_;
};

}  // namespace

void WriteHistory(const ModelOptions& model_options, const Script& script,
                  const HistoryOptions& options, std::ostream& out) {
  prometheus::Registry registry;
  Model model(model_options, registry);
  Writer writer(options, out);
  const auto start = static_cast<double>(options.start);
  for (double now = start; now < static_cast<double>(options.end); now += options.step) {
    model.Advance(now, options.step, script, now - start);
    if (!script.Dark(now - start)) writer.Tick(registry.Collect(), now);
  }
  out << "# EOF\n";
}

}  // namespace synoptic::lab
