// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/missed_slots.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "base/strings.h"
#include "fmt/format.h"

namespace synoptic::app {
namespace {

constexpr char kPrefix[] = "missed/";
constexpr char kBetween = '\x1f';    // between the parts of a key
constexpr size_t kMostSpans = 1000;  // of one rule; the oldest are given up
constexpr int64_t kAtOnce = 500;
// While a span grows it is written now and then: a process that is killed forgets the last few.
constexpr int64_t kKeepEvery = 8;

std::string NoteKey(const std::tuple<std::string, std::string, std::string>& key) {
  const auto& [file, group, rule] = key;
  return fmt::format("{}{}{}{}{}{}", kPrefix, file, kBetween, group, kBetween, rule);
}

std::string NoteValue(const std::vector<MissedSlots::Span>& spans) {
  std::string out;
  for (const MissedSlots::Span& span : spans) {
    out += fmt::format("{},{},{};", span.from, span.to, span.interval_ms);
  }
  return out;
}

std::vector<MissedSlots::Span> SpansOf(const std::string& value) {
  std::vector<MissedSlots::Span> out;
  for (const absl::string_view part : absl::StrSplit(value, ';', absl::SkipEmpty())) {
    const std::vector<absl::string_view> numbers = absl::StrSplit(part, ',');
    MissedSlots::Span span;
    if (numbers.size() == 3 && absl::SimpleAtoi(numbers[0], &span.from) &&
        absl::SimpleAtoi(numbers[1], &span.to) && absl::SimpleAtoi(numbers[2], &span.interval_ms)) {
      out.push_back(span);
    }
  }
  return out;
}

}  // namespace

void MissedSlots::SetStore(std::shared_ptr<aggregator::SeriesStore> store) {
  absl::MutexLock lock(&mutex_);
  store_ = std::move(store);
  missed_.clear();
  if (store_ == nullptr) return;
  for (const auto& [note, value] : store_->Notes(kPrefix)) {
    const std::vector<std::string> parts =
        absl::StrSplit(note.substr(sizeof kPrefix - 1), kBetween);
    std::vector<Span> spans = SpansOf(value);
    if (parts.size() == 3 && !spans.empty()) {
      missed_[{parts[0], parts[1], parts[2]}] = std::move(spans);
    }
  }
}

void MissedSlots::Keep(const Key& key) {
  const auto spans = missed_.find(key);
  const bool none = spans == missed_.end() || spans->second.empty();
  if (store_ != nullptr) {
    // On a disk that fails it is remembered in memory.
    (none ? store_->EraseNote(NoteKey(key))
          : store_->PutNote(NoteKey(key), NoteValue(spans->second)))
        .IgnoreError();
  }
  if (none && spans != missed_.end()) missed_.erase(spans);
}

bool MissedSlots::AddLocked(const Key& key, const Span& span) {
  Spans& spans = missed_[key];
  if (!spans.empty()) {
    Span& last = spans.back();
    if (span.from >= last.from && span.to <= last.to && last.interval_ms == span.interval_ms) {
      return false;
    }
    // The next slot of the same grid.
    if (last.interval_ms == span.interval_ms && span.from == last.to + span.interval_ms) {
      last.to = span.to;
      return last.count() % kKeepEvery == 0;
    }
  }
  const auto at = std::upper_bound(spans.begin(), spans.end(), span,
                                   [](const Span& a, const Span& b) { return a.from < b.from; });
  spans.insert(at, span);
  if (spans.size() > kMostSpans) spans.erase(spans.begin());
  return true;
}

void MissedSlots::Add(const alerting::RecordOrigin& origin, int64_t time_ms) {
  AddSpan(origin, {time_ms, time_ms, std::max<int64_t>(1, origin.interval_ms)});
}

void MissedSlots::AddSpan(const alerting::RecordOrigin& origin, const Span& span) {
  absl::MutexLock lock(&mutex_);
  const Key key = {origin.file, origin.group, origin.rule};
  if (AddLocked(key, span)) Keep(key);
}

void MissedSlots::Done(const alerting::RecordOrigin& origin, const Span& span) {
  absl::MutexLock lock(&mutex_);
  const Key key = {origin.file, origin.group, origin.rule};
  const auto known = missed_.find(key);
  if (known == missed_.end()) return;
  Spans rest;
  for (const Span& one : known->second) {
    if (one.interval_ms != span.interval_ms || one.to < span.from || one.from > span.to) {
      rest.push_back(one);
      continue;
    }
    if (one.from < span.from)
      rest.push_back({one.from, span.from - one.interval_ms, one.interval_ms});
    if (one.to > span.to) rest.push_back({span.to + one.interval_ms, one.to, one.interval_ms});
  }
  known->second = std::move(rest);
  Keep(key);
}

std::vector<MissedSlots::Work> MissedSlots::Due(int64_t until_ms, size_t most) const {
  absl::MutexLock lock(&mutex_);
  std::vector<Work> out;
  for (const auto& [key, spans] : missed_) {
    if (spans.empty() || spans.front().from > until_ms) continue;
    Span span = spans.front();
    const int64_t slots = std::min(span.count(), (until_ms - span.from) / span.interval_ms + 1);
    span.to = span.from + (std::min(slots, kAtOnce) - 1) * span.interval_ms;
    const auto& [file, group, rule] = key;
    out.push_back({{file, group, rule, span.interval_ms}, span});
  }
  std::sort(out.begin(), out.end(),
            [](const Work& a, const Work& b) { return a.span.from < b.span.from; });
  if (out.size() > most) out.resize(most);
  return out;
}

void MissedSlots::DropBefore(int64_t time_ms) {
  absl::MutexLock lock(&mutex_);
  std::vector<Key> changed;
  for (auto& [key, spans] : missed_) {
    if (std::erase_if(spans, [&](const Span& span) { return span.to < time_ms; }) > 0) {
      changed.push_back(key);
    }
  }
  for (const Key& key : changed) Keep(key);
}

void MissedSlots::SetAside(const alerting::RecordOrigin& origin, std::optional<int64_t> from_ms) {
  absl::MutexLock lock(&mutex_);
  aside_.reset();
  if (from_ms) aside_.emplace(Key(origin.file, origin.group, origin.rule), *from_ms);
}

bool MissedSlots::MayLack(const std::vector<promql::Matcher>& matchers, int64_t min_t,
                          int64_t max_t, bool late) const {
  absl::MutexLock lock(&mutex_);
  for (const auto& [key, spans] : missed_) {
    const std::string& metric = std::get<2>(key);
    const bool other = std::any_of(matchers.begin(), matchers.end(), [&](const auto& matcher) {
      return matcher.name() == promql::kMetricName && !matcher.Matches(metric);
    });
    if (other) continue;
    const bool aside = late && aside_ && aside_->first == key;
    const int64_t until = aside ? std::min(max_t, aside_->second - 1) : max_t;
    if (std::any_of(spans.begin(), spans.end(),
                    [&](const Span& span) { return span.from <= until && span.to >= min_t; })) {
      return true;
    }
  }
  return false;
}

int64_t MissedSlots::count() const {
  absl::MutexLock lock(&mutex_);
  int64_t count = 0;
  for (const auto& [key, spans] : missed_) {
    for (const Span& span : spans) count += span.count();
  }
  return count;
}

}  // namespace synoptic::app
