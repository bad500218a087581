// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// API answers whose `data` is a list: of strings (label names, label values) or of label sets
// (series); and any answer whose `data` is passed on as text. Decoded and checked as they arrive.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "aggregator/upstream/api_sink.h"
#include "aggregator/upstream/json_stream.h"
#include "aggregator/upstream/label_rules.h"
#include "aggregator/upstream/label_text_writer.h"
#include "base/budget.h"

namespace synoptic::aggregator {

// The envelope {"status", "data", "warnings", ...} around a `data` that a derived class reads.
class EnvelopeDecoder : public ApiSink {
 public:
  const std::vector<std::string>& warnings() const { return warnings_; }
  const std::vector<std::string>& infos() const { return infos_; }

 protected:
  using Event = JsonStream::Event;
  // Every event of `data`, the first with `depth` 0.
  virtual absl::Status OnDataEvent(Event event, int depth, std::string_view text) = 0;
  virtual absl::Status OnSuccess() = 0;
  // Before the next event of `data`: what may be taken from the stream in larger pieces.
  virtual absl::Status TakeAhead(JsonStream& /*stream*/) { return absl::OkStatus(); }
  // The bytes as they arrive, for who passes them on.
  absl::Status OnBody(std::string_view data) override;
  absl::Status OnEnd() final;
  // Of the event at hand: the bytes that came before its end.
  int64_t offset() const { return stream_.offset(); }
  int64_t data_key_end() const { return data_key_end_; }

 private:
  enum class At : uint8_t { kStart, kKey, kString, kNotesStart, kNotes, kData, kSkip, kDone };
  absl::Status Drain();
  absl::Status On(Event event);
  absl::Status OnKey(Event event);
  absl::Status OnNotes(Event event);
  absl::Status OnNested(Event event);

  JsonStream stream_;
  At at_ = At::kStart;
  uint32_t seen_ = 0;
  int64_t data_key_end_ = -1;
  std::string* string_target_ = nullptr;
  std::vector<std::string>* notes_target_ = nullptr;
  std::string status_, error_type_, error_;
  std::vector<std::string> warnings_, infos_;
};

class StringListDecoder final : public EnvelopeDecoder {
 public:
  explicit StringListDecoder(MemoryBudget* budget) : held_(budget), room_(budget) {}
  std::vector<std::string> Take() { return std::move(items_); }

 private:
  absl::Status OnDataEvent(Event event, int depth, std::string_view text) override;
  absl::Status OnSuccess() override;
  Reservation held_;  // while decoding
  Reservation room_;
  std::vector<std::string> items_;
};

class LabelSetListDecoder final : public EnvelopeDecoder {
 public:
  // Charged while it decodes: what the caller keeps it charges itself.
  LabelSetListDecoder(const LabelRules& rules, MemoryBudget* budget) : writer_(rules, budget) {}
  // Sorted, each once.
  LabelTexts Take() { return std::move(writer_.sets()); }

 private:
  absl::Status OnDataEvent(Event event, int depth, std::string_view text) override;
  absl::Status OnSuccess() override;
  absl::Status TakeAhead(JsonStream& stream) override;
  absl::Status AddSet();

  LabelTextWriter writer_;
  std::vector<std::pair<std::string, std::string>> pairs_;  // of the set at hand
  JsonStream::Object object_;                               // the same, come as a whole
};

// `data` as text, checked to be JSON.
class DocumentDecoder final : public EnvelopeDecoder {
 public:
  explicit DocumentDecoder(int64_t max_bytes) : max_bytes_(max_bytes) {}
  std::string Take() { return std::move(data_); }

 private:
  absl::Status OnBody(std::string_view data) override;
  absl::Status OnDataEvent(Event event, int depth, std::string_view text) override;
  absl::Status OnSuccess() override;
  absl::Status OnNoContent() override;
  // A server without that endpoint (no rules, no exemplars) is none the worse for it.
  absl::Status OnRefused(absl::Status status) override;

  const int64_t max_bytes_;
  int64_t end_ = -1;
  std::string body_;
  std::string data_;
};

}  // namespace synoptic::aggregator
