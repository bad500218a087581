// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "alerting/bounds/operations.h"

namespace synoptic::alerting {
namespace {

using domain::Verdict;
using promql::Binary;
using promql::MatchCardinality;
using promql::NameSet;

// By which labels elements of two sides belong together.
struct Signature {
  NameSet names;
  bool on = false;

  bool Counts(std::string_view name) const {
    if (on) return promql::Contains(names, name);
    return name != promql::kMetricName && !promql::Contains(names, name);
  }
  promql::Labels Of(const promql::Labels& labels) const {
    return on ? promql::KeepLabels(labels, names) : promql::DropLabels(labels, names);
  }
  bool CanMatch(const promql::Labels& labels, const OpenKind& open) const {
    for (const auto& [name, value] : open.fixed) {
      if (Counts(name) && labels.Get(name) != value) return false;
    }
    if (!open.only) return true;
    for (const promql::Label label : labels) {
      if (Counts(label.name) && !open.CanHave(label.name)) return false;
    }
    return true;
  }
  bool CanMatch(const OpenKind& a, const OpenKind& b) const {
    for (const auto& [name, value] : a.fixed) {
      if (!Counts(name)) continue;
      const auto it = b.fixed.find(name);
      if (it != b.fixed.end() && it->second != value) return false;
      if (!value.empty() && !b.CanHave(name)) return false;
    }
    return std::all_of(b.fixed.begin(), b.fixed.end(), [&](const auto& entry) {
      return !Counts(entry.first) || entry.second.empty() || a.CanHave(entry.first);
    });
  }
};

using Index = std::multimap<promql::Labels, const PartialElement*>;

Index IndexOf(const Signature& signature, const PartialVector& vector) {
  Index index;
  for (const PartialElement& element : vector.elements) {
    if (element.present == Verdict::kFalse) continue;
    index.emplace(signature.Of(element.labels), &element);
  }
  return index;
}

bool OpenCanMatch(const Signature& signature, const promql::Labels& labels,
                  const PartialVector& side) {
  return std::any_of(side.open.begin(), side.open.end(),
                     [&](const OpenKind& open) { return signature.CanMatch(labels, open); });
}

// Whether an element with these labels has a partner on the other side.
Verdict HasPartner(const Signature& signature, const promql::Labels& labels, const Index& index,
                   const PartialVector& side) {
  Verdict found = Verdict::kFalse;
  const auto [begin, end] = index.equal_range(signature.Of(labels));
  for (auto it = begin; it != end; ++it) found = domain::Or(found, it->second->present);
  if (OpenCanMatch(signature, labels, side)) found = domain::Or(found, Verdict::kUnknown);
  return found;
}

bool KindCanMatch(const Signature& signature, const OpenKind& kind, const PartialVector& side) {
  const bool listed =
      std::any_of(side.elements.begin(), side.elements.end(), [&](const PartialElement& element) {
        return element.present != Verdict::kFalse && signature.CanMatch(element.labels, kind);
      });
  return listed || std::any_of(side.open.begin(), side.open.end(), [&](const OpenKind& open) {
           return signature.CanMatch(kind, open);
         });
}

PartialVector Restrict(const Binary& binary, const Signature& signature, const PartialVector& lhs,
                       const PartialVector& rhs) {
  const bool unless = binary.op == promql::BinaryOp::kUnless;
  const Index index = IndexOf(signature, rhs);
  PartialVector out;
  for (PartialElement element : lhs.elements) {
    const Verdict partner = HasPartner(signature, element.labels, index, rhs);
    element.present = domain::And(element.present, unless ? domain::Not(partner) : partner);
    out.elements.push_back(std::move(element));
  }
  for (const OpenKind& open : lhs.open) {
    if (unless || KindCanMatch(signature, open, rhs)) out.open.push_back(open);
  }
  return out;
}

// What `other` may add under labels that are listed here.
void MayAlsoBe(const PartialVector& other, PartialElement& element) {
  for (const OpenKind& open : other.open) {
    if (!open.CanBe(element.labels)) continue;
    element.value =
        element.present == Verdict::kFalse ? open.value : element.value.Hull(open.value);
    element.present = domain::Or(element.present, Verdict::kUnknown);
  }
}

PartialVector Either(const Signature& signature, const PartialVector& lhs,
                     const PartialVector& rhs) {
  const Index index = IndexOf(signature, lhs);
  std::map<promql::Labels, PartialElement> merged;
  for (PartialElement element : lhs.elements) {
    MayAlsoBe(rhs, element);
    merged.emplace(element.labels, element);
  }
  for (PartialElement element : rhs.elements) {
    const Verdict hidden = HasPartner(signature, element.labels, index, lhs);
    element.present = domain::And(element.present, domain::Not(hidden));
    MayAlsoBe(lhs, element);
    const auto [it, inserted] = merged.emplace(element.labels, element);
    if (inserted || element.present == Verdict::kFalse) continue;
    PartialElement& both = it->second;
    both.value = both.present == Verdict::kFalse ? element.value : both.value.Hull(element.value);
    both.present = domain::Or(both.present, element.present);
  }
  PartialVector out;
  for (auto& [labels, element] : merged) out.elements.push_back(std::move(element));
  out.open = lhs.open;
  out.open.insert(out.open.end(), rhs.open.begin(), rhs.open.end());
  return out;
}

// One result of an operator: the value, and whether a filter lets it through.
struct Outcome {
  BoundedValue value;
  Verdict kept = Verdict::kTrue;
};

BoundedValue TruthValue(Verdict verdict) {
  if (verdict == Verdict::kUnknown) return BoundedValue::Between(0, 1);
  return BoundedValue::Exactly(verdict == Verdict::kTrue ? 1 : 0);
}

Outcome Operate(const Binary& binary, const BoundedValue& a, const BoundedValue& b) {
  if (!promql::IsComparison(binary.op))
    return {promql::IsSetOperator(binary.op) ? BoundedValue::Anything()
                                             : Arithmetic(binary.op, a, b)};
  const Verdict holds = CompareValues(binary.op, a, b);
  if (binary.return_bool) return {TruthValue(holds)};
  return {a, holds};
}

// Arithmetic and comparisons between vectors: `many` is the side whose labels stay.
class Matching {
 public:
  Matching(const Binary& binary, const PartialVector& lhs, const PartialVector& rhs)
      : binary_(binary),
        match_(*binary.matching),
        signature_{promql::ToNameSet(match_.labels), match_.on},
        swapped_(match_.cardinality == MatchCardinality::kOneToMany),
        many_(swapped_ ? rhs : lhs),
        one_(swapped_ ? lhs : rhs) {}

  PartialVector Run() {
    const Index index = IndexOf(signature_, one_);
    std::map<promql::Labels, PartialElement> merged;
    for (const PartialElement& element : many_.elements) {
      const auto [begin, end] = index.equal_range(signature_.Of(element.labels));
      if (begin != end && std::next(begin) != end) return PartialVector::Anything();
      const PartialElement* partner = begin == end ? nullptr : begin->second;
      PartialElement result = Join(element, partner);
      const auto [it, inserted] = merged.emplace(result.labels, result);
      if (inserted || result.present == Verdict::kFalse) continue;
      // Two with equal labels: with all data at most one of them can be.
      if (it->second.present != Verdict::kFalse) return PartialVector::Anything();
      it->second = std::move(result);
    }
    PartialVector out;
    for (auto& [labels, element] : merged) out.elements.push_back(std::move(element));
    for (const OpenKind& open : many_.open) AddOpen(open, out);
    return out;
  }

 private:
  bool one_to_one() const { return match_.cardinality == MatchCardinality::kOneToOne; }

  Outcome OperateOn(const BoundedValue& many, const BoundedValue& one) const {
    return swapped_ ? Operate(binary_, one, many) : Operate(binary_, many, one);
  }

  promql::Labels ResultLabels(const PartialElement& element, const PartialElement* partner) const {
    promql::LabelsBuilder labels(one_to_one() ? signature_.Of(element.labels) : element.labels);
    if (promql::IsComparison(binary_.op) && !binary_.return_bool) {
      if (one_to_one() && !match_.on) {
        labels.Set(promql::kMetricName, element.labels.Get(promql::kMetricName));
      }
    } else {
      labels.DeleteMetadata();
    }
    for (const std::string& name : match_.include) {
      labels.Set(name, partner == nullptr ? "" : partner->labels.Get(name));
    }
    return labels.Build();
  }

  PartialElement Join(const PartialElement& element, const PartialElement* partner) const {
    PartialElement out;
    out.labels = ResultLabels(element, partner);
    out.present = Verdict::kFalse;
    std::optional<BoundedValue> value;
    const auto add = [&](const BoundedValue& other, Verdict there) {
      const Outcome outcome = OperateOn(element.value, other);
      value = value ? value->Hull(outcome.value) : outcome.value;
      out.present = domain::Or(out.present, domain::And(there, outcome.kept));
    };
    if (partner != nullptr) add(partner->value, partner->present);
    bool open_partner = false;
    for (const OpenKind& open : one_.open) {
      if (!signature_.CanMatch(element.labels, open)) continue;
      open_partner = true;
      add(open.value, Verdict::kUnknown);
    }
    // With a second partner there would be an error in its place.
    if (open_partner) out.present = domain::And(out.present, Verdict::kUnknown);
    out.present = domain::And(out.present, element.present);
    out.value = value.value_or(BoundedValue::Anything());
    // Another of its own side that nobody sees may take its place, or be an error beside it.
    if (value && MayBeAnother(element)) {
      out.present = Verdict::kUnknown;
      out.value = BoundedValue::Anything();
    }
    // Labels taken from a partner that nobody sees are not known.
    if (open_partner && !match_.include.empty()) out.value = BoundedValue::Anything();
    return out;
  }

  bool MayBeAnother(const PartialElement& element) const {
    if (one_to_one()) return OpenCanMatch(signature_, element.labels, many_);
    return std::any_of(many_.open.begin(), many_.open.end(), [&](const OpenKind& open) {
      return open.CanHave(promql::kMetricName) && signature_.CanMatch(element.labels, open);
    });
  }

  void AddOpen(const OpenKind& open, PartialVector& out) const {
    std::optional<BoundedValue> value;
    Verdict kept = Verdict::kFalse;
    const auto add = [&](const BoundedValue& other) {
      const Outcome outcome = OperateOn(open.value, other);
      value = value ? value->Hull(outcome.value) : outcome.value;
      kept = domain::Or(kept, outcome.kept);
    };
    for (const PartialElement& element : one_.elements) {
      if (element.present != Verdict::kFalse && signature_.CanMatch(element.labels, open)) {
        add(element.value);
      }
    }
    for (const OpenKind& other : one_.open) {
      if (signature_.CanMatch(open, other)) add(other.value);
    }
    if (!value || kept == Verdict::kFalse) return;
    OpenKind kind;
    kind.value = *value;
    for (const auto& [name, fixed] : open.fixed) {
      const bool stays = !one_to_one() || signature_.Counts(name) || name == promql::kMetricName;
      kind.fixed[name] = stays ? fixed : "";
    }
    if (one_to_one()) {
      if (match_.on) {
        kind.only = signature_.names;
      } else {
        for (const std::string& name : signature_.names) kind.fixed[name] = "";
      }
    }
    kind.fixed.erase(std::string(promql::kMetricName));
    for (const std::string& name : match_.include) kind.fixed.erase(name);
    out.open.push_back(std::move(kind));
  }

  const Binary& binary_;
  const promql::VectorMatching& match_;
  const Signature signature_;
  const bool swapped_;
  const PartialVector& many_;
  const PartialVector& one_;
};

}  // namespace

PartialVector MatchVectors(const Binary& binary, const PartialVector& lhs,
                           const PartialVector& rhs) {
  const promql::VectorMatching& matching = *binary.matching;
  if (matching.fill_left || matching.fill_right) return PartialVector::Anything();
  const Signature signature{promql::ToNameSet(matching.labels), matching.on};
  switch (binary.op) {
    case promql::BinaryOp::kAnd:
    case promql::BinaryOp::kUnless:
      return Restrict(binary, signature, lhs, rhs);
    case promql::BinaryOp::kOr:
      return Either(signature, lhs, rhs);
    default:
      return Matching(binary, lhs, rhs).Run();
  }
}

void LoseName(const PartialVector& vector, PartialElement& element) {
  element.labels = promql::LabelsBuilder(element.labels).DeleteMetadata().Build();
  for (const OpenKind& open : vector.open) {
    // One of another name may get its labels.
    if (element.present == Verdict::kTrue || !open.CanHave(promql::kMetricName)) continue;
    OpenKind nameless = open;
    nameless.fixed.erase(std::string(promql::kMetricName));
    if (!nameless.CanBe(element.labels)) continue;
    element.present = Verdict::kUnknown;
    element.value = BoundedValue::Anything();
  }
}

bool HasTwins(const PartialVector& vector) {
  std::map<promql::Labels, int> seen;
  return std::any_of(vector.elements.begin(), vector.elements.end(),
                     [&seen](const PartialElement& element) { return ++seen[element.labels] > 1; });
}

PartialVector WithScalar(const Binary& binary, const PartialVector& vector,
                         const BoundedValue& scalar, bool scalar_left) {
  const bool filter = promql::IsComparison(binary.op) && !binary.return_bool;
  const auto operate = [&](const BoundedValue& value) {
    Outcome outcome = scalar_left ? Operate(binary, scalar, value) : Operate(binary, value, scalar);
    if (filter) outcome.value = value;  // a filter keeps the series' value, on whichever side
    return outcome;
  };
  PartialVector out;
  for (PartialElement element : vector.elements) {
    const Outcome outcome = operate(element.value);
    element.present = domain::And(element.present, outcome.kept);
    element.value = outcome.value;
    if (!filter) LoseName(vector, element);
    out.elements.push_back(std::move(element));
  }
  if (!filter && HasTwins(out)) return PartialVector::Anything();
  for (OpenKind open : vector.open) {
    const Outcome outcome = operate(open.value);
    if (outcome.kept == Verdict::kFalse) continue;
    open.value = outcome.value;
    if (!filter) open.fixed[std::string(promql::kMetricName)] = "";
    out.open.push_back(std::move(open));
  }
  return out;
}

}  // namespace synoptic::alerting
