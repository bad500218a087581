// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "alerting/bounds/operations.h"

namespace synoptic::alerting {
namespace {

using domain::Verdict;
using promql::AggregateOp;

constexpr double kInf = std::numeric_limits<double>::infinity();

// Inputs of one group.
struct Group {
  promql::Labels labels;
  std::vector<const PartialElement*> elements;  // none that is certainly not there
};

promql::Labels KeyOf(const promql::Labels& labels, const Grouping& grouping) {
  return grouping.without ? promql::DropLabels(labels, grouping.names)
                          : promql::KeepLabels(labels, grouping.names);
}

bool Keeps(const Grouping& grouping, std::string_view name) {
  if (name == promql::kMetricName && grouping.without) return false;
  return promql::Contains(grouping.names, name) != grouping.without;
}

// An open kind as it is after grouping: of its groups, not of its elements.
OpenKind Grouped(const OpenKind& open, const Grouping& grouping) {
  OpenKind out;
  for (const auto& [name, value] : open.fixed) {
    out.fixed[name] = Keeps(grouping, name) ? value : "";
  }
  if (grouping.without) {
    for (const std::string& name : grouping.names) out.fixed[name] = "";
    out.fixed[std::string(promql::kMetricName)] = "";
    if (open.only) out.only = promql::Difference(*open.only, grouping.names);
  } else {
    out.only = open.only ? promql::Intersection(*open.only, grouping.names) : grouping.names;
  }
  return out;
}

// At most one element of the kind falls into any one group.
bool OneAGroup(const OpenKind& open, const Grouping& grouping) {
  if (!open.only) return false;
  return std::all_of(open.only->begin(), open.only->end(), [&](const std::string& name) {
    return open.fixed.contains(name) || Keeps(grouping, name);
  });
}

// All labels of the kind are known: it is one group.
std::optional<promql::Labels> TheGroup(const OpenKind& grouped) {
  if (!grouped.only) return std::nullopt;
  std::vector<std::pair<std::string, std::string>> labels;
  for (const std::string& name : *grouped.only) {
    const auto it = grouped.fixed.find(name);
    if (it == grouped.fixed.end()) return std::nullopt;
    labels.emplace_back(name, it->second);
  }
  return promql::Labels::From(std::move(labels));
}

// Adds up what a group may be made of.
class Bounds {
 public:
  explicit Bounds(AggregateOp op) : op_(op) {}

  void Add(const BoundedValue& value, Verdict present) {
    if (present == Verdict::kTrue) ++certain_;
    ++possible_;
    if (value.exact && std::isnan(value.lo)) {
      has_nan_ = true;
      return;
    }
    if (value.nan || (value.exact && std::isinf(value.lo))) odd_ = true;
    least_ = std::min(least_, value.lo);
    greatest_ = std::max(greatest_, value.hi);
    const bool there = present == Verdict::kTrue;
    if (there) {
      ++solid_;
      least_high_ = std::min(least_high_, value.hi);
      greatest_low_ = std::max(greatest_low_, value.lo);
    }
    exact_ = exact_ && there && value.exact;
    sum_lo_ += there ? value.lo : std::min(0.0, value.lo);
    sum_hi_ += there ? value.hi : std::max(0.0, value.hi);
    magnitude_ += std::max(std::fabs(value.lo), std::fabs(value.hi));
  }
  // Any number of elements, or at most one.
  void AddOpen(const BoundedValue& value, bool one) {
    exact_ = false;
    open_ = true;
    if (value.nan) odd_ = true;
    least_ = std::min(least_, value.lo);
    greatest_ = std::max(greatest_, value.hi);
    if (value.lo < 0) sum_lo_ += one ? value.lo : -kInf;
    if (value.hi > 0) sum_hi_ += one ? value.hi : kInf;
    possible_ += one ? 1 : kInf;
  }
  // Something is there in any case, though none of its parts need be.
  BoundedValue OfNonEmpty() const {
    if (possible_ == 0) return BoundedValue::Anything();
    const bool from_nothing = certain_ == 0;
    switch (op_) {
      case AggregateOp::kGroup:
        return BoundedValue::Exactly(1);
      case AggregateOp::kCount:
        return Count();
      default:
        break;
    }
    if (odd_ || (has_nan_ && op_ != AggregateOp::kMin && op_ != AggregateOp::kMax)) {
      return BoundedValue::Anything();
    }
    if (has_nan_ && solid_ == 0) return BoundedValue::Anything();
    switch (op_) {
      case AggregateOp::kSum:
        return Sum(from_nothing);
      case AggregateOp::kMin:
        return Between(least_, from_nothing ? greatest_ : least_high_);
      case AggregateOp::kMax:
        return Between(from_nothing ? least_ : greatest_low_, greatest_);
      case AggregateOp::kAvg:
        return BoundedValue::Between(least_, greatest_).Widened();
      case AggregateOp::kStddev:
      case AggregateOp::kStdvar: {
        BoundedValue spread = BoundedValue::NonNegative();
        spread.nan = true;
        return spread;
      }
      case AggregateOp::kQuantile:
        return BoundedValue::Between(least_, greatest_).Widened();
      default:
        return BoundedValue::Anything();
    }
  }

 private:
  BoundedValue Between(double lo, double hi) const {
    return exact_ && lo == hi ? BoundedValue::Exactly(lo) : BoundedValue::Between(lo, hi);
  }
  BoundedValue Count() const {
    const double least = std::max(1.0, static_cast<double>(certain_));
    return least == possible_ ? BoundedValue::Exactly(least)
                              : BoundedValue::Between(least, std::max(least, possible_));
  }
  BoundedValue Sum(bool from_nothing) const {
    // One share is the region's own sum, bit for bit; whole numbers add up the same in any order.
    if (exact_ && solid_ == 1) return BoundedValue::Exactly(sum_lo_);
    const bool whole = std::floor(sum_lo_) == sum_lo_ && magnitude_ < 9e15;
    if (exact_ && whole && least_ >= 0 && std::floor(least_) == least_ && whole_) {
      return BoundedValue::Exactly(sum_lo_);
    }
    // What is there, if nothing certain is, is at least the least of what there can be.
    const double lo = from_nothing && least_ > 0 ? least_ : sum_lo_;
    BoundedValue sum = BoundedValue::Between(lo, sum_hi_);
    const double room = std::isfinite(magnitude_) ? magnitude_ * 1e-12 : 0;
    // Whole numbers (counts) add up exactly, and what else there may be takes nothing off them: a
    // count of two is at least two, whatever the order of addition.
    const bool exact_low = whole_ && least_ >= 0 && magnitude_ < 9e15;
    if (!exact_low) sum.lo -= room;
    sum.hi += room;
    if (least_ >= 0) sum.lo = std::max(sum.lo, 0.0);
    return open_ && !std::isfinite(magnitude_) ? sum.Widened() : sum;
  }

 public:
  // All values so far are whole numbers.
  void NoteWhole(const BoundedValue& value) {
    whole_ = whole_ && value.exact && std::floor(value.lo) == value.lo;
  }

 private:
  const AggregateOp op_;
  int64_t certain_ = 0;  // elements that are there
  int64_t solid_ = 0;    // of them, with a number
  double possible_ = 0;  // elements that may be there
  double least_ = kInf, greatest_ = -kInf;
  double least_high_ = kInf, greatest_low_ = -kInf;
  double sum_lo_ = 0, sum_hi_ = 0, magnitude_ = 0;
  bool exact_ = true, open_ = false, has_nan_ = false, odd_ = false, whole_ = true;
};

PartialElement Combine(AggregateOp op, const Grouping& grouping, const PartialVector& input,
                       const Group& group) {
  Bounds bounds(op);
  PartialElement out;
  out.labels = group.labels;
  out.present = Verdict::kFalse;
  for (const PartialElement* element : group.elements) {
    bounds.Add(element->value, element->present);
    bounds.NoteWhole(element->value);
    out.present = domain::Or(out.present, element->present);
  }
  for (const OpenKind& open : input.open) {
    if (!Grouped(open, grouping).CanBe(group.labels)) continue;
    bounds.AddOpen(open.value, OneAGroup(open, grouping));
    out.present = domain::Or(out.present, Verdict::kUnknown);
  }
  out.value = bounds.OfNonEmpty();
  return out;
}

}  // namespace

PartialVector AggregateBounds(AggregateOp op, const Grouping& grouping,
                              const PartialVector& input) {
  std::map<promql::Labels, Group> groups;
  for (const PartialElement& element : input.elements) {
    const promql::Labels key = KeyOf(element.labels, grouping);
    Group& group = groups[key];
    group.labels = key;
    if (element.present != Verdict::kFalse) group.elements.push_back(&element);
  }
  PartialVector out;
  Bounds unseen(op);  // a group of which nothing is seen
  for (const OpenKind& open : input.open) {
    OpenKind kind = Grouped(open, grouping);
    if (const auto labels = TheGroup(kind)) {
      groups[*labels].labels = *labels;
    } else {
      out.open.push_back(std::move(kind));
    }
    unseen.AddOpen(open.value, OneAGroup(open, grouping));
  }
  for (OpenKind& kind : out.open) kind.value = unseen.OfNonEmpty();
  for (const auto& [labels, group] : groups) {
    out.elements.push_back(Combine(op, grouping, input, group));
  }
  return out;
}

}  // namespace synoptic::alerting
