// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/rule/alert_elements.h"

#include <cmath>
#include <set>

#include "base/go_format.h"
#include "base/status.h"

namespace synoptic::alerting {
namespace {

// A template that fails leaves its error as the value, as in Prometheus: the alert still goes out.
std::string ExpandOrExplain(const std::string& name, const std::string& text,
                            const TemplateData& data) {
  auto expanded = ExpandTemplate(name, text, data);
  if (expanded.ok()) return *std::move(expanded);
  return fmt::format("<error expanding template: {}>", MessageOf(expanded.status()));
}

TemplateData DataFor(const RuleAnswer::Element& element, const ExpansionContext& context) {
  TemplateData data;
  data.labels = element.labels;
  data.external_labels = context.external_labels;
  data.external_url = context.external_url;
  data.value = element.value;
  if (element.histogram != nullptr) data.histogram = element.histogram->ToString();
  const bool bounded = !std::isnan(element.low);
  data.low = bounded ? element.low : element.value;
  data.high = bounded ? element.high : element.value;
  data.coverage = context.coverage;
  data.now_ms = context.now_ms;
  data.queries = context.queries;
  return data;
}

promql::Labels LabelsFor(const Rule& rule, const std::string& name,
                         const RuleAnswer::Element& element, const TemplateData& data) {
  promql::LabelsBuilder labels(element.labels);
  labels.Delete(promql::kMetricName);
  for (const auto& [label, text] : rule.labels) {
    labels.Set(label, ExpandOrExplain(name, text, data));
  }
  labels.Set(kAlertName, rule.alert);
  return labels.Build();
}

std::string Between(double low, double high) {
  if (low == high) return "exactly " + GoFloatG(low);
  return fmt::format("between {} and {}", GoFloatG(low), GoFloatG(high));
}

// `holds without eu (timeout): between 45 and +Inf`, and what of it rests on more than proof.
// Empty: all was seen.
std::string CoverageOf(const RuleAnswer::Element& element, const RuleAnswer::Belief& belief,
                       const ExpansionContext& context) {
  const auto believed = belief.bounds.find(element.labels);
  if (belief.unproven.contains(element.labels)) {
    std::string text = fmt::format("holds {} if {}", context.coverage, belief.basis);
    if (!std::isnan(element.low)) text += ": " + Between(element.low, element.high);
    return text;
  }
  if (std::isnan(element.low)) return "";
  std::string text =
      fmt::format("holds {}: {}", context.coverage, Between(element.low, element.high));
  if (believed != belief.bounds.end()) {
    text += fmt::format("; {} if {}", Between(believed->second.first, believed->second.second),
                        belief.basis);
  }
  return text;
}

}  // namespace

promql::Labels AlertLabels(const Rule& rule, const RuleAnswer::Element& element,
                           const ExpansionContext& context) {
  return LabelsFor(rule, "__alert_" + rule.alert, element, DataFor(element, context));
}

absl::StatusOr<std::vector<StepElement>> ExpandElements(const Rule& rule, const RuleAnswer& answer,
                                                        const ExpansionContext& context) {
  const std::string name = "__alert_" + rule.alert;
  std::vector<StepElement> elements;
  elements.reserve(answer.elements.size());
  std::set<promql::Labels> unique;
  for (const RuleAnswer::Element& element : answer.elements) {
    TemplateData data = DataFor(element, context);
    if (answer.belief.unproven.contains(element.labels)) data.assumes = answer.belief.basis;
    StepElement& out = elements.emplace_back();
    out.labels = LabelsFor(rule, name, element, data);
    out.value = element.value;
    for (const auto& [annotation, text] : rule.annotations) {
      out.annotations.Set(annotation, ExpandOrExplain(name, text, data));
    }
    if (const std::string coverage = CoverageOf(element, answer.belief, context);
        !coverage.empty()) {
      out.annotations.Set(std::string(kCoverageAnnotation), coverage);
    }
    if (!unique.insert(out.labels).second) {
      return InvalidArgument(
          "vector contains metrics with the same labelset after applying alert labels");
    }
  }
  return elements;
}

}  // namespace synoptic::alerting
