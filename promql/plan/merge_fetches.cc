// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "promql/plan/rule.h"

namespace synoptic::promql {
namespace {

std::string Quoted(std::string_view text) { return absl::StrCat(text.size(), ":", ToAbsl(text)); }

std::string KeyOf(const std::vector<Matcher>& matchers) {
  std::string key;
  for (const Matcher& m : matchers) {
    absl::StrAppend(&key, Quoted(m.name()), static_cast<int>(m.op()), Quoted(m.value()));
  }
  return key;
}

// Fetches with equal keys ask for the same series (kRaw) or the same answer (kSteps).
std::string KeyOf(const Fetch& fetch) {
  std::string key = absl::StrCat(static_cast<int>(fetch.form), "|");
  for (const int shard : fetch.shards) absl::StrAppend(&key, shard, ",");
  if (fetch.form == Fetch::Form::kRaw) {
    absl::StrAppend(&key, "|", KeyOf(fetch.matchers), "|", KeyOf(fetch.residual), "|",
                    KeyOf(fetch.own_matchers));
    return key;
  }
  absl::StrAppend(&key, "|", fetch.grid.start, ",", fetch.grid.end, ",", fetch.grid.step, "|",
                  fetch.lookback_ms, "|", Quoted(fetch.text));
  for (const std::string& text : fetch.shard_texts) absl::StrAppend(&key, "|", Quoted(text));
  for (const std::string& label : fetch.strip_labels) absl::StrAppend(&key, "|", Quoted(label));
  return key;
}

// Windows that touch are read once; far ones (offset 1w) stay apart.
bool Touch(const Fetch& a, const Fetch& b) {
  return a.min_t <= b.max_t + 1 && b.min_t <= a.max_t + 1;
}

void Absorb(Fetch& into, const Fetch& from) {
  into.partial_sums = into.partial_sums || from.partial_sums;
  into.min_t = std::min(into.min_t, from.min_t);
  into.max_t = std::max(into.max_t, from.max_t);
  const bool same_hints = into.hint_func == from.hint_func &&
                          into.hint_step_ms == from.hint_step_ms &&
                          into.hint_range_ms == from.hint_range_ms;
  if (!same_hints) {
    into.hint_func.clear();
    into.hint_step_ms = into.hint_range_ms = 0;
  }
}

void Renumber(Expr& expr, const std::vector<int>& new_id) {
  if (expr.kind == ExprKind::kFetched) {
    As<Fetched>(expr).fetch_id = new_id[static_cast<size_t>(As<Fetched>(expr).fetch_id)];
    return;
  }
  if (expr.kind == ExprKind::kVectorSelector) {
    int& id = As<VectorSelector>(expr).fetch_id;
    if (id >= 0) id = new_id[static_cast<size_t>(id)];
  }
  for (Expr* child : Children(expr)) Renumber(*child, new_id);
}

}  // namespace

void MergeFetches(Plan& plan) {
  std::map<std::string, std::vector<size_t>> by_key;  // indexes into `kept`
  std::vector<Fetch> kept;
  std::vector<int> new_id;
  // In order of windows, so that a chain of touching windows ends as one.
  std::vector<size_t> order(plan.fetches.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::pair(plan.fetches[a].min_t, a) < std::pair(plan.fetches[b].min_t, b);
  });
  new_id.resize(order.size());
  for (const size_t i : order) {
    Fetch& fetch = plan.fetches[i];
    std::vector<size_t>& same = by_key[KeyOf(fetch)];
    const bool joins =
        !same.empty() && (fetch.form == Fetch::Form::kSteps || Touch(kept[same.back()], fetch));
    if (joins) {
      Absorb(kept[same.back()], fetch);
    } else {
      same.push_back(kept.size());
      kept.push_back(std::move(fetch));
    }
    new_id[i] = static_cast<int>(same.back());
  }
  // Number in order of first use, so that plans read from top to bottom.
  std::vector<int> final_id(kept.size(), -1);
  std::vector<Fetch> fetches;
  for (int& id : new_id) {
    int& target = final_id[static_cast<size_t>(id)];
    if (target < 0) {
      target = static_cast<int>(fetches.size());
      fetches.push_back(std::move(kept[static_cast<size_t>(id)]));
      fetches.back().id = target;
    }
    id = target;
  }
  plan.fetches = std::move(fetches);
  if (plan.root != nullptr) Renumber(*plan.root, new_id);
}

}  // namespace synoptic::promql
