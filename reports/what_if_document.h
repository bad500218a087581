// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What-if answers for people and for programs.
#pragma once

#include <string>

#include "reports/capacity_desk.h"
#include "reports/document.h"
#include "reports/what_if.h"

namespace synoptic::reports {

// "FITS", "DOES_NOT_FIT" or "UNKNOWN".
std::string_view FitName(domain::Verdict verdict);

// At most `max_pools` pools, the tightest first; the text says how many there were.
Document WhatIfDocument(const CapacitySpec& spec, const CapacityInputs& inputs,
                        const WhatIf& answer, size_t max_pools = 40);

// Everything, as the API's data.
std::string WhatIfJson(const CapacitySpec& spec, const CapacityInputs& inputs,
                       const WhatIf& answer);

// `us-east-1, eu-west-1`; "nothing" for none.
std::string LostText(const CapacitySpec& spec, const Scenario& scenario);

}  // namespace synoptic::reports
