// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/bounds/last_seen.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "alerting/bounds/units.h"
#include "base/status.h"
#include "domain/replication/lag.h"
#include "domain/verdict/freshness.h"
#include "promql/parse/parser.h"

namespace synoptic::alerting {
namespace {

double Seconds(int64_t ms) { return static_cast<double>(ms) / 1000; }

promql::Labels WithoutName(const promql::Labels& labels) {
  return promql::LabelsBuilder(labels).DeleteMetadata().Build();
}

const promql::Expr* LeafExpr(const LeafPlan& plan, size_t index) {
  for (const auto& [expr, at] : plan.at) {
    if (at == index) return expr;
  }
  return nullptr;
}

}  // namespace

std::string Basis::Words(int64_t now_ms) const {
  std::string words;
  if (lag) words = "lags grow by at most 1 s/s";
  if (change) {
    if (lag) words += ", ";
    words += "values change no faster than in the hour before";
  }
  return words + fmt::format(" and the series are those of {} s ago",
                             static_cast<int64_t>(std::round(Seconds(now_ms - seen_ms))));
}

LastSeen::LastSeen(const promql::Expr& tree, std::shared_ptr<const promql::Topology> world,
                   Assumptions assumptions)
    : world_(std::move(world)) {
  // With everything dark, the leaves are those of any part's darkness.
  promql::ShardSet all(world_->shards.size());
  std::iota(all.begin(), all.end(), 0);
  const LeafPlan plan = PlanLeaves(promql::Clone(tree), *world_, all);
  for (size_t i = 0; i < plan.leaves.size(); ++i) {
    const Leaf& leaf = plan.leaves[i];
    const promql::Expr* expr = LeafExpr(plan, i);
    if (leaf.presence || expr == nullptr || inputs_.contains(leaf.text)) continue;
    Input input;
    input.leaf = leaf;
    // The text, not the node: of a share, the region's labels are in it.
    const auto asked = promql::ParseExpr(leaf.text);
    std::string oldest;
    if (const auto lag = asked.ok() ? AsLag(**asked) : std::nullopt; lag && assumptions.lag) {
      input.lag = true;
      input.per_second = lag->per_second;
      oldest = lag->oldest_sample;
    }
    input.change = assumptions.change && !input.lag && leaf.finite && ChangesSteadily(*expr);
    if (!input.lag && !input.change) continue;
    input.question = questions_.size();
    questions_.push_back(leaf.text);
    if (input.lag) {
      input.oldest_question = questions_.size();
      questions_.push_back(std::move(oldest));
    }
    inputs_.emplace(leaf.text, std::move(input));
  }
}

void LastSeen::Track::See(int64_t before_ms, int64_t time_ms, double v) {
  if (time_ms - now.since_ms >= kLearnMs / 2) before = std::exchange(now, Stretch{time_ms});
  ++now.changes;
  now.fastest = std::max(now.fastest, std::fabs(v - value) / Seconds(time_ms - before_ms));
  value = v;
}

void LastSeen::LearnInput(int64_t time_ms, const LeafAnswer& answer, const LeafAnswer* oldest,
                          Input& input) {
  std::map<promql::Labels, double> times;
  if (oldest != nullptr) {
    for (const auto& [labels, at] : oldest->elements) times.emplace(WithoutName(labels), at);
  }
  for (const LeafUnit& unit : UnitsOf(input.leaf, *world_)) {
    const bool unseen =
        unit.Unseen(answer.missing) || (oldest != nullptr && unit.Unseen(oldest->missing));
    if (!unit.told_apart || unseen) continue;
    Unit& known = input.units[unit.shards.front()];
    if (time_ms <= known.seen_ms) continue;
    std::map<promql::Labels, Track> elements;
    for (const auto& [labels, value] : answer.elements) {
      if (!unit.kind.CanBe(labels) || elements.size() >= kMostElements) continue;
      Track& track = elements[labels];
      track.now.since_ms = time_ms;
      track.value = value;
      if (const auto it = known.elements.find(labels); it != known.elements.end()) {
        track = it->second;
        track.See(known.seen_ms, time_ms, value);
      }
      const auto at = times.find(WithoutName(labels));
      track.sample_ms = at == times.end() ? 0 : static_cast<int64_t>(at->second * 1000);
    }
    known.elements = std::move(elements);
    known.seen_ms = time_ms;
  }
}

void LastSeen::Learn(int64_t time_ms, const std::vector<LeafAnswer>& answers) {
  for (auto& [text, input] : inputs_) {
    const LeafAnswer& answer = answers[input.question];
    const LeafAnswer* oldest = input.lag ? &answers[input.oldest_question] : nullptr;
    if (!answer.usable || (oldest != nullptr && !oldest->usable)) continue;
    LearnInput(time_ms, answer, oldest, input);
  }
}

bool LastSeen::Grown(const Input& input, const Unit& unit, int64_t time_ms, Basis& basis,
                     std::vector<std::pair<promql::Labels, BoundedValue>>& elements) const {
  if (unit.elements.empty() || unit.elements.size() >= kMostElements) return false;
  for (const auto& [labels, track] : unit.elements) {
    absl::StatusOr<domain::Interval> bounds = absl::UnknownError("not known");
    if (input.lag) {
      // Below zero it says that it is broken, and without its sample's time, not how old it is.
      if (!std::isfinite(track.value) || track.value < 0 || track.sample_ms == 0) return false;
      const double unseen_s = Seconds(std::max<int64_t>(0, time_ms - track.sample_ms));
      bounds = domain::UnseenLag(track.value / input.per_second, unseen_s);
      if (bounds.ok()) bounds = domain::Interval{0, bounds->hi * input.per_second};
    } else {
      const double fastest = std::max(track.now.fastest, track.before.fastest);
      // What never moved is a state: it says nothing about when it will.
      if (!std::isfinite(track.value) || !std::isfinite(fastest) || fastest == 0 ||
          track.now.changes + track.before.changes < kFewestChanges) {
        return false;
      }
      const double room = fastest * Seconds(time_ms - unit.seen_ms);
      bounds = domain::MakeInterval(track.value - room, track.value + room);
      if (input.leaf.nonnegative) {
        bounds =
            domain::UnseenPending(track.value, Seconds(time_ms - unit.seen_ms), fastest, fastest);
      }
    }
    if (!bounds.ok() || !std::isfinite(bounds->hi)) return false;
    BoundedValue value = BoundedValue::Between(bounds->lo, bounds->hi).Widened();
    if (bounds->lo == 0) value.lo = 0;
    elements.emplace_back(labels, value);
  }
  (input.lag ? basis.lag : basis.change) = true;
  if (basis.seen_ms == 0 || unit.seen_ms < basis.seen_ms) basis.seen_ms = unit.seen_ms;
  return true;
}

Basis LastSeen::Amend(const LeafPlan& plan, int64_t time_ms,
                      std::vector<LeafAnswer>& answers) const {
  Basis basis;
  for (size_t i = 0; i < plan.leaves.size(); ++i) {
    const auto known = inputs_.find(plan.leaves[i].text);
    if (known == inputs_.end()) continue;
    const Input& input = known->second;
    for (const LeafUnit& unit : UnitsOf(plan.leaves[i], *world_)) {
      const auto seen = input.units.find(unit.shards.front());
      if (!unit.Unseen(answers[i].missing) || seen == input.units.end()) continue;
      const auto fresh =
          domain::Classify({Seconds(time_ms), Seconds(seen->second.seen_ms)}, 0, Seconds(kHoldMs));
      if (!fresh.ok() || *fresh == domain::Freshness::kBlind) continue;
      std::vector<std::pair<promql::Labels, BoundedValue>> elements;
      if (!Grown(input, seen->second, time_ms, basis, elements)) continue;
      answers[i].assumed[unit.shards.front()] = std::move(elements);
    }
  }
  return basis;
}

}  // namespace synoptic::alerting
