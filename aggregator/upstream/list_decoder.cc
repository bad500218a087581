// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/list_decoder.h"

#include <algorithm>

#include "aggregator/upstream/malformed.h"
#include "aggregator/upstream/reason.h"
#include "aggregator/upstream/result_reader.h"
#include "aggregator/upstream/series_set.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic::aggregator {

absl::Status EnvelopeDecoder::OnBody(std::string_view data) {
  stream_.Feed(data);
  return Drain();
}

absl::Status EnvelopeDecoder::OnEnd() {
  stream_.Finish();
  RETURN_IF_ERROR(Drain());
  if (status_ == "error") return StatusOfApiError(200, error_type_, error_);
  if (status_ != "success") {
    return Malformed("status \"{}\": expected success or error", Shorten(status_));
  }
  return OnSuccess();
}

absl::Status EnvelopeDecoder::Drain() {
  while (true) {
    if (at_ == At::kData) RETURN_IF_ERROR(TakeAhead(stream_));
    const Event event = stream_.Next();
    if (event == Event::kMore || event == Event::kEnd) return absl::OkStatus();
    if (event == Event::kError) return stream_.status();
    RETURN_IF_ERROR(On(event));
  }
}

absl::Status EnvelopeDecoder::On(Event event) {
  switch (at_) {
    case At::kStart:
      if (event != Event::kObject) return Malformed("unexpected JSON: expected an object");
      at_ = At::kKey;
      return absl::OkStatus();
    case At::kKey:
      return OnKey(event);
    case At::kString:
      if (event != Event::kString) return Malformed("unexpected JSON: expected a string");
      *string_target_ = stream_.text();
      at_ = At::kKey;
      return absl::OkStatus();
    case At::kNotesStart:
    case At::kNotes:
      return OnNotes(event);
    case At::kData:
    case At::kSkip:
      return OnNested(event);
    case At::kDone:
      break;
  }
  return Malformed("unexpected JSON: expected nothing more");
}

absl::Status EnvelopeDecoder::OnKey(Event event) {
  if (event == Event::kObjectEnd) {
    at_ = At::kDone;
    return absl::OkStatus();
  }
  struct Known {
    std::string_view key;
    At at;
    std::string* string;
    std::vector<std::string>* notes;
  };
  const Known known[] = {
      {"status", At::kString, &status_, nullptr},
      {"errorType", At::kString, &error_type_, nullptr},
      {"error", At::kString, &error_, nullptr},
      {"warnings", At::kNotesStart, nullptr, &warnings_},
      {"infos", At::kNotesStart, nullptr, &infos_},
      {"data", At::kData, nullptr, nullptr},
  };
  at_ = At::kSkip;
  uint32_t bit = 1;
  for (const Known& one : known) {
    if (one.key == stream_.text()) {
      if ((seen_ & bit) != 0) return Malformed("key \"{}\" is given twice", one.key);
      seen_ |= bit;
      at_ = one.at;
      if (at_ == At::kData) data_key_end_ = stream_.offset();
      string_target_ = one.string;
      notes_target_ = one.notes;
    }
    bit <<= 1;
  }
  return absl::OkStatus();
}

absl::Status EnvelopeDecoder::OnNotes(Event event) {
  if (at_ == At::kNotesStart) {
    if (event != Event::kArray && event != Event::kNull) {
      return Malformed("unexpected JSON: expected a list of strings");
    }
    at_ = event == Event::kNull ? At::kKey : At::kNotes;
  } else if (event == Event::kArrayEnd) {
    at_ = At::kKey;
  } else if (event != Event::kString) {
    return Malformed("unexpected JSON: expected a string");
  } else if (notes_target_->size() < kMaxNotes) {
    notes_target_->push_back(Shorten(stream_.text()));
  }
  return absl::OkStatus();
}

absl::Status EnvelopeDecoder::OnNested(Event event) {
  const bool opens = event == Event::kObject || event == Event::kArray;
  if (at_ == At::kData) {
    // The envelope is depth 1; an opening event counts where it stands.
    const int depth = stream_.depth() - 1 - (opens ? 1 : 0);
    RETURN_IF_ERROR(OnDataEvent(event, depth, stream_.text()));
  }
  if (!opens && event != Event::kKey && stream_.depth() == 1) at_ = At::kKey;
  return absl::OkStatus();
}

absl::Status StringListDecoder::OnDataEvent(Event event, int depth, std::string_view text) {
  if (depth == 0) {
    if (event == Event::kArray || event == Event::kArrayEnd || event == Event::kNull) {
      return absl::OkStatus();
    }
  } else if (event == Event::kString) {
    if (text.size() > kMaxLabelValueBytes) return Malformed("a label value that is too long");
    RETURN_IF_ERROR(MakeRoom(items_, room_));
    items_.emplace_back(text);
    constexpr size_t kInside = 15;  // so many bytes a string holds without memory of its own
    const std::string& item = items_.back();
    return item.size() <= kInside ? absl::OkStatus()
                                  : held_.Grow(static_cast<int64_t>(item.capacity() + 1));
  }
  return Malformed("data: expected a list of strings");
}

absl::Status StringListDecoder::OnSuccess() {
  std::sort(items_.begin(), items_.end());
  items_.erase(std::unique(items_.begin(), items_.end()), items_.end());
  return absl::OkStatus();
}

absl::Status LabelSetListDecoder::TakeAhead(JsonStream& stream) {
  while (pairs_.empty() && stream.NextObject(&object_)) {
    ASSIGN_OR_RETURN(const bool added, writer_.AddPlain(object_));
    if (added) continue;
    for (const auto& [name, value] : object_.members) {
      RETURN_IF_ERROR(OnDataEvent(Event::kKey, 2, name));
      RETURN_IF_ERROR(OnDataEvent(Event::kString, 2, value));
    }
    RETURN_IF_ERROR(AddSet());
  }
  return absl::OkStatus();
}

absl::Status LabelSetListDecoder::OnDataEvent(Event event, int depth, std::string_view text) {
  switch (event) {
    case Event::kArray:
    case Event::kArrayEnd:
    case Event::kNull:
      if (depth == 0) return absl::OkStatus();
      break;
    case Event::kObject:
      if (depth == 1) return absl::OkStatus();
      break;
    case Event::kObjectEnd:
      return AddSet();
    case Event::kKey:
      if (text.empty() || text.size() > kMaxLabelNameBytes) break;
      if (pairs_.size() == kMaxLabelsPerSeries) {
        return Malformed("a series with more than {} labels", kMaxLabelsPerSeries);
      }
      pairs_.emplace_back(text, "");
      return absl::OkStatus();
    case Event::kString:
      if (depth != 2 || text.size() > kMaxLabelValueBytes) break;
      pairs_.back().second = text;
      return absl::OkStatus();
    default:
      break;
  }
  return Malformed("data: expected a list of label sets");
}

absl::Status LabelSetListDecoder::AddSet() {
  std::sort(pairs_.begin(), pairs_.end());
  std::vector<promql::Label> labels;
  for (const auto& [name, value] : pairs_) {
    if (!labels.empty() && labels.back().name == name) {
      return Malformed("label \"{}\" is given twice in one series", Shorten(name));
    }
    labels.push_back({name, value});
  }
  RETURN_IF_ERROR(writer_.Add(labels));
  pairs_.clear();
  return absl::OkStatus();
}

absl::Status LabelSetListDecoder::OnSuccess() {
  writer_.sets().MakeSet();
  return absl::OkStatus();
}

absl::Status DocumentDecoder::OnBody(std::string_view data) {
  if (static_cast<int64_t>(body_.size() + data.size()) > max_bytes_) {
    return MakeStatus(absl::StatusCode::kResourceExhausted, "an answer of more than {} bytes",
                      max_bytes_);
  }
  // All at once: where a string doubles, what it grew out of is there, too. Pages that nobody
  // writes to take no memory.
  constexpr size_t kSmall = 256 << 10;
  const size_t size = body_.size() + data.size();
  if (size > body_.capacity() && size > kSmall) body_.reserve(static_cast<size_t>(max_bytes_));
  body_ += data;
  return EnvelopeDecoder::OnBody(data);
}

absl::Status DocumentDecoder::OnDataEvent(Event /*event*/, int depth, std::string_view /*text*/) {
  if (depth == 0) end_ = offset();
  return absl::OkStatus();
}

absl::Status DocumentDecoder::OnSuccess() {
  data_ = "null";
  if (end_ < 0) return absl::OkStatus();
  // Between the key's end and the value's: a colon and white space, then the value.
  const size_t begin = body_.find_first_not_of(" \t\r\n:", static_cast<size_t>(data_key_end()));
  body_.resize(static_cast<size_t>(end_));
  body_.erase(0, begin);
  data_ = std::move(body_);
  return absl::OkStatus();
}

absl::Status DocumentDecoder::OnNoContent() {
  data_ = "null";
  return absl::OkStatus();
}

absl::Status DocumentDecoder::OnRefused(absl::Status status) {
  const int code = http_status();
  if (code != 404 && code != 405 && code != 501) return status;
  return WithReason(std::move(status), "unsupported");
}

}  // namespace synoptic::aggregator
