// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/ruletest/test_check.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "alerting/ruletest/histogram_text.h"
#include "base/duration.h"
#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"
#include "promql/parse/parser.h"
#include "promql/parse/series_description.h"

namespace synoptic::alerting {
namespace {

// {a="b", c="d"}: also with a metric name.
std::string LabelText(const promql::Labels& labels) {
  std::vector<std::string> parts;
  for (const promql::Label label : labels) {
    parts.push_back(fmt::format("{}={}", label.name, GoQuote(label.value)));
  }
  return "{" + Join(parts, ", ") + "}";
}

struct ShownAlert {
  promql::Labels labels;
  promql::Labels annotations;
  std::optional<bool> held;

  std::string Text() const {
    std::string text =
        "\n  Labels:" + LabelText(labels) + "\n  Annotations:" + LabelText(annotations);
    if (held) text += *held ? "\n  held" : "\n  not held";
    return text;
  }
};

std::string Text(const std::vector<ShownAlert>& alerts) {
  if (alerts.empty()) return "[]";
  std::string text = "[";
  for (size_t i = 0; i < alerts.size(); ++i) {
    text += fmt::format("{}\n{}:{}", i == 0 ? "" : ",", i, alerts[i].Text());
  }
  text += "\n]";
  std::string indented;
  for (const char c : text) {
    indented += c;
    if (c == '\n') indented += "            ";
  }
  return indented;
}

void Sort(std::vector<ShownAlert>& alerts) {
  std::sort(alerts.begin(), alerts.end(), [](const ShownAlert& a, const ShownAlert& b) {
    return std::tie(a.labels, a.annotations) < std::tie(b.labels, b.annotations);
  });
}

bool Equal(const ShownAlert& expected, const ShownAlert& got) {
  return expected.labels == got.labels && expected.annotations == got.annotations &&
         (!expected.held || expected.held == got.held);
}

struct ShownSample {
  promql::Labels labels;
  double value = 0;
  std::string histogram;
};

// Go's 'E' format with the shortest digits.
std::string Exponent(double v) {
  if (!std::isfinite(v)) return GoFloatF(v);
  char buffer[64];
  const auto [end, error] =
      std::to_chars(buffer, buffer + sizeof buffer, v, std::chars_format::scientific);
  std::string text(buffer, end);
  std::replace(text.begin(), text.end(), 'e', 'E');
  return text;
}

std::string Text(const std::vector<ShownSample>& samples) {
  if (samples.empty()) return "nil";
  std::vector<std::string> parts;
  for (const ShownSample& s : samples) {
    parts.push_back(LabelText(s.labels) + " " +
                    (s.histogram.empty() ? Exponent(s.value) : s.histogram));
  }
  return Join(parts, ", ");
}

bool Equal(double a, double b, bool fuzzy) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  if (a == b) return true;
  return fuzzy && (std::nextafter(a, -kInf) == b || std::nextafter(a, kInf) == b);
}

absl::StatusOr<ShownSample> Expected(const ExpectedSample& sample) {
  ShownSample out;
  out.value = sample.value;
  ASSIGN_OR_RETURN(out.labels, promql::ParseMetric(sample.labels));
  if (sample.histogram.empty()) return out;
  ASSIGN_OR_RETURN(const promql::SeriesDescription parsed,
                   promql::ParseSeriesDescription("{} " + sample.histogram));
  if (parsed.items.size() != 1) {
    return InvalidArgument("expected 1 value, got {}", parsed.items.size());
  }
  if (parsed.items[0].histogram == nullptr) {
    return InvalidArgument("expected histogram, got {}", GoFloatG(parsed.items[0].value));
  }
  out.histogram = HistogramTestText(parsed.items[0].histogram);
  return out;
}

void Sort(std::vector<ShownSample>& samples) {
  std::sort(samples.begin(), samples.end(),
            [](const ShownSample& a, const ShownSample& b) { return a.labels < b.labels; });
}

}  // namespace

std::string CompareAlerts(const RuleTestGroup& group, const AlertCase& expected,
                          const std::vector<const Alert*>& got) {
  std::vector<ShownAlert> wanted, came;
  for (const ExpectedAlert& alert : expected.alerts) {
    auto labels = alert.labels;
    labels["alertname"] = expected.alertname;
    wanted.push_back({promql::Labels::From({labels.begin(), labels.end()}),
                      promql::Labels::From({alert.annotations.begin(), alert.annotations.end()}),
                      alert.held});
  }
  const bool about_held =
      std::any_of(wanted.begin(), wanted.end(), [](const ShownAlert& alert) { return alert.held; });
  for (const Alert* alert : got) {
    came.push_back({alert->labels,
                    promql::Labels::From({alert->annotations.begin(), alert->annotations.end()}),
                    about_held ? std::optional<bool>(alert->held()) : std::nullopt});
  }
  Sort(wanted);
  Sort(came);
  const bool equal = std::equal(wanted.begin(), wanted.end(), came.begin(), came.end(),
                                [](const auto& a, const auto& b) { return Equal(a, b); });
  if (equal) return "";
  return fmt::format("{}    alertname: {}, time: {}, \n        exp:{}, \n        got:{}",
                     group.name.empty() ? "" : fmt::format("    name: {},\n", group.name),
                     expected.alertname, FormatDurationMillis(expected.eval_time_ms), Text(wanted),
                     Text(came));
}

std::string CompareSamples(const ExprCase& expected,
                           const absl::StatusOr<std::vector<RuleAnswer::Element>>& got,
                           bool fuzzy) {
  const std::string head = fmt::format("    expr: {}, time: {},", GoQuote(expected.expr),
                                       FormatDurationMillis(expected.eval_time_ms));
  if (!got.ok()) return fmt::format("{} err: {}", head, MessageOf(got.status()));
  std::vector<ShownSample> wanted, came;
  for (const ExpectedSample& sample : expected.samples) {
    auto shown = Expected(sample);
    if (!shown.ok()) {
      return fmt::format("{} err: labels {}: {}", head, GoQuote(sample.labels),
                         MessageOf(shown.status()));
    }
    wanted.push_back(*std::move(shown));
  }
  for (const RuleAnswer::Element& element : *got) {
    came.push_back({element.labels, element.value, HistogramTestText(element.histogram)});
  }
  // The value beside a histogram counts for nothing.
  for (auto* side : {&wanted, &came}) {
    for (ShownSample& sample : *side) {
      if (!sample.histogram.empty()) sample.value = 0;
    }
    Sort(*side);
  }
  const bool equal = std::equal(wanted.begin(), wanted.end(), came.begin(), came.end(),
                                [fuzzy](const ShownSample& a, const ShownSample& b) {
                                  return a.labels == b.labels && a.histogram == b.histogram &&
                                         Equal(a.value, b.value, fuzzy);
                                });
  if (equal) return "";
  return fmt::format("{}\n        exp: {}\n        got: {}", head, Text(wanted), Text(came));
}

}  // namespace synoptic::alerting
