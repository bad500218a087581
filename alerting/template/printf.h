// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Go's fmt.Sprintf over template values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "alerting/template/value.h"

namespace synoptic::alerting {

// Verbs v s q d x f F e g t c %, with flags, width and precision. Mistakes print as in Go
// (%!d(string=x), %!v(MISSING), %!(EXTRA ...)); width and precision are capped at 1,000.
std::string GoSprintf(std::string_view format, const std::vector<Value>& args);

}  // namespace synoptic::alerting
