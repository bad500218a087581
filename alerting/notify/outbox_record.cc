// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/notify/outbox_record.h"

#include "alerting/rule/stored_state.h"
#include "base/status.h"
#include "xxhash.h"

namespace synoptic::alerting {
namespace {

std::string KeyOf(const std::string& receiver, const promql::Labels& labels, bool firing) {
  return fmt::format("{:016x}{:016x}{}", XXH64(receiver.data(), receiver.size(), 0), labels.Hash(),
                     firing ? "f" : "r");
}

}  // namespace

// The name, a line break, the alert as JSON: names of receivers have no line breaks.
Record WaitingRecord(const std::string& receiver, const OutgoingAlert& alert) {
  return {RecordKind::kOutbox, KeyOf(receiver, alert.labels, alert.firing()),
          receiver + '\n' + EncodeOutgoing(alert)};
}

Record AcceptedRecord(const std::string& receiver, const promql::Labels& labels, bool firing) {
  return {RecordKind::kOutbox, KeyOf(receiver, labels, firing), ""};
}

absl::StatusOr<std::pair<std::string, OutgoingAlert>> ReadWaiting(const Record& record) {
  const size_t end = record.body.find('\n');
  if (end == std::string::npos) return InvalidArgument("no receiver");
  ASSIGN_OR_RETURN(OutgoingAlert alert,
                   DecodeOutgoing(std::string_view(record.body).substr(end + 1)));
  return std::pair(record.body.substr(0, end), std::move(alert));
}

}  // namespace synoptic::alerting
