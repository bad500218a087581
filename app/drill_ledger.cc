// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/drill_ledger.h"

#include <algorithm>

#include "base/log.h"
#include "base/status.h"
#include "simdjson.h"

namespace synoptic::app {

using alerting::RecordKind;
using reports::Drill;

absl::StatusOr<Drill> ParseDrill(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(simdjson::padded_string(json)).get(object) != simdjson::SUCCESS) {
    return InvalidArgument("not a drill's record");
  }
  Drill drill;
  for (const auto& [key, text] : {std::pair("id", &drill.id),
                                  {"kind", &drill.kind},
                                  {"from", &drill.from},
                                  {"to", &drill.to}}) {
    std::string_view value;
    if (object[key].get(value) == simdjson::SUCCESS) *text = value;
  }
  for (const auto& [key, at] : {std::pair("fault_ms", &drill.fault_ms),
                                {"detected_ms", &drill.detected_ms},
                                {"decided_ms", &drill.decided_ms},
                                {"shift_start_ms", &drill.shift_start_ms},
                                {"shift_end_ms", &drill.shift_end_ms},
                                {"recovered_ms", &drill.recovered_ms},
                                {"finished_ms", &drill.finished_ms}}) {
    double value = 0;
    if (object[key].get(value) == simdjson::SUCCESS) *at = static_cast<int64_t>(value);
  }
  for (const auto& [key, number] : {std::pair("rpo_s", &drill.rpo_s),
                                    {"budget_spent", &drill.budget_spent},
                                    {"predicted_rto_s", &drill.predicted_rto_s}}) {
    double value = 0;
    if (object[key].get(value) == simdjson::SUCCESS) *number = value;
  }
  (void)object["planned"].get(drill.planned);
  simdjson::dom::array budget;
  if (object["budget"].get(budget) == simdjson::SUCCESS) {
    for (const auto& part : budget) {
      std::string_view objective, region;
      double share = 0;
      if (part["objective"].get(objective) != simdjson::SUCCESS ||
          part["region"].get(region) != simdjson::SUCCESS ||
          part["share"].get(share) != simdjson::SUCCESS) {
        continue;
      }
      drill.budget.push_back({std::string(objective), std::string(region), share});
    }
  }
  simdjson::dom::object notes;
  if (object["notes"].get(notes) == simdjson::SUCCESS) {
    for (const auto& field : notes) {
      std::string_view value;
      if (field.value.get(value) == simdjson::SUCCESS) drill.notes[std::string(field.key)] = value;
    }
  }
  if (drill.id.empty()) return InvalidArgument("a drill's record without id");
  return drill;
}

absl::Status DrillLedger::Open() {
  if (file_ != nullptr) return absl::OkStatus();
  auto opened = alerting::SqliteFile::Open(path_);
  if (!opened.ok()) return Annotate(opened.status(), path_);
  if (!opened->damage.empty()) log::Warn("the drill ledger was damaged", {{"how", opened->damage}});
  for (const alerting::Record& record : opened->records) {
    auto drill = ParseDrill(record.body);
    if (drill.ok()) drills_.push_back(*std::move(drill));
  }
  file_ = std::move(opened->file);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Drill>> DrillLedger::All() {
  RETURN_IF_ERROR(Open());
  std::sort(drills_.begin(), drills_.end(), [](const Drill& a, const Drill& b) {
    return std::pair(a.fault_ms, a.id) < std::pair(b.fault_ms, b.id);
  });
  return drills_;
}

absl::Status DrillLedger::Put(const Drill& drill) {
  RETURN_IF_ERROR(Open());
  RETURN_IF_ERROR(file_->Apply({{RecordKind::kDrill, drill.id, reports::DrillJson(drill)}}));
  std::erase_if(drills_, [&](const Drill& other) { return other.id == drill.id; });
  drills_.push_back(drill);
  return absl::OkStatus();
}

}  // namespace synoptic::app
