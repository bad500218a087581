// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What an outbox keeps on disk: one record for each receiver and alert that waits.
#pragma once

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "alerting/rule/outgoing_alert.h"
#include "alerting/store/record.h"

namespace synoptic::alerting {

Record WaitingRecord(const std::string& receiver, const OutgoingAlert& alert);
// `firing` tells an alert's beginning from its end: both may wait.
Record AcceptedRecord(const std::string& receiver, const promql::Labels& labels, bool firing);
// The receiver's name and the alert.
absl::StatusOr<std::pair<std::string, OutgoingAlert>> ReadWaiting(const Record& record);

}  // namespace synoptic::alerting
