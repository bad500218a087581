// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A literal metric: name{label="value"}.

#include "promql/parse/parser_impl.h"

namespace synoptic::promql::internal {
namespace {
using enum TokenKind;
}

// Neither a name nor braces need be there.
Labels ParserImpl::ParseMetric() {
  std::vector<std::pair<std::string, std::string>> labels;
  std::string name;
  if (IsMetricIdentifier(Peek())) name = Take().text;
  if (At(kLeftBrace)) ParseLabelSet(labels);
  if (failed_) return {};
  // The name outside the braces wins: From takes the last of equal names.
  if (!name.empty()) labels.emplace_back(kMetricName, std::move(name));
  return Labels::From(labels);
}

void ParserImpl::ParseLabelSet(std::vector<std::pair<std::string, std::string>>& labels) {
  constexpr ErrorContext kItem = {"label set", R"(identifier or "}")"};
  Take();
  InContext context(*this, kItem);
  while (!failed_ && !TakeIf(kRightBrace)) {
    ParseLabelSetItem(labels);
    context.Become({"label set", R"("," or "}")"});
    if (failed_ || TakeIf(kRightBrace)) return;
    Expect(kComma);
    context.Become(kItem);
  }
}

// label="value", "label"="value", or "metric name"
void ParserImpl::ParseLabelSetItem(std::vector<std::pair<std::string, std::string>>& labels) {
  const TokenKind kind = Peek();
  if (kind != kIdentifier && kind != kString) {
    FailUnexpected();
    return;
  }
  std::string name = kind == kString ? TakeString() : std::string(Take().text);
  if (failed_) return;
  if (!At(kEql)) {
    if (kind == kString) {
      labels.emplace_back(kMetricName, std::move(name));
      return;
    }
    InContext context(*this, {"label set", R"("=")"});
    FailUnexpected();
    return;
  }
  Take();
  InContext context(*this, {"label set", "string"});
  if (!At(kString)) {
    FailUnexpected();
    return;
  }
  labels.emplace_back(std::move(name), TakeString());
}

}  // namespace synoptic::promql::internal
