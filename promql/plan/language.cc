// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/plan/language.h"

#include <algorithm>
#include <array>

namespace synoptic::promql {
namespace {

// Stable functions that Prometheus 2.42 does not have.
constexpr std::array kNewFunctions = {
    FunctionId::kHistogramAvg,      FunctionId::kHistogramStddev,  FunctionId::kHistogramStdvar,
    FunctionId::kFirstOverTime,     FunctionId::kStartTimestamp,   FunctionId::kMadOverTime,
    FunctionId::kTsOfFirstOverTime, FunctionId::kTsOfLastOverTime, FunctionId::kTsOfMaxOverTime,
    FunctionId::kTsOfMinOverTime,   FunctionId::kIntegral,         FunctionId::kInfo,
    FunctionId::kHistogramQuantiles};

bool IsPlainName(std::string_view name, bool colons) {
  const auto letter = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (colons && c == ':');
  };
  if (name.empty() || !letter(name.front())) return false;
  return std::all_of(name.begin(), name.end(),
                     [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

// A label that an upstream knows by another name than we do, or cannot spell.
std::string ForeignLabel(const std::string& name, const LocalityAnalysis& locality) {
  if (locality.Touches(name) && !Contains(locality.topology_labels(), name)) {
    return "label " + name + " is renamed on the way in";
  }
  if (!IsPlainName(name, false)) return "quoted label name";
  return {};
}

std::string ForeignLabels(const std::vector<std::string>& names, const LocalityAnalysis& locality) {
  for (const std::string& name : names) {
    if (std::string why = ForeignLabel(name, locality); !why.empty()) return why;
  }
  return {};
}

std::string ForeignSelector(const VectorSelector& selector, const LocalityAnalysis& locality) {
  if (selector.anchored || selector.smoothed) return "extended range selector";
  for (const Matcher& matcher : selector.matchers) {
    if (matcher.name() == kMetricName) {
      const bool plain = matcher.op() != MatchOp::kEqual || selector.name.empty() ||
                         IsPlainName(matcher.value(), true);
      if (!plain) return "quoted metric name";
    } else if (std::string why = ForeignLabel(matcher.name(), locality); !why.empty()) {
      return why;
    }
  }
  return {};
}

std::string ForeignBinary(const Binary& binary, const LocalityAnalysis& locality) {
  if (binary.op == BinaryOp::kTrimLower || binary.op == BinaryOp::kTrimUpper) {
    return "trim operator";
  }
  if (!binary.matching) return {};
  if (binary.matching->fill_left || binary.matching->fill_right) return "fill modifier";
  std::string why = ForeignLabels(binary.matching->labels, locality);
  return why.empty() ? ForeignLabels(binary.matching->include, locality) : why;
}

}  // namespace

std::string ForeignNode(const Expr& expr, const LocalityAnalysis& locality) {
  switch (expr.kind) {
    case ExprKind::kVectorSelector:
      return ForeignSelector(As<VectorSelector>(expr), locality);
    case ExprKind::kCall: {
      const Function& function = *As<Call>(expr).function;
      const bool fresh =
          std::find(kNewFunctions.begin(), kNewFunctions.end(), function.id) != kNewFunctions.end();
      if (function.experimental || fresh) {
        return std::string(function.name) + "() is not known everywhere";
      }
      return {};
    }
    case ExprKind::kAggregate: {
      const Aggregate& aggregate = As<Aggregate>(expr);
      if (aggregate.op == AggregateOp::kLimitk || aggregate.op == AggregateOp::kLimitRatio) {
        return "experimental aggregation";
      }
      return ForeignLabels(aggregate.grouping, locality);
    }
    case ExprKind::kBinary:
      return ForeignBinary(As<Binary>(expr), locality);
    case ExprKind::kFetched:
      return "already fetched";
    default:
      return {};
  }
}

std::string ForeignToUpstream(const Expr& expr, const LocalityAnalysis& locality) {
  if (std::string why = ForeignNode(expr, locality); !why.empty()) return why;
  for (const Expr* child : Children(expr)) {
    if (std::string why = ForeignToUpstream(*child, locality); !why.empty()) return why;
  }
  return {};
}

}  // namespace synoptic::promql
