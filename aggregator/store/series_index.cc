// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/store/series_index.h"

#include <algorithm>
#include <optional>

namespace synoptic::aggregator {
namespace {

// Two hash tables, and a number in a list for each label.
int64_t CostOf(const promql::Labels& labels) {
  return static_cast<int64_t>(labels.MemoryBytes() + 64 + labels.size() * 2 * sizeof(SeriesId));
}

bool MatchesAll(const std::vector<promql::Matcher>& matchers, const promql::Labels& labels) {
  return std::all_of(matchers.begin(), matchers.end(),
                     [&](const promql::Matcher& matcher) { return matcher.Matches(labels); });
}

}  // namespace

void SeriesIndex::Add(SeriesId id, const promql::Labels& labels) {
  labels_.emplace(id, labels);
  ids_.emplace(labels, id);
  for (const promql::Label label : labels) {
    auto name = postings_.find(label.name);
    if (name == postings_.end()) name = postings_.emplace(std::string(label.name), Values()).first;
    auto value = name->second.find(label.value);
    if (value == name->second.end()) {
      value = name->second.emplace(std::string(label.value), Postings()).first;
    }
    Postings& list = value->second;
    list.insert(std::upper_bound(list.begin(), list.end(), id), id);
  }
  memory_bytes_ += CostOf(labels);
}

void SeriesIndex::Remove(SeriesId id) {
  const auto known = labels_.find(id);
  if (known == labels_.end()) return;
  for (const promql::Label label : known->second) {
    const auto name = postings_.find(label.name);
    const auto value = name->second.find(label.value);
    std::erase(value->second, id);
    if (value->second.empty()) name->second.erase(value);
    if (name->second.empty()) postings_.erase(name);
  }
  memory_bytes_ -= CostOf(known->second);
  ids_.erase(known->second);
  labels_.erase(known);
}

SeriesId SeriesIndex::Find(const promql::Labels& labels) const {
  const auto found = ids_.find(labels);
  return found == ids_.end() ? 0 : found->second;
}

bool SeriesIndex::Candidates(const std::vector<promql::Matcher>& matchers, Postings& out) const {
  bool bounded = false;
  for (const promql::Matcher& matcher : matchers) {
    if (matcher.MatchesEmpty()) continue;  // also matches series without the label
    const auto name = postings_.find(matcher.name());
    Postings list;
    if (name != postings_.end()) {
      const auto take = [&list](const Postings& more) {
        list.insert(list.end(), more.begin(), more.end());
      };
      if (matcher.op() == promql::MatchOp::kEqual) {
        const auto value = name->second.find(matcher.value());
        if (value != name->second.end()) take(value->second);
      } else if (matcher.op() == promql::MatchOp::kRegex && !matcher.Words().empty()) {
        for (const std::string& word : matcher.Words()) {
          const auto value = name->second.find(word);
          if (value != name->second.end()) take(value->second);
        }
      } else {
        for (const auto& [value, more] : name->second) {
          if (matcher.Matches(value)) take(more);
        }
      }
    }
    if (!bounded || list.size() < out.size()) out = std::move(list);
    bounded = true;
    if (out.empty()) break;
  }
  return bounded;
}

std::vector<SeriesId> SeriesIndex::Match(const std::vector<promql::Matcher>& matchers) const {
  Postings out;
  if (!Candidates(matchers, out)) {
    out.reserve(labels_.size());
    for (const auto& [id, labels] : labels_) out.push_back(id);
  }
  std::erase_if(out, [&](SeriesId id) { return !MatchesAll(matchers, labels_.at(id)); });
  std::sort(out.begin(), out.end());
  return out;
}

bool SeriesIndex::MatchesAny(const std::vector<promql::Matcher>& matchers) const {
  for (const promql::Matcher& matcher : matchers) {
    if (matcher.op() != promql::MatchOp::kEqual || matcher.value().empty()) continue;
    const auto name = postings_.find(matcher.name());
    if (name == postings_.end() || !name->second.contains(matcher.value())) return false;
  }
  Postings candidates;
  if (!Candidates(matchers, candidates)) {
    return std::any_of(labels_.begin(), labels_.end(),
                       [&](const auto& one) { return MatchesAll(matchers, one.second); });
  }
  return std::any_of(candidates.begin(), candidates.end(),
                     [&](SeriesId id) { return MatchesAll(matchers, labels_.at(id)); });
}

}  // namespace synoptic::aggregator
