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

void LabelTextWriter::LookAtNames(const Members& members) {
  final_ = members.size() <= kMaxLabelsPerSeries;
  places_.clear();
  std::string_view last;
  for (size_t i = 0; i < members.size() && final_; ++i) {
    const std::string_view name = members[i].key;
    final_ = name > last && name.size() <= kMaxLabelNameBytes && !rules_.IsTopologyName(name) &&
             !rules_.IsReplicaLabel(name);
    while (places_.size() < own_.size() && rules_.own()[places_.size()].name < name) {
      places_.push_back(i);
    }
    last = name;
  }
  places_.resize(own_.size(), members.size());
}

absl::StatusOr<bool> LabelTextWriter::AddPlain(const JsonStream::Object& object) {
  const Members& members = object.members;
  if (object.keys != names_) {
    LookAtNames(members);
    names_ = object.keys;
  }
  if (!final_) return false;
  for (const JsonStream::Member& member : members) {
    if (member.value.empty() || member.value.size() > kMaxLabelValueBytes) return false;
  }
  const char* run = members.front().key.data() - 1;  // its quote
  const char* const end = members.back().value.data() + members.back().value.size() + 1;
  RETURN_IF_ERROR(MakeRoom(static_cast<size_t>(end - run) + own_bytes_ + 3));
  sets_.Begin();
  std::string_view before = "{";
  // Runs of labels between ours are copied as they came.
  for (size_t own = 0; own < own_.size(); ++own) {
    const size_t place = places_[own];
    const char* const stop = place == members.size() ? end + 1 : members[place].key.data() - 1;
    if (run != stop) {
      sets_.Append(std::exchange(before, ","));
      sets_.Append({run, static_cast<size_t>(stop - 1 - run)});  // without its comma
      run = stop;
    }
    sets_.Append(std::exchange(before, ","));
    sets_.Append(own_[own]);
  }
  if (run < end) {
    sets_.Append(before);
    sets_.Append({run, static_cast<size_t>(end - run)});
  }
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

// Twice what there was, so that it is seldom; at first more, so that a list of some thousand is not
// copied over and over.
absl::Status LabelTextWriter::MakeRoom(size_t text_bytes) {
  constexpr size_t kFirstText = 4096, kFirstSets = 32, kLongText = 128 << 10;
  const size_t times = sets_.text_capacity() < kLongText ? 8 : 2;
  const size_t text = sets_.text().size() + text_bytes;
  const bool text_fits = text <= sets_.text_capacity();
  const bool set_fits = sets_.size() < sets_.set_capacity();
  if (text_fits && set_fits) return absl::OkStatus();
  const size_t text_wanted = text_fits
                                 ? sets_.text_capacity()
                                 : std::max({text, times * sets_.text_capacity(), kFirstText});
  const size_t sets_wanted =
      set_fits ? sets_.set_capacity() : std::max(2 * sets_.set_capacity(), kFirstSets);
  Reservation larger = held_.Sibling();
  RETURN_IF_ERROR(larger.Grow(LabelTexts::BytesFor(text_wanted, sets_wanted)));
  sets_.Reserve(text_wanted, sets_wanted);
  held_ = std::move(larger);
  return absl::OkStatus();
}

}  // namespace synoptic::aggregator
