// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/plan/locality.h"

#include <algorithm>
#include <map>

#include "base/strings.h"

namespace synoptic::promql {
namespace {

constexpr std::string_view kRenamedPrefix = "exported_";

bool SelectsSamples(AggregateOp op) {
  return op == AggregateOp::kTopk || op == AggregateOp::kBottomk || op == AggregateOp::kLimitk ||
         op == AggregateOp::kLimitRatio;
}

Placement Inexact(Placement placement, std::string reason) {
  placement.exact = false;
  placement.reason = std::move(reason);
  return placement;
}

// Data sources of both, claims of neither.
Placement JoinData(const Placement& a, const Placement& b) {
  Placement out;
  out.has_data = a.has_data || b.has_data;
  out.shards = Union(a.shards, b.shards);
  out.all_shards = Union(a.all_shards, b.all_shards);
  out.relabels = a.relabels || b.relabels;
  if (!a.exact) out.reason = a.reason;
  if (a.exact && !b.exact) out.reason = b.reason;
  return out;
}

}  // namespace

LocalityAnalysis::LocalityAnalysis(const Topology& topology, Locality level, const OwnSeries* own)
    : topology_(topology), own_(own), names_(topology.LabelNames()) {
  std::map<std::string_view, int> first_of;  // by region
  for (size_t i = 0; i < topology.shards.size(); ++i) {
    const int shard = static_cast<int>(i);
    unit_.push_back(level == Locality::kRegion
                        ? first_of.try_emplace(topology.shards[i].region, shard).first->second
                        : shard);
  }
}

bool LocalityAnalysis::Touches(std::string_view name) const {
  if (Contains(names_, name)) return true;
  return name.starts_with(kRenamedPrefix) && Contains(names_, name.substr(kRenamedPrefix.size()));
}

bool LocalityAnalysis::SingleUnit(const ShardSet& shards) const {
  return std::all_of(shards.begin(), shards.end(), [&](int shard) {
    return unit_[static_cast<size_t>(shard)] == unit_[static_cast<size_t>(shards.front())];
  });
}

bool LocalityAnalysis::Distinguishes(const NameSet& names, const ShardSet& shards) const {
  std::map<std::vector<std::string_view>, int> unit_of;  // by values of `names`
  for (const int shard : shards) {
    const auto index = static_cast<size_t>(shard);
    std::vector<std::string_view> values;
    values.reserve(names.size());
    for (const std::string& name : names)
      values.push_back(topology_.shards[index].labels.Get(name));
    const auto [known, is_new] = unit_of.try_emplace(std::move(values), unit_[index]);
    if (!is_new && known->second != unit_[index]) return false;
  }
  return true;
}

const Placement& LocalityAnalysis::Of(const Expr& expr) {
  if (const auto found = known_.find(&expr); found != known_.end()) return found->second;
  Placement placement = Compute(expr);
  return known_.insert_or_assign(&expr, std::move(placement)).first->second;
}

Placement LocalityAnalysis::Compute(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kNumber:
    case ExprKind::kString: {
      Placement constant;
      constant.exact = true;
      return constant;
    }
    case ExprKind::kVectorSelector:
      return OfSelector(As<VectorSelector>(expr));
    case ExprKind::kMatrixSelector:
      return Of(*As<MatrixSelector>(expr).selector);
    case ExprKind::kSubquery: {
      Placement inner = Of(*As<Subquery>(expr).expr);
      if (!inner.has_data) return Inexact(inner, "a subquery over a constant has no place");
      return inner;
    }
    case ExprKind::kCall:
      return OfCall(As<Call>(expr));
    case ExprKind::kAggregate:
      return OfAggregate(As<Aggregate>(expr));
    case ExprKind::kBinary:
      return OfBinary(As<Binary>(expr));
    case ExprKind::kUnary:
      return Of(*As<Unary>(expr).expr);
    case ExprKind::kParen:
      return Of(*As<Paren>(expr).expr);
    case ExprKind::kStepInvariant:
      return Of(*As<StepInvariant>(expr).expr);
    case ExprKind::kFetched: {
      Placement fetched = Of(*As<Fetched>(expr).original);
      return Inexact(fetched, "already fetched");
    }
  }
  return {};
}

Placement LocalityAnalysis::OfSelector(const VectorSelector& selector) {
  Placement out;
  out.has_data = true;
  bool ours = false;
  for (size_t i = 0; i < topology_.shards.size(); ++i) {
    if (own_ != nullptr && static_cast<int>(i) == own_->shard) {
      ours = own_->may_hold(selector.matchers);
      if (ours) out.shards.push_back(own_->shard);
      continue;
    }
    const Labels& labels = topology_.shards[i].labels;
    const bool possible = std::all_of(
        selector.matchers.begin(), selector.matchers.end(),
        [&](const Matcher& m) { return !Contains(names_, m.name()) || m.Matches(labels); });
    if (possible) out.shards.push_back(static_cast<int>(i));
  }
  out.all_shards = out.shards;
  out.tags = names_;
  if (ours) return Inexact(std::move(out), "series recorded here keep their own labels");
  out.exact = Distinguishes(out.tags, out.shards);
  if (!out.exact) out.reason = "shards without labels that tell them apart";
  if (selector.time.moves || selector.until_ms) {
    return Inexact(std::move(out), "its time moves with the steps of the aggregation around it");
  }
  return out;
}

Placement LocalityAnalysis::WithScalars(const Placement& vector, const Placement& scalar) {
  Placement out = JoinData(vector, scalar);
  out.shards = vector.shards;
  out.tags = vector.tags;
  out.exact = vector.exact && scalar.exact;
  if (out.exact && scalar.has_data && !SingleUnit(out.all_shards)) {
    return Inexact(std::move(out), "a scalar made of series elsewhere");
  }
  return out;
}

Placement LocalityAnalysis::OfCall(const Call& call) {
  const Function& function = *call.function;
  Placement scalars, data;
  scalars.exact = true;
  int vectors = 0;
  for (const ExprPtr& arg : call.args) {
    const Placement& placement = Of(*arg);
    const ValueType type = TypeOf(*arg);
    if (type == ValueType::kVector || type == ValueType::kMatrix) {
      data = ++vectors == 1 ? placement : JoinData(data, placement);
    } else {
      Placement joined = JoinData(scalars, placement);
      joined.exact =
          scalars.exact && placement.exact && (!joined.has_data || SingleUnit(joined.all_shards));
      scalars = std::move(joined);
    }
  }
  // A tree that Preprocess has not seen may leave out which info series there are: any.
  if (function.id == FunctionId::kInfo && vectors == 1) {
    data = JoinData(data, OfSelector(VectorSelector()));
    ++vectors;
  }
  if (vectors == 0) {
    if (function.returns == ValueType::kScalar) return scalars;
    return Inexact(scalars, "a value without series has no place");
  }
  if (vectors > 1) return Inexact(data, "joins series by rules of its own");
  Placement out = WithScalars(data, scalars);
  if (!out.exact) return out;
  switch (function.locality) {
    case FunctionLocality::kPerSeries:
      return out;
    case FunctionLocality::kPerGroup:
      if (Touches(kBucketLabel)) return Inexact(std::move(out), "le is a topology label");
      return out;
    case FunctionLocality::kWholeInput:
      // scalar() of one place is that place's; order and absence need everything.
      if (function.id == FunctionId::kScalar && SingleUnit(out.all_shards)) {
        out.tags.clear();
        return out;
      }
      return Inexact(std::move(out), "depends on which series exist anywhere");
    case FunctionLocality::kNoInput:
      return Inexact(std::move(out), "a value without series has no place");
    case FunctionLocality::kRelabels:
      return OfRelabelling(call, std::move(out));
  }
  return out;
}

Placement LocalityAnalysis::OfRelabelling(const Call& call, Placement placement) {
  // label_replace(v, dst, replacement, src, regex); label_join(v, dst, separator, src...).
  for (size_t i = 1; i < call.args.size(); ++i) {
    const bool names_label =
        i == 1 || (call.function->id == FunctionId::kLabelReplace ? i == 3 : i >= 3);
    if (!names_label) continue;
    const Expr& arg = Unwrap(*call.args[i]);
    if (arg.kind != ExprKind::kString || Touches(As<StringLiteral>(arg).value)) {
      placement.relabels = true;
      return Inexact(std::move(placement), "reads or writes a topology label");
    }
  }
  return placement;
}

Placement LocalityAnalysis::OfAggregate(const Aggregate& aggregate) {
  Placement out = Of(*aggregate.expr);
  NameSet grouping = aggregate.grouping;
  if (aggregate.param != nullptr) {
    out = WithScalars(out, Of(*aggregate.param));
    if (aggregate.op == AggregateOp::kCountValues) {
      const Expr& label = Unwrap(*aggregate.param);
      if (label.kind != ExprKind::kString || Touches(As<StringLiteral>(label).value)) {
        out.relabels = true;
        return Inexact(std::move(out), "writes a topology label");
      }
    }
  }
  if (!out.exact) return out;
  grouping = ToNameSet(std::move(grouping));
  const NameSet kept =
      aggregate.without ? Difference(out.tags, grouping) : Intersection(out.tags, grouping);
  const bool distinct = Distinguishes(kept, out.shards);
  if (!SelectsSamples(aggregate.op)) out.tags = kept;
  if (!out.has_data) return Inexact(std::move(out), "a value without series has no place");
  if (!distinct) return Inexact(std::move(out), "groups reach across places");
  return out;
}

Placement LocalityAnalysis::OfBinary(const Binary& binary) {
  const Placement& lhs = Of(*binary.lhs);
  const Placement& rhs = Of(*binary.rhs);
  const bool left_vector = TypeOf(*binary.lhs) == ValueType::kVector;
  const bool right_vector = TypeOf(*binary.rhs) == ValueType::kVector;
  if (left_vector && right_vector) return OfVectors(binary, lhs, rhs);
  if (left_vector) return WithScalars(lhs, rhs);
  if (right_vector) return WithScalars(rhs, lhs);
  Placement out = JoinData(lhs, rhs);
  out.exact = lhs.exact && rhs.exact && (!out.has_data || SingleUnit(out.all_shards));
  if (!out.exact && out.reason.empty()) out.reason = "scalars made of series of several places";
  return out;
}

Placement LocalityAnalysis::OfVectors(const Binary& binary, const Placement& lhs,
                                      const Placement& rhs) {
  Placement out = JoinData(lhs, rhs);
  if (!lhs.exact || !rhs.exact) return out;
  if (!lhs.has_data || !rhs.has_data) {
    return Inexact(std::move(out), "a value without series has no place");
  }
  const VectorMatching matching = binary.matching.value_or(VectorMatching{});
  if (matching.fill_left || matching.fill_right) {
    return Inexact(std::move(out), "fill depends on which series exist anywhere");
  }
  const NameSet listed = ToNameSet(matching.labels);
  const auto key = [&](const NameSet& tags) {
    return matching.on ? Intersection(tags, listed) : Difference(tags, listed);
  };
  const NameSet match = key(lhs.tags);
  if (match != key(rhs.tags)) {
    return Inexact(std::move(out), "sides carry different topology labels into the match");
  }
  if (!Distinguishes(match, Union(lhs.shards, rhs.shards))) {
    return Inexact(std::move(out), "matches reach across places");
  }
  if (IsSetOperator(binary.op)) {
    out.tags = lhs.tags;
    if (binary.op == BinaryOp::kOr && lhs.tags != rhs.tags) {
      return Inexact(std::move(out), "sides carry different topology labels");
    }
    if (binary.op == BinaryOp::kAnd) out.shards = Intersection(lhs.shards, rhs.shards);
    if (binary.op == BinaryOp::kUnless) out.shards = lhs.shards;
  } else {
    out.shards = Intersection(lhs.shards, rhs.shards);
    const bool many_left = matching.cardinality == MatchCardinality::kManyToOne;
    const bool many_right = matching.cardinality == MatchCardinality::kOneToMany;
    out.tags = match;
    if (many_left || many_right) {
      out.tags = many_left ? lhs.tags : rhs.tags;
      const NameSet include = ToNameSet(matching.include);
      const NameSet copied = Intersection(include, many_left ? rhs.tags : lhs.tags);
      out.tags = Union(Difference(out.tags, include), copied);
    }
  }
  out.exact = Distinguishes(out.tags, out.shards);
  if (!out.exact) out.reason = "the result loses the labels that tell places apart";
  return out;
}

Locality LocalityOf(const Expr& expr, const Topology& topology) {
  for (const Locality level : {Locality::kShard, Locality::kRegion}) {
    LocalityAnalysis analysis(topology, level);
    const Placement& placement = analysis.Of(expr);
    // What reads no series is true everywhere: said once.
    if (placement.all_shards.empty()) return Locality::kGlobal;
    // All series in one place: even what depends on the whole input is decided there.
    const bool pinned = analysis.SingleUnit(placement.all_shards) && !placement.relabels;
    if (placement.exact || pinned) return level;
  }
  return Locality::kGlobal;
}

}  // namespace synoptic::promql
