// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Template text to tree.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "alerting/template/node.h"
#include "alerting/template/template.h"

namespace synoptic::alerting {

// InvalidArgument names the line and what was found.
absl::StatusOr<ParsedTemplate> ParseTemplate(std::string_view text, const TemplateLimits& limits);

}  // namespace synoptic::alerting
