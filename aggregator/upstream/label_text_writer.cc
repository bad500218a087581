// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/label_text_writer.h"

#include <algorithm>
#include <utility>

#include "aggregator/upstream/result_reader.h"
#include "base/json.h"
#include "base/status.h"

namespace synoptic::aggregator {

LabelTextWriter::LabelTextWriter(const LabelRules& rules, MemoryBudget* budget)
    : rules_(rules), held_(budget) {
  for (const promql::Label label : rules.own()) {
    std::string& text = own_.emplace_back();
    AppendJsonString(label.name, text);
    text += ':';
    AppendJsonString(label.value, text);
    own_bytes_ += text.size() + 1;
  }
}

bool LabelTextWriter::IsFinal(const std::vector<JsonStream::Member>& members) const {
  if (members.size() > kMaxLabelsPerSeries) return false;
  std::string_view last;
  for (const auto& [name, value] : members) {
    if (name <= last || name.size() > kMaxLabelNameBytes) return false;
    if (value.empty() || value.size() > kMaxLabelValueBytes) return false;
    if (rules_.IsTopologyName(name) || rules_.IsReplicaLabel(name)) return false;
    last = name;
  }
  return true;
}

absl::StatusOr<bool> LabelTextWriter::AddPlain(const std::vector<JsonStream::Member>& members) {
  if (!IsFinal(members)) return false;
  const char* run = members.front().key.data() - 1;  // its quote
  const char* const end = members.back().value.data() + members.back().value.size() + 1;
  RETURN_IF_ERROR(MakeRoom(static_cast<size_t>(end - run) + own_bytes_ + 3));
  sets_.Begin();
  size_t own = 0;
  std::string_view before = "{";
  const auto add_own = [&] {
    sets_.Append(std::exchange(before, ","));
    sets_.Append(own_[own++]);
  };
  // Runs of labels between ours are copied as they came.
  for (const JsonStream::Member& member : members) {
    if (own == own_.size()) break;
    if (rules_.own()[own].name > member.key) continue;
    if (const char* const stop = member.key.data() - 1; run != stop) {
      sets_.Append(std::exchange(before, ","));
      sets_.Append({run, static_cast<size_t>(stop - 1 - run)});  // without its comma
      run = stop;
    }
    while (own < own_.size() && rules_.own()[own].name < member.key) add_own();
  }
  sets_.Append(std::exchange(before, ","));
  sets_.Append({run, static_cast<size_t>(end - run)});
  while (own < own_.size()) add_own();
  sets_.Append("}");
  sets_.End();
  return true;
}

absl::Status LabelTextWriter::Add(std::span<const promql::Label> labels) {
  const promql::Labels set = rules_.Apply(labels);
  // What escaping may make of it.
  RETURN_IF_ERROR(MakeRoom(6 * set.MemoryBytes() + 3));
  sets_.Add(set);
  return absl::OkStatus();
}

// Twice what there was, so that it is seldom.
absl::Status LabelTextWriter::MakeRoom(size_t text_bytes) {
  constexpr size_t kFirstText = 4096, kFirstSets = 32;
  const size_t text = sets_.text().size() + text_bytes;
  const bool text_fits = text <= sets_.text_capacity();
  const bool set_fits = sets_.size() < sets_.set_capacity();
  if (text_fits && set_fits) return absl::OkStatus();
  const size_t text_wanted =
      text_fits ? sets_.text_capacity() : std::max({text, 2 * sets_.text_capacity(), kFirstText});
  const size_t sets_wanted =
      set_fits ? sets_.set_capacity() : std::max(2 * sets_.set_capacity(), kFirstSets);
  Reservation larger = held_.Sibling();
  RETURN_IF_ERROR(larger.Grow(LabelTexts::BytesFor(text_wanted, sets_wanted)));
  sets_.Reserve(text_wanted, sets_wanted);
  held_ = std::move(larger);
  return absl::OkStatus();
}

}  // namespace synoptic::aggregator
