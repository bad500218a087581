// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/notes.h"

#include <algorithm>
#include <vector>

#include "base/civil.h"
#include "base/go_format.h"
#include "fmt/format.h"
#include "promql/eval/stable_sort.h"

namespace synoptic::promql::internal {
namespace {

constexpr std::string_view kMonotonicityText =
    "PromQL info: input to histogram_quantile needed to be fixed for monotonicity (see "
    "https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)";

std::string Rfc3339(int64_t ms) { return IsoText(CivilOf(ms / 1000)) + "Z"; }

// %.2g as Go prints it: an exponent has at least two digits, which printf shares.
std::string TwoDigits(double v) { return fmt::format("{:.2g}", v); }

std::string RepairDetails(const MonotonicityRepair& repair) {
  return fmt::format(
      ", from buckets {} to {}, with a max diff of {}, over {} samples from {} to {}",
      GoFloatG(repair.min_bucket), GoFloatG(repair.max_bucket), TwoDigits(repair.max_difference),
      repair.count, Rfc3339(repair.min_t), Rfc3339(repair.max_t));
}

}  // namespace

void Notes::Merge(std::string_view text, const Note& more) {
  const auto it = notes_.find(text);
  if (it == notes_.end()) {
    notes_.emplace(std::string(text), more);
    return;
  }
  Note& note = it->second;
  // Of notes that add up the first in the tree keeps its position, of others the last.
  const bool adds_up = more.repair.count > 0 || more.overlaps > 0;
  if (adds_up ? more.order < note.order : more.order >= note.order) {
    note.order = more.order;
    note.pos = more.pos;
  }
  note.overlaps += more.overlaps;
  if (more.repair.count == 0) return;
  note.repair.min_t = std::min(note.repair.min_t, more.repair.min_t);
  note.repair.max_t = std::max(note.repair.max_t, more.repair.max_t);
  note.repair.min_bucket = std::min(note.repair.min_bucket, more.repair.min_bucket);
  note.repair.max_bucket = std::max(note.repair.max_bucket, more.repair.max_bucket);
  note.repair.max_difference = std::max(note.repair.max_difference, more.repair.max_difference);
  note.repair.count += more.repair.count;
}

void Notes::Add(bool warning, int order, std::string_view text, PosRange pos) {
  Merge(text, Note{warning, order, pos, {}, 0});
}

void Notes::Monotonicity(int order, std::string_view metric_name, PosRange pos,
                         const MonotonicityRepair& repair) {
  std::string text(kMonotonicityText);
  if (!metric_name.empty()) text += fmt::format(" for metric name {}", GoQuote(metric_name));
  Merge(text, Note{false, order, pos, repair, 0});
}

void Notes::StartTimeOverlap(int order, std::string_view metric_name, PosRange pos, int64_t count) {
  const std::string text = fmt::format(
      "PromQL warning: sample has start time that overlaps with previous sample timestamp for "
      "metric {}",
      GoQuote(metric_name));
  Merge(text, Note{true, order, pos, {}, count});
}

void Notes::Repeat(const Notes& other, int order_shift, int pos_shift) {
  for (const auto& [text, told] : other.notes_) {
    Note again = told;
    again.order += order_shift;
    again.pos.start += pos_shift;
    again.pos.end += pos_shift;
    Merge(text, again);
  }
}

Annotations Notes::Render(std::string_view query) const {
  if (notes_.empty()) return {};
  using Entry = std::pair<const std::string, Note>;
  std::vector<const Entry*> entries;
  entries.reserve(notes_.size());
  for (const Entry& entry : notes_) entries.push_back(&entry);
  if (entries.size() > 1) {
    StableSort(entries,
               [](const Entry* a, const Entry* b) { return a->second.order < b->second.order; });
  }
  Annotations out;
  for (const Entry* entry : entries) {
    const Note& note = entry->second;
    std::string text = entry->first;
    if (!query.empty()) {
      if (note.repair.count > 0) text += RepairDetails(note.repair);
      if (note.overlaps > 1) text += fmt::format(" ({} occurrences)", note.overlaps);
      text = WithPosition(text, query, note.pos);
    }
    if (note.warning) {
      out.AddWarning(std::move(text));
    } else {
      out.AddInfo(std::move(text));
    }
  }
  return out;
}

}  // namespace synoptic::promql::internal
