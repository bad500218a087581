// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/fragment_filter.h"

#include <algorithm>

#include "aggregator/cache/stream_key.h"

namespace synoptic::aggregator {
namespace {

using promql::Expr;
using promql::Matcher;
using promql::MatchOp;

// Whether no series can be matched by both.
bool Contradict(const Matcher& a, const Matcher& b) {
  if (a.name() != b.name()) return false;
  if (a.op() == MatchOp::kEqual) return !b.Matches(a.value());
  if (b.op() == MatchOp::kEqual) return !a.Matches(b.value());
  return false;
}

bool CanSelect(const std::vector<Matcher>& selector, const std::vector<Matcher>& wanted) {
  return std::none_of(wanted.begin(), wanted.end(), [&](const Matcher& want) {
    return std::any_of(selector.begin(), selector.end(),
                       [&](const Matcher& have) { return Contradict(have, want); });
  });
}

bool CanSelect(const Expr& expr, const std::vector<Matcher>& wanted) {
  if (expr.kind == promql::ExprKind::kVectorSelector) {
    return CanSelect(promql::As<promql::VectorSelector>(expr).matchers, wanted);
  }
  const auto children = promql::Children(expr);
  return std::any_of(children.begin(), children.end(),
                     [&](const Expr* child) { return CanSelect(*child, wanted); });
}

bool StreamFits(const FragmentFilter& filter, const promql::ParseOptions& language,
                std::string_view stream) {
  const StreamDescription what = DescribeStream(stream);
  if (!filter.region.empty() && what.region != filter.region) return false;
  if (filter.matchers.empty()) return true;
  const auto expr = promql::ParseExpr(what.expr, language);
  return !expr.ok() || CanSelect(**expr, filter.matchers);
}

}  // namespace

BlockTest TestOf(const FragmentFilter& filter, const promql::ParseOptions& language) {
  const bool any_stream = filter.region.empty() && filter.matchers.empty();
  if (any_stream && !filter.min_t && !filter.max_t) return nullptr;
  // The blocks of a stream mostly come together: it is read once.
  struct Last {
    std::string stream;
    bool fits = false;
  };
  return [filter, language, any_stream, last = std::make_shared<Last>()](
             std::string_view stream, int64_t first, int64_t end) {
    if (filter.min_t && end < *filter.min_t) return false;
    if (filter.max_t && first > *filter.max_t) return false;
    if (any_stream) return true;
    if (last->stream != stream) *last = {std::string(stream), StreamFits(filter, language, stream)};
    return last->fits;
  };
}

}  // namespace synoptic::aggregator
